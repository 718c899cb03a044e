//! Tests of `similarity`.

use super::*;
use crate::forecast::ForecastConfig;
use crate::matrix::Matrix;

/// A life of `rows` rows: health 1 that bends down to 0.2 over the last 100 rows.
fn life(rows: usize) -> Vec<f64> {
    (0..rows).map(|r| 1.0 - 0.8 * (1.0 - ((rows - 1 - r) as f64 / 100.0).min(1.0)).powi(2)).collect()
}

fn library() -> Library {
    Library { histories: (0..20).map(|i| life(150 + 5 * i)).collect() }
}

#[test]
fn a_unit_like_past_ones_has_the_rows_left_that_they_had() {
    for left in [5, 20, 40, 60] {
        let unit = life(211);
        let found = remaining_rows(&unit[..211 - left], &library(), &SimilarityConfig::default()).unwrap();
        assert!((found.rows - left as f64).abs() < 5.0, "{left}: {found:?}");
        assert!(found.p10 <= found.p50 && found.p50 <= found.p90 && found.best_match > 0.9);
        assert_eq!(found.histories, 20);
    }
}

#[test]
fn the_vote_is_a_weighted_mean_as_hand_computed() {
    let library = Library { histories: vec![vec![1.0, 0.0, 1.0]] };
    let cfg = SimilarityConfig { window: 1, min_window: 1, bandwidth: 1.0, ..SimilarityConfig::default() };
    let found = remaining_rows(&[1.0], &library, &cfg).unwrap();
    // Votes 2, 1, 0 with weights 1, 1/e, 1.
    let e = (-1f64).exp();
    assert!((found.rows - (2.0 + e) / (2.0 + e)).abs() < 1e-12 && (found.best_match - 1.0).abs() < 1e-12);
    assert!((found.p10 - 0.0).abs() < 1e-12 && (found.p90 - 2.0).abs() < 1e-12);
}

#[test]
fn a_unit_unlike_all_others_gets_its_nearest_but_no_trust() {
    let found = remaining_rows(&[9.0; 60], &library(), &SimilarityConfig::default()).unwrap();
    assert!(found.rows.is_finite() && found.best_match < 1e-6);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let cfg = SimilarityConfig::default();
    assert!(matches!(
        remaining_rows(&[1.0; 5], &library(), &cfg),
        Err(Refusal::Sparse { points: 5, needed: 10 })
    ));
    let none = remaining_rows(&[1.0; 60], &Library::default(), &cfg).unwrap_err();
    assert_eq!(none, Refusal::NoLibrary { histories: 0, rows: 50 });
    assert!(remaining_rows(&[f64::NAN; 60], &library(), &cfg).is_err());
}

#[test]
fn hours_follow_the_cadence_and_the_guard() {
    let (cfg, forecast) = (SimilarityConfig::default(), ForecastConfig::default());
    let unit = life(211);
    let rul = estimate_rul(&unit[..190], &library(), 2.0, &cfg, &forecast).unwrap();
    assert!((rul.hours - 42.0).abs() < 10.0 && (rul.failure_probability - 0.9).abs() < 1e-9, "{rul:?}");
    let healthy = estimate_rul(&unit[..140], &library(), 1e-4, &cfg, &forecast).unwrap();
    assert!(healthy.guarded && (healthy.p10 - 1.0).abs() < 1e-12);
    assert!(matches!(estimate_rul(&unit, &library(), 0.0, &cfg, &forecast), Err(Refusal::Cadence { .. })));
}

#[test]
fn the_index_learns_health_from_the_sensors_that_show_it() {
    let mut rng = fastrand::Rng::with_seed(4);
    let mut unit = |rows: usize| {
        let h = life(rows);
        let wear: Vec<f64> = h.iter().map(|h| 500.0 - 30.0 * h + rng.f64()).collect();
        let other: Vec<f64> = h.iter().map(|_| rng.f64()).collect();
        Matrix::from_columns(&[wear, other, vec![7.0; rows]])
    };
    let units: Vec<Matrix> = (0..10).map(|i| unit(150 + i * 7)).collect();
    let cfg = SimilarityConfig::default();
    let index = HealthIndex::fit(&units, &cfg).unwrap();
    assert!(index.weights[0] < 0.0 && index.weights[2].abs() < 1e-12);
    let health = index.apply(&unit(180));
    assert!(health[30] > 0.85 && health[179] < 0.25, "{} {}", health[30], health[179]);
    assert!(HealthIndex::fit(&[], &cfg).is_none());
    assert!(HealthIndex::fit(&[unit(30)], &cfg).is_none());
}
