//! Order statistics and robust scale, in time linear in the number of values.

/// Turns a median absolute deviation into a standard deviation under normal noise (1 / Φ⁻¹(0.75)).
pub const MAD_TO_SD: f64 = 1.4826;

/// The finite values of `values`, in their order.
pub fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| v.is_finite()).collect()
}

/// The `q` quantile (0..=1, clamped) with linear interpolation between order statistics (Hyndman and Fan's type 7,
/// the default of `numpy` and R). Values that are not finite are left out. `None` when nothing is left.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    quantile_mut(&mut finite(values), q)
}

/// The middle value, or the mean of the two middle ones. `None` when there is no finite value.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The median of the distances from `center`, as a standard deviation under normal noise. `None` without finite values.
pub fn mad_sd(values: &[f64], center: f64) -> Option<f64> {
    let mut distances: Vec<f64> =
        values.iter().map(|v| (v - center).abs()).filter(|v| v.is_finite()).collect();
    quantile_mut(&mut distances, 0.5).map(|m| m * MAD_TO_SD)
}

/// [`quantile`] over a buffer of finite values that may be reordered: two selections instead of a sort.
fn quantile_mut(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let position = q.clamp(0.0, 1.0) * last as f64;
    let low = (position.floor() as usize).min(last);
    let (_, &mut a, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let fraction = position - low as f64;
    if fraction <= 0.0 || above.is_empty() {
        return Some(a);
    }
    let b = above.iter().copied().fold(f64::INFINITY, f64::min);
    Some(a + fraction * (b - a))
}

/// Mean of `values`; 0 when there are none.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Standard deviation around the mean, divided by n; 0 when there are no values.
pub fn sd(values: &[f64]) -> f64 {
    let center = mean(values);
    mean(&values.iter().map(|v| (v - center).powi(2)).collect::<Vec<_>>()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let v = [4.0, 1.0, 3.0, 2.0];
        assert!(close(quantile(&v, 0.0).unwrap(), 1.0));
        assert!(close(quantile(&v, 0.5).unwrap(), 2.5));
        assert!(close(quantile(&v, 0.9).unwrap(), 3.7));
        assert!(close(quantile(&v, 1.0).unwrap(), 4.0));
    }

    #[test]
    fn missing_values_are_left_out_and_nothing_left_is_none() {
        assert!(close(median(&[f64::NAN, 7.0, f64::INFINITY, 9.0]).unwrap(), 8.0));
        assert_eq!(median(&[f64::NAN]), None);
        assert_eq!(quantile(&[], 0.99), None);
    }

    #[test]
    fn mad_of_one_to_five_is_one_in_units_of_sd() {
        assert!(close(mad_sd(&[1.0, 2.0, 3.0, 4.0, 5.0], 3.0).unwrap(), MAD_TO_SD));
    }

    #[test]
    fn mean_and_sd_match_a_hand_computed_case() {
        assert!(close(mean(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 5.0));
        assert!(close(sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.0));
        assert!(close(sd(&[]), 0.0));
    }
}
