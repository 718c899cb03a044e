//! Measures of remaining-life estimates.

/// Root mean square error over pairs of estimate and truth. `None` without a pair.
pub fn rmse(estimates: &[f64], truth: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = estimates.iter().zip(truth).map(|(e, t)| (e - t).powi(2)).collect();
    if squares.is_empty() { None } else { Some(crate::quantile::mean(&squares).sqrt()) }
}

/// The PHM 2008 challenge's score, summed over pairs: `exp(-d / 13) - 1` for an estimate early by d = estimate - truth
/// < 0, `exp(d / 10) - 1` for a late one (Saxena et al., Damage Propagation Modeling, 2008). Lower is better.
pub fn phm08(estimates: &[f64], truth: &[f64]) -> f64 {
    let term = |d: f64| if d < 0.0 { (-d / 13.0).exp_m1() } else { (d / 10.0).exp_m1() };
    estimates.iter().zip(truth).map(|(e, t)| term(e - t)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_match_hand_computed_cases() {
        assert!(rmse(&[3.0, 0.0], &[0.0, 4.0]).is_some_and(|e| (e - 12.5f64.sqrt()).abs() < 1e-12));
        assert_eq!(rmse(&[], &[]), None);
    }

    #[test]
    fn late_estimates_cost_more_than_early_ones() {
        let e = std::f64::consts::E;
        assert!((phm08(&[10.0, 0.0], &[0.0, 13.0]) - 2.0 * (e - 1.0)).abs() < 1e-12);
        assert!(phm08(&[5.0], &[0.0]) > phm08(&[0.0], &[5.0]));
    }
}
