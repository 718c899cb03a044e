//! Nothing that can be fitted or scored gives a score that is not a number; what cannot is a clear error.

use proptest::prelude::*;

use super::super::rng::Rng;
use super::*;

#[test]
fn what_cannot_be_fitted_is_a_clear_error() {
    let cfg = DetectConfig::default();
    let message = |x: &Matrix| fit(Kind::Gmm, x, &[], &cfg).unwrap_err().to_string();
    assert_eq!(message(&Matrix::zeros(7, 2)), "gmm needs at least 8 training rows, got 7");
    assert_eq!(message(&Matrix::zeros(9, 0)), "gmm needs at least one sensor, got none");
    let mut gap = Matrix::zeros(9, 2);
    gap.row_mut(4)[1] = f64::NAN;
    assert_eq!(
        message(&gap),
        "training row 4, sensor 1 is NaN; fill gaps first, only finite values are accepted"
    );
    let folds = |n| out_of_fold(Kind::Ar1, &Matrix::zeros(10, 2), &[], &cfg, n).unwrap_err().to_string();
    assert_eq!(folds(1), "1 folds of 10 training rows; accepted: 2 to the number of rows");
    assert_eq!(folds(2), "ar1 needs at least 16 training rows, got 10");
    let wide = fit(Kind::IForest, &Matrix::zeros(8, 65_537), &[], &cfg).unwrap_err().to_string();
    assert_eq!(wide, "iforest takes at most 65536 sensors, got 65537");
}

#[test]
fn damaged_models_are_refused_with_the_reason() {
    let (train, _) = train_and_fresh(100, 3);
    for kind in Kind::ALL {
        let detector = fit(kind, &train, &[], &DetectConfig::default()).unwrap();
        let text = String::from_utf8(detector.save().unwrap()).unwrap();
        assert_eq!(load(text.as_bytes()).unwrap().kind(), kind);
        assert!(matches!(load(&text.as_bytes()[..text.len() / 2]), Err(DetectError::Decode(_))));
        // One of two standard deviations less.
        let at = text.find("\"sds\":\"").unwrap() + 7;
        let short = format!("{}{}", &text[..at], &text[at + 16..]);
        assert_eq!(
            load(short.as_bytes()).unwrap_err().to_string(),
            format!("stored {kind} model is damaged: its parts do not fit together")
        );
        let other = text.replacen("\"format\":1", "\"format\":2", 1);
        assert_eq!(load(other.as_bytes()).unwrap_err().to_string(), "stored model has format 2; accepted: 1");
        let other = text.replacen(&format!("\"kind\":\"{kind}\""), "\"kind\":\"lof\"", 1);
        assert_eq!(
            load(other.as_bytes()).unwrap_err().to_string(),
            "stored model has kind lof; accepted: ar1, pca, iforest, gmm, omr"
        );
    }
}

#[test]
fn breaks_that_make_no_sense_do_no_harm() {
    let (train, x) = train_and_fresh(400, 4);
    for breaks in [&[0][..], &[9, 3, 380, 2], &[5, 5, 5], &[400, 9999, usize::MAX]] {
        for kind in Kind::ALL {
            let detector = fit(kind, &train, breaks, &DetectConfig::default()).unwrap();
            let finite = |s: &Stream| s.values.len() == 400 && s.values.iter().all(|v| v.is_finite());
            assert!(detector.score(&x, breaks).iter().all(finite), "{kind} {breaks:?}");
            let held_out = out_of_fold(kind, &train, breaks, &DetectConfig::default(), 4).unwrap();
            assert!(held_out.streams.iter().all(finite), "{kind} {breaks:?}");
        }
    }
}

#[test]
fn rows_of_another_width_or_with_gaps_are_scored_as_far_as_they_go() {
    let (train, x) = train_and_fresh(400, 4);
    for kind in Kind::ALL {
        let detector = fit(kind, &train, &[], &DetectConfig::default()).unwrap();
        assert_eq!((detector.kind(), detector.sensors()), (kind, 4));
        let mut gaps = x.clone();
        gaps.data.iter_mut().step_by(3).for_each(|v| *v = f64::NAN);
        gaps.data[1] = f64::INFINITY;
        for x in [gaps, Matrix::zeros(20, 2), Matrix::zeros(20, 7), Matrix::zeros(0, 4)] {
            for s in detector.score(&x, &[]) {
                assert_eq!(s.values.len(), x.rows);
                assert!(s.values.iter().all(|v| v.is_finite()), "{}", s.name);
            }
        }
    }
}

/// Columns such as plants have them and worse: noise, constants, copies of others, huge, tiny, stuck but once.
fn column(rows: usize, shape: u8, seed: u64, first: Option<&Vec<f64>>) -> Vec<f64> {
    let mut rng = Rng::new(seed, u64::from(shape));
    let mut noise = || rng.unit() - 0.5;
    match (shape, first) {
        (0, _) => vec![noise() * 100.0; rows],
        (1, Some(first)) => first.iter().map(|v| v * -0.5 + 1.0).collect(),
        (2, _) => (0..rows).map(|_| noise() * f64::MAX).collect(),
        (3, _) => (0..rows).map(|_| noise() * 1e-300).collect(),
        (4, _) => (0..rows).map(|r| if r == rows / 2 { 1e18 } else { 0.0 }).collect(),
        (5, _) => (0..rows).map(|r| r as f64).collect(),
        (6, _) => (0..rows).map(|_| 1e12 + noise()).collect(),
        _ => (0..rows).map(|_| noise()).collect(),
    }
}

fn columns(rows: usize, shapes: &[u8], seed: u64) -> Matrix {
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (c, shape) in shapes.iter().enumerate() {
        all.push(column(rows, *shape, seed + c as u64, all.first()));
    }
    Matrix::from_columns(&all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scores_are_finite_and_stored_models_score_alike_whatever_the_columns(
        train in prop::collection::vec(0_u8..9, 1..7),
        other in prop::collection::vec(0_u8..9, 7),
        rows in 8_usize..60,
        breaks in prop::collection::btree_set(1_usize..60, 0..4),
        seed in 0_u64..1000,
    ) {
        let sensors = train.len();
        let train = columns(rows, &train, seed);
        let x = columns(70, &other[..sensors], seed + 100);
        let breaks: Vec<usize> = breaks.into_iter().filter(|b| *b < rows).collect();
        let cfg = DetectConfig {
            seed,
            iforest: IForestConfig { trees: 10, samples: 32 },
            windows: WindowConfig { min_train_rows: 20, min_sensors: 2, rows: 5 },
            ..DetectConfig::default()
        };
        for kind in Kind::ALL {
            let detector = fit(kind, &train, &breaks, &cfg).unwrap();
            let streams = detector.score(&x, &breaks);
            for s in &streams {
                prop_assert_eq!(s.values.len(), x.rows);
                prop_assert!(s.values.iter().all(|v| v.is_finite()), "{}", s.name);
            }
            let loaded = load(&detector.save().unwrap()).unwrap();
            prop_assert_eq!(loaded.score(&x, &breaks), streams);
            prop_assert_eq!(loaded.contributions(&x, 0..9), detector.contributions(&x, 0..9));
            if rows >= 16 {
                for s in out_of_fold(kind, &train, &breaks, &cfg, 4).unwrap().streams {
                    prop_assert_eq!(s.values.len(), rows);
                    prop_assert!(s.values.iter().all(|v| v.is_finite()), "{}", s.name);
                }
            }
        }
    }
}
