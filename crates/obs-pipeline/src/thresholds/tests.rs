//! Tests of `thresholds`.

use proptest::prelude::*;

use super::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn noise(rows: usize, seed: u64) -> Vec<f64> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..rows).map(|_| rng.f64()).collect()
}

/// PIPE-07
#[test]
fn the_alarm_is_the_99_percent_quantile_of_training_scores() {
    let oof: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 100.0).collect();
    let t = Thresholds::calculate(&oof, None, &ThresholdConfig::default());
    assert!(close(t.global, 9.9));
    assert!(close(t.false_alarm_rate, 11.0 / 1001.0));
    assert!(close(t.baseline.median, 5.0) && close(t.baseline.scale, 2.5 * 1.4826));
    assert_eq!(t.train_rows, 1001);
}

#[test]
fn caution_raises_thresholds_by_the_root_of_the_independent_stretches() {
    let oof = noise(500, 6);
    let plain = Thresholds::calculate(&oof, None, &ThresholdConfig::default());
    let careful =
        Thresholds::calculate(&oof, None, &ThresholdConfig { caution: 2.0, ..ThresholdConfig::default() });
    let want = (plain.global - plain.baseline.median) * (1.0 + 2.0 / plain.independent_stretches.sqrt());
    assert!(close(careful.global - careful.baseline.median, want));
}

#[test]
fn a_regime_with_enough_rows_has_its_own_threshold() {
    let oof: Vec<f64> = (0..600).map(|i| if i < 300 { 1.0 } else { 4.0 }).collect();
    let labels: Vec<i32> = (0..600)
        .map(|i| {
            if i < 300 {
                0
            } else if i < 450 {
                1
            } else {
                -1
            }
        })
        .collect();
    let either_way = ThresholdConfig { regimes_only_raise: false, ..ThresholdConfig::default() };
    let t = Thresholds::calculate(&oof, Some(&labels), &either_way);
    assert_eq!(t.per_regime.len(), 1);
    assert!(close(t.of(0), 1.0) && close(t.of(1), 4.0) && close(t.of(-1), 4.0) && close(t.of(77), 4.0));
    assert_eq!(t.for_rows(4, Some(&[0, 1])), [1.0, 4.0, 4.0, 4.0]);
}

#[test]
fn a_quiet_regime_keeps_the_threshold_of_all_rows_and_a_loud_one_gets_a_higher() {
    // 1,000 rows from 0 to 1 in the quiet regime, 1,000 from 0 to 4 in the loud one.
    let oof: Vec<f64> =
        (0..2000).map(|i| f64::from(i % 1000) / 1000.0 * if i < 1000 { 1.0 } else { 4.0 }).collect();
    let labels: Vec<i32> = (0..2000).map(|i| i / 1000).collect();
    let t = Thresholds::calculate(&oof, Some(&labels), &ThresholdConfig::default());
    assert!(close(t.of(0), t.global), "{t:?}");
    assert!(t.of(1) > t.global + 0.01 && t.of(1) < 4.0, "{t:?}");
}

#[test]
fn independent_rows_count_fully_and_repeated_rows_once() {
    let fresh = noise(4000, 7);
    let n = effective_rows(&fresh);
    assert!(n > 2800.0, "{n}");
    let held: Vec<f64> = noise(400, 7).into_iter().flat_map(|x| [x; 10]).collect();
    let n = effective_rows(&held);
    assert!((250.0..=480.0).contains(&n), "{n}");
    let blocked: Vec<f64> = noise(1000, 3).into_iter().flat_map(|x| [x; 50]).collect();
    let n = effective_rows(&blocked);
    assert!((600.0..=1200.0).contains(&n), "{n}");
}

#[test]
fn a_slow_training_set_warns_and_widens_the_interval() {
    let quick = Thresholds::calculate(&noise(2000, 1), None, &ThresholdConfig::default());
    assert!(quick.warnings.is_empty(), "{:?}", quick.warnings);
    let slow: Vec<f64> = (0..2000).map(|i| (f64::from(i) / 300.0).sin()).collect();
    let slow = Thresholds::calculate(&slow, None, &ThresholdConfig::default());
    assert!(matches!(slow.warnings[..], [Warning::FewStretches { .. }]), "{:?}", slow.warnings);
    assert!(slow.false_alarm_high > 4.0 * quick.false_alarm_high);
    assert!(quick.false_alarm_low <= 0.01 && quick.false_alarm_high >= 0.01);
}

#[test]
fn the_interval_is_wilsons() {
    let (low, high) = wilson(0.01, 100.0, 1.96);
    assert!((low - 0.001_767).abs() < 1e-5 && (high - 0.054_487).abs() < 1e-5, "{low} {high}");
}

#[test]
fn without_training_scores_the_fallback_stands_and_says_so() {
    let t = Thresholds::calculate(&[f64::NAN], None, &ThresholdConfig::default());
    assert!(close(t.global, 3.0) && close(t.false_alarm_high, 1.0));
    assert_eq!(t.warnings, [Warning::TrainShort { rows: 0, needed: 200 }]);
    assert_eq!(t.warnings[0].to_string(), "train has 0 scored rows; thresholds want at least 200");
}

#[test]
fn a_noiseless_training_set_does_not_make_every_row_an_alarm() {
    let t = Thresholds::calculate(&[0.0; 500], None, &ThresholdConfig::default());
    assert!(close(t.global, 0.5) && close(t.false_alarm_rate, 0.0));
}

#[test]
fn states_that_train_never_saw_are_warned_about() {
    let cfg = ThresholdConfig::default();
    let mut t = Thresholds::calculate(&noise(500, 2), None, &cfg);
    assert!(close(t.check_coverage(&[0, 1], &[0, 0, 1, 1], &cfg), 0.0));
    assert!(t.warnings.is_empty());
    assert!(close(t.check_coverage(&[0, 1, -1], &[0, 2, -1, 1], &cfg), 0.5));
    assert_eq!(t.warnings, [Warning::Uncovered { rows: 2, share: 0.5 }]);
}

proptest! {
    #[test]
    fn every_figure_is_finite_and_in_its_range(
        oof in prop::collection::vec(-3.0..10.0f64, 0..300),
        labels in prop::collection::vec(-1..3i32, 300),
    ) {
        let cfg = ThresholdConfig { min_regime_rows: 20, ..ThresholdConfig::default() };
        let t = Thresholds::calculate(&oof, Some(&labels[..oof.len()]), &cfg);
        prop_assert!(t.for_rows(300, Some(&labels)).iter().all(|x| x.is_finite() && *x >= cfg.min_threshold));
        prop_assert!(t.independent_stretches <= oof.len() as f64);
        prop_assert!(t.false_alarm_low <= t.false_alarm_rate + 1e-12);
        prop_assert!(t.false_alarm_rate <= t.false_alarm_high + 1e-12);
        prop_assert!((0.0..=1.0).contains(&t.false_alarm_low) && (0.0..=1.0).contains(&t.false_alarm_high));
    }
}
