//! What holds for every detector, on made-up machines.

#![expect(clippy::float_cmp, reason = "the same computation must give the same bits")]

mod anomalies;
mod bad_input;

use super::rng::Rng;
use super::*;
use crate::Matrix;
use crate::features::Standard;

/// A healthy machine: a slowly wandering load moves `sensors` sensors, each with noise of its own that remembers the
/// last row.
fn healthy(rows: usize, sensors: usize, seed: u64) -> Matrix {
    let mut rng = Rng::new(seed, 0);
    let mut normal = || (0..6).map(|_| rng.unit()).sum::<f64>() - 3.0;
    let mut x = Matrix::zeros(rows, sensors);
    let mut load = 0.0;
    let mut noise = vec![0.0; sensors];
    for r in 0..rows {
        load = 0.95 * load + 0.4 * normal();
        for (c, noise) in noise.iter_mut().enumerate() {
            *noise = 0.6 * *noise + 0.3 * normal();
            x.row_mut(r)[c] = load * (1.0 + 0.2 * c as f64) + *noise;
        }
    }
    x
}

/// Healthy rows for training and as many fresh ones, standardised alike.
fn train_and_fresh(rows: usize, sensors: usize) -> (Matrix, Matrix) {
    let all = healthy(2 * rows, sensors, 1);
    let standard = Standard::fit(&all.slice_rows(0..rows));
    (standard.apply(&all.slice_rows(0..rows)), standard.apply(&all.slice_rows(rows..2 * rows)))
}

fn scores(kind: Kind, train: &Matrix, x: &Matrix, breaks: &[usize]) -> Vec<Stream> {
    fit(kind, train, &[], &DetectConfig::default()).unwrap().score(x, breaks)
}

fn stream<'a>(streams: &'a [Stream], name: &str) -> &'a [f64] {
    &streams.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no stream {name}")).values
}

#[test]
fn scores_after_a_break_do_not_depend_on_the_rows_before_it() {
    let (train, x) = train_and_fresh(500, 4);
    let tail = x.slice_rows(200..500);
    for kind in Kind::ALL {
        let whole = scores(kind, &train, &x, &[200]);
        for (part, whole) in scores(kind, &train, &tail, &[]).iter().zip(&whole) {
            assert_eq!(part.values, whole.values[200..], "{}", part.name);
        }
    }
}

#[test]
fn restarts_do_not_look_like_faults() {
    let (train, x) = train_and_fresh(1000, 5);
    let breaks: Vec<usize> = (40..1000).step_by(40).collect();
    for kind in Kind::ALL {
        for s in scores(kind, &train, &x, &breaks) {
            let starts: Vec<f64> = breaks.iter().flat_map(|b| s.values[*b..b + 8].to_vec()).collect();
            let mut sorted = s.values.clone();
            sorted.sort_by(f64::total_cmp);
            let high = starts.iter().filter(|v| **v > sorted[950]).count() as f64 / starts.len() as f64;
            assert!(high < 0.12, "{}: {high} of the rows after a break are among the highest 5 %", s.name);
        }
    }
}

#[test]
fn units_of_measurement_do_not_matter() {
    let (train, x) = train_and_fresh(500, 4);
    let convert = |m: &Matrix| {
        let mut m = m.clone();
        for r in 0..m.rows {
            for (c, v) in m.row_mut(r).iter_mut().enumerate() {
                *v = *v * [4.0, 0.25, 1024.0, 1.0][c] + [64.0, -8.0, 0.0, 1.0][c];
            }
        }
        m
    };
    for kind in Kind::ALL {
        let before = scores(kind, &train, &x, &[]);
        let after = scores(kind, &convert(&train), &convert(&x), &[]);
        for (b, a) in before.iter().zip(&after) {
            let far = b.values.iter().zip(&a.values).map(|(b, a)| (a - b).abs() / b.abs().max(1.0));
            let most = far.fold(0.0, f64::max);
            // A value of the forest may fall on the other side of a cut; its thresholds are single precision.
            let allowed = if kind == Kind::IForest { 0.02 } else { 1e-6 };
            assert!(most < allowed, "{}: {most}", b.name);
        }
    }
}

#[test]
fn the_order_of_sensors_does_not_matter_where_no_chance_is_involved() {
    let (train, x) = train_and_fresh(500, 5);
    let reorder = |m: &Matrix| {
        let columns: Vec<Vec<f64>> = [3, 1, 4, 0, 2].iter().map(|c| m.column(*c)).collect();
        Matrix::from_columns(&columns)
    };
    for kind in [Kind::Ar1, Kind::Pca, Kind::Omr] {
        let before = scores(kind, &train, &x, &[]);
        for (b, a) in before.iter().zip(&scores(kind, &reorder(&train), &reorder(&x), &[])) {
            for (b, a) in b.values.iter().zip(&a.values) {
                assert!((b - a).abs() <= 1e-9 * b.abs().max(1.0), "{kind}: {b} {a}");
            }
        }
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let (train, x) = train_and_fresh(1500, 4);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let cfg = DetectConfig::default();
            Kind::ALL.map(|kind| {
                let detector = fit(kind, &train, &[700], &cfg).unwrap();
                let held_out = out_of_fold(kind, &train, &[700], &cfg, 4).unwrap();
                (detector.save().unwrap(), detector.score(&x, &[300]), held_out)
            })
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn out_of_fold_scores_line_up_with_training_and_come_from_other_rows() {
    let (train, _) = train_and_fresh(402, 4);
    let mut odd = train.clone();
    odd.row_mut(50).copy_from_slice(&[60.0, -20.0, 60.0, -20.0]);
    let cfg = DetectConfig::default();
    for kind in Kind::ALL {
        let before = out_of_fold(kind, &train, &[250], &cfg, 4).unwrap().streams;
        let after = out_of_fold(kind, &odd, &[250], &cfg, 4).unwrap().streams;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.values.len(), 402, "{}", before.name);
            assert_eq!(
                before.values[0..50],
                after.values[0..50],
                "{}: row 50 is in the same fold",
                before.name
            );
            assert!(after.values[50] > before.values[50], "{}", before.name);
            assert_ne!(
                before.values[150..200],
                after.values[150..200],
                "{}: models have seen row 50",
                before.name
            );
        }
    }
}

#[test]
fn a_mixture_fits_its_own_training_rows_better_than_unseen_ones() {
    let (train, _) = train_and_fresh(450, 6);
    let cfg = DetectConfig::default();
    let own = fit(Kind::Gmm, &train, &[], &cfg).unwrap().score(&train, &[]);
    let unseen = out_of_fold(Kind::Gmm, &train, &[], &cfg, 4).unwrap().streams;
    for (own, unseen) in own.iter().zip(&unseen) {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        assert!(mean(&unseen.values) > mean(&own.values), "{}", own.name);
    }
}

#[test]
fn the_omr_residual_is_that_of_a_ridge_regression_on_the_others() {
    let (train, _) = train_and_fresh(300, 3);
    let cfg = DetectConfig {
        windows: WindowConfig { min_sensors: 99, ..WindowConfig::default() },
        ..DetectConfig::default()
    };
    let detector = fit(Kind::Omr, &train, &[], &cfg).unwrap();
    // Sensor 0 from 1 and 2 with alpha = 1, by Cramer's rule.
    let sum = |a: usize, b: usize| (0..300).map(|r| train.row(r)[a] * train.row(r)[b]).sum::<f64>();
    let (g11, g12, g22, g10, g20) = (sum(1, 1) + 1.0, sum(1, 2), sum(2, 2) + 1.0, sum(1, 0), sum(2, 0));
    let det = g11 * g22 - g12 * g12;
    let (w1, w2) = ((g10 * g22 - g20 * g12) / det, (g11 * g20 - g12 * g10) / det);
    let residuals: Vec<f64> =
        (0..300).map(|r| train.row(r)[0] - w1 * train.row(r)[1] - w2 * train.row(r)[2]).collect();
    let scale = robust::residual_scale(&mut residuals.clone(), &cfg.residual);
    let score = detector.score(&train, &[]);
    for r in [0, 150, 299] {
        let share = detector.contributions(&train, r..r + 1).unwrap()[0];
        let squared = stream(&score, "omr")[r].powi(2) * 3.0 * share;
        assert!((squared - (residuals[r] / scale).powi(2)).abs() < 1e-6 * squared.max(1.0), "row {r}");
    }
}
