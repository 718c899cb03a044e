//! Regimes end to end, on a machine that runs at three loads.

#![expect(clippy::float_cmp, reason = "these results are exact")]

use super::*;
use crate::Matrix;
use crate::detect::rng::Rng;

const LOADS: [f64; 3] = [10.0, 50.0, 90.0];

/// 200 rows at each load in turn, `times` round; current follows load, temperature is noise.
fn machine(times: usize, seed: u64) -> Matrix {
    let mut rng = Rng::new(seed, 0);
    let mut data = Vec::new();
    for r in 0..times * 600 {
        let load = LOADS[r / 200 % 3] + rng.unit();
        data.extend([load, 2.0 * load + rng.unit(), 20.0 + rng.unit()]);
    }
    Matrix { rows: times * 600, cols: 3, data }
}

fn operating() -> RegimeConfig {
    RegimeConfig { columns: Some(vec![0, 1]), ..RegimeConfig::default() }
}

#[test]
fn three_loads_are_three_regimes_numbered_from_low_to_high() {
    let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
    assert_eq!(regimes.count, 3);
    assert!(regimes.silhouette > 0.9, "{}", regimes.silhouette);
    assert!(regimes.occupancy.iter().all(|o| (o - 1.0 / 3.0).abs() < 0.01), "{:?}", regimes.occupancy);
    let labels = regimes.label(&machine(1, 2), &[]);
    for (r, label) in labels.regime.iter().enumerate() {
        assert_eq!(*label as usize, r / 200, "row {r}");
        assert!(labels.confidence[r] > 0.9);
    }
}

#[test]
fn rows_without_groups_are_one_regime() {
    let mut rng = Rng::new(4, 0);
    let data: Vec<f64> = (0..4 * 500).map(|_| (0..12).map(|_| rng.unit()).sum()).collect();
    let x = Matrix { rows: 500, cols: 4, data };
    let regimes = fit(&x, &[], &RegimeConfig::default()).unwrap();
    assert_eq!((regimes.count, regimes.silhouette), (1, 0.0));
    let labels = regimes.label(&x, &[]);
    assert!(labels.regime.iter().filter(|l| **l == 0).count() >= 495);
    assert!(labels.confidence.iter().all(|c| (0.0..=1.0).contains(c)));
}

#[test]
fn a_state_that_training_never_saw_is_unknown_with_no_confidence() {
    let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
    let x =
        Matrix { rows: 3, cols: 3, data: vec![50.0, 100.0, 20.0, 50.0, 900.0, 20.0, 1e300, -1e300, 20.0] };
    let labels = regimes.label(&x, &[]);
    assert_eq!(labels.regime, [1, UNKNOWN, UNKNOWN]);
    assert_eq!(labels.confidence[1..], [0.0, 0.0]);
}

#[test]
fn one_odd_row_does_not_make_a_regime_of_its_own() {
    let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
    let mut x = machine(1, 2);
    x.row_mut(100).copy_from_slice(&[90.5, 181.5, 20.0]);
    let labels = regimes.label(&x, &[]);
    assert_eq!(labels.regime[98..103], [0; 5]);
    assert_eq!(labels.confidence[100], 0.0);
}

#[test]
fn transients_are_where_the_load_changes_but_not_at_breaks() {
    let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
    let x = machine(1, 2);
    let changes = |breaks: &[usize]| {
        let transient = regimes.label(&x, breaks).transient;
        [200, 400].map(|r: usize| transient[r])
    };
    assert_eq!(changes(&[]), [true, true]);
    assert_eq!(changes(&[400]), [true, false]);
    let steady = regimes.label(&x, &[]).transient.iter().filter(|t| !**t).count();
    assert!(steady >= 580, "{steady}");
}

#[test]
fn smoothing_does_not_look_across_a_break() {
    let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
    let low = [10.5, 21.5, 20.0];
    let high = [90.5, 181.5, 20.0];
    let x = Matrix { rows: 4, cols: 3, data: [high, low, low, low].concat() };
    assert_eq!(regimes.label(&x, &[]).regime, [2, 0, 0, 0]);
    let x = Matrix { rows: 4, cols: 3, data: [low, high, low, low].concat() };
    assert_eq!(regimes.label(&x, &[]).regime, [0, 0, 0, 0]);
    assert_eq!(regimes.label(&x, &[1, 2]).regime, [0, 2, 0, 0]);
}

#[test]
fn breaks_that_make_no_sense_do_no_harm() {
    for breaks in [&[0][..], &[9, 3, 380, 2], &[5, 5, 5], &[400, 9999, usize::MAX]] {
        let regimes = fit(&machine(3, 1), breaks, &operating()).unwrap();
        let labels = regimes.label(&machine(1, 2), breaks);
        assert!(labels.regime.iter().all(|l| (UNKNOWN..3).contains(l)), "{breaks:?}");
    }
}

#[test]
fn regimes_from_json_label_alike_and_so_do_those_of_any_number_of_threads() {
    let label = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let regimes = fit(&machine(3, 1), &[], &operating()).unwrap();
            let labels = regimes.label(&machine(1, 2), &[300]);
            (regimes, labels)
        })
    };
    let one = label(1);
    assert_eq!(one, label(2));
    let back: Regimes = serde_json::from_str(&serde_json::to_string(&one.0).unwrap()).unwrap();
    assert_eq!(back.label(&machine(1, 2), &[300]), one.1);

    let mut damaged = serde_json::to_value(&one.0).unwrap();
    damaged["columns"] = serde_json::json!([0]);
    let refused = serde_json::from_value::<Regimes>(damaged).unwrap_err().to_string();
    assert_eq!(refused, "stored regimes are damaged: their parts do not fit together");
}

#[test]
fn what_cannot_be_fitted_is_a_clear_error() {
    let message = |x: &Matrix, cfg: &RegimeConfig| fit(x, &[], cfg).unwrap_err().to_string();
    assert_eq!(
        message(&Matrix::zeros(5, 2), &RegimeConfig::default()),
        "regimes need at least 16 training rows, got 5"
    );
    let cfg = RegimeConfig { columns: Some(vec![0, 9]), ..RegimeConfig::default() };
    assert_eq!(message(&machine(1, 1), &cfg), "regime column 9 does not exist; accepted: 0 to below 3");
    let cfg = RegimeConfig { smooth_rows: 4, ..RegimeConfig::default() };
    assert_eq!(message(&machine(1, 1), &cfg), "regime setting smooth_rows is 4; accepted: an odd number");
    let constant = fit(&Matrix::zeros(50, 2), &[], &RegimeConfig::default()).unwrap();
    assert_eq!(constant.label(&Matrix::zeros(3, 2), &[]).regime, [0, 0, 0]);
}
