//! Tests of `forecast`.

use proptest::prelude::*;

use super::*;

const CFG: ForecastConfig = ForecastConfig::DEFAULT;

/// Roughly normal noise with the given sd: the sum of twelve uniform numbers, less six.
fn noise(rng: &mut fastrand::Rng, sd: f64) -> f64 {
    ((0..12).map(|_| rng.f64()).sum::<f64>() - 6.0) * sd
}

/// A linear fall from `from` by `step` a row with noise, and how many rows remain until 20.
fn linear(rows: usize, from: f64, step: f64, sd: f64, seed: u64) -> (Vec<f64>, f64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let health =
        (0..rows).map(|i| (from - step * i as f64 + noise(&mut rng, sd)).clamp(0.0, 100.0)).collect();
    (health, (from - 20.0) / step - (rows - 1) as f64)
}

/// PIPE-09
#[test]
fn remaining_life_on_a_linear_degradation_is_within_ten_percent() {
    for (rows, from, step, sd) in [
        (100, 95.0, 0.5, 0.0),
        (100, 95.0, 0.5, 1.0),
        (60, 90.0, 0.4, 0.5),
        (200, 100.0, 0.3, 0.8),
        (1_000, 95.0, 0.04, 1.0),
        (17_000, 95.0, 0.003, 3.0),
        (100_000, 98.0, 0.000_5, 3.0),
    ] {
        let (health, left) = linear(rows, from, step, sd, 11);
        let rul = estimate_rul(&fit_degradation(&health, &CFG).unwrap(), 0.5, &CFG).unwrap();
        let error = rul.hours / (left * 0.5) - 1.0;
        assert!(error.abs() < 0.1, "{rows} rows, noise {sd}: {rul:?}, {left} rows left");
        assert!(rul.p10 <= rul.p50 && rul.p50 <= rul.p90 && (0.0..=1.0).contains(&rul.confidence));
    }
}

#[test]
fn a_perfect_line_gives_the_exact_answer_with_full_confidence() {
    let (health, left) = linear(100, 95.0, 0.5, 0.0, 1);
    let fitted = fit_degradation(&health, &CFG).unwrap();
    assert_eq!((fitted.model.name(), fitted.window, fitted.rows_per_point), ("linear", 60, 1));
    let rul = estimate_rul(&fitted, 2.0, &CFG).unwrap();
    assert!((rul.p10 - 2.0 * left).abs() < 1e-6 && (rul.p90 - 2.0 * left).abs() < 1e-6, "{rul:?}");
    assert!((rul.confidence - 1.0).abs() < 1e-6 && (rul.failure_probability - 1.0).abs() < 1e-9);
    assert_eq!((rul.n_simulations, rul.guarded), (1_000, false));
}

#[test]
fn the_interval_covers_the_truth_about_as_often_as_it_says() {
    let runs = 60;
    let inside = (0..runs)
        .filter(|seed| {
            let (health, left) = linear(80, 95.0, 0.5, 2.0, 100 + seed);
            let rul = estimate_rul(&fit_degradation(&health, &CFG).unwrap(), 1.0, &CFG).unwrap();
            (rul.p10..=rul.p90).contains(&left)
        })
        .count();
    assert!((30..=58).contains(&inside), "{inside} of {runs} inside an 80 % interval");
}

#[test]
fn an_accelerating_decline_is_seen_as_exponential() {
    let health: Vec<f64> = (0..120).map(|i| 100.0 - 2.0 * (0.025 * f64::from(i)).exp()).collect();
    let fitted = fit_degradation(&health, &CFG).unwrap();
    assert_eq!(fitted.model.name(), "exponential");
    let rul = estimate_rul(&fitted, 1.0, &CFG).unwrap();
    let left = 40f64.ln() / 0.025 - 119.0;
    assert!((rul.hours / left - 1.0).abs() < 0.1, "{rul:?} {left}");
}

#[test]
fn a_bend_in_the_decline_favours_a_model_that_follows_it() {
    let health: Vec<f64> =
        (0..150).map(|i| if i < 115 { 95.0 } else { 95.0 - 1.0 * f64::from(i - 115) }).collect();
    let fitted = fit_degradation(&health, &CFG).unwrap();
    assert!(fitted.model.at(10.0) < fitted.model.at(0.0) - 7.0, "{fitted:?}");
    assert_eq!(fitted.candidates.len(), 5);
}

#[test]
fn only_history_after_a_maintenance_reset_counts() {
    let (worn, _) = linear(100, 95.0, 0.7, 0.5, 3);
    let (renewed, left) = linear(80, 95.0, 0.4, 0.5, 4);
    let fitted = fit_degradation(&[worn, renewed].concat(), &CFG).unwrap();
    assert_eq!(fitted.resets, 1);
    assert!((100..106).contains(&fitted.start_row), "{}", fitted.start_row);
    let rul = estimate_rul(&fitted, 1.0, &CFG).unwrap();
    assert!((rul.hours / left - 1.0).abs() < 0.1, "{rul:?} {left}");
}

#[test]
fn what_cannot_be_forecast_is_refused_in_words() {
    let says = |health: &[f64], words: &str| {
        let refusal = fit_degradation(health, &CFG).unwrap_err().to_string();
        assert!(refusal.contains(words), "{refusal}");
    };
    says(&[], "too sparse: 0 points");
    says(&[90.0; 19], "too sparse: 19 points");
    says(&[f64::NAN; 500], "too sparse");
    says(&[90.0; 100], "flat: it fell by 0.0 over the last 60 points");
    says(&(0..100).map(|i| 40.0 + 0.1 * f64::from(i)).collect::<Vec<_>>(), "flat: it rose by 5.9");
    let settled = [vec![90.0; 40], (0..40).map(|i| 90.0 - f64::from(i)).collect(), vec![50.5; 15]].concat();
    says(&[settled, (0..15).map(|i| 51.0 + 0.3 * f64::from(i)).collect()].concat(), "has settled since");
    says(&[8.0; 100], "already under the failure limit of 20.0");
    let mut rng = fastrand::Rng::with_seed(9);
    let wild: Vec<f64> = (0..60).map(|i| 80.0 - 0.1 * f64::from(i) + noise(&mut rng, 8.0)).collect();
    let refusal = fit_degradation(&wild, &CFG).unwrap_err();
    assert!(matches!(refusal, Refusal::Noisy { .. } | Refusal::Flat { .. }), "{refusal}");
}

#[test]
fn healthy_noise_is_almost_never_taken_for_degradation() {
    let taken = (0..200)
        .filter(|seed| {
            let mut rng = fastrand::Rng::with_seed(*seed);
            let raw: Vec<f64> = (0..400).map(|_| (88.0 + noise(&mut rng, 8.0)).clamp(0.0, 100.0)).collect();
            fit_degradation(&crate::stretch::ewma(&raw, 0.1, &[]), &CFG).is_ok()
        })
        .count();
    assert!(taken <= 10, "{taken} of 200");
}

#[test]
fn a_trend_too_slow_to_fail_is_refused_with_how_far_was_looked() {
    let (health, _) = linear(100, 99.0, 0.06, 0.0, 1);
    let refusal = estimate_rul(&fit_degradation(&health, &CFG).unwrap(), 1.0, &CFG).unwrap_err();
    assert!(refusal.to_string().contains("within 1000 hours in 100 %"), "{refusal}");
}

#[test]
fn healthy_equipment_is_never_given_less_than_an_hour() {
    // Falls by a point a second: 53 s to the limit, with health still 72.
    let (health, _) = linear(28, 99.0, 1.0, 0.0, 1);
    let fitted = fit_degradation(&health, &CFG).unwrap();
    let rul = estimate_rul(&fitted, 1.0 / 3600.0, &CFG).unwrap();
    assert!(
        rul.guarded && [rul.hours, rul.p10, rul.p90, rul.mean].iter().all(|h| (h - 1.0).abs() < 1e-9),
        "{rul:?}"
    );
    let (worn, _) = linear(40, 99.0, 1.0, 0.0, 1);
    let rul = estimate_rul(&fit_degradation(&worn, &CFG).unwrap(), 1.0 / 3600.0, &CFG).unwrap();
    assert!(!rul.guarded && rul.hours < 0.02, "{rul:?}");
}

#[test]
fn a_cadence_that_is_no_duration_is_refused() {
    let fitted = fit_degradation(&linear(60, 90.0, 0.5, 0.1, 1).0, &CFG).unwrap();
    for hours in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(estimate_rul(&fitted, hours, &CFG), Err(Refusal::Cadence { .. })));
    }
}

#[test]
fn the_same_history_gives_the_same_figures() {
    let (health, _) = linear(90, 95.0, 0.5, 2.0, 8);
    let run = || estimate_rul(&fit_degradation(&health, &CFG).unwrap(), 0.5, &CFG).unwrap();
    assert_eq!(run(), run());
    let other = ForecastConfig { seed: 1, ..CFG };
    let rul = estimate_rul(&fit_degradation(&health, &other).unwrap(), 0.5, &other).unwrap();
    assert!(rul != run() && (rul.hours / run().hours - 1.0).abs() < 0.05);
}

#[test]
fn the_defaults_are_those_documented() {
    assert_eq!(ForecastConfig::default(), CFG);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_gives_finite_figures_in_order_or_a_refusal(
        health in prop::collection::vec(0.0..100.0f64, 0..150),
        slope in -1.0..1.0f64,
        cadence in 1e-4..100.0f64,
    ) {
        let trend: Vec<f64> =
            health.iter().enumerate().map(|(i, h)| (60.0 + h / 10.0 + slope * i as f64).clamp(0.0, 100.0)).collect();
        for history in [&health, &trend] {
            if let Ok(rul) = fit_degradation(history, &CFG).and_then(|d| estimate_rul(&d, cadence, &CFG)) {
                let all = [rul.p10, rul.p50, rul.p90, rul.mean, rul.confidence, rul.failure_probability];
                prop_assert!(all.iter().all(|v| v.is_finite() && *v >= 0.0), "{rul:?}");
                prop_assert!(rul.p10 <= rul.p50 && rul.p50 <= rul.p90);
                prop_assert!(rul.confidence <= 1.0 && rul.failure_probability <= 1.0);
                prop_assert!(*history.last().unwrap() <= 70.0 || rul.p10 >= 1.0);
            }
        }
    }
}
