//! Each detector flags the kind of anomaly it is there for.

use super::*;

/// Share of `normal` rows that score less than the rows `rows` do on average.
fn rank(values: &[f64], rows: std::ops::Range<usize>, normal: std::ops::Range<usize>) -> f64 {
    let n = rows.len() as f64;
    let mean = values[rows].iter().sum::<f64>() / n;
    values[normal.clone()].iter().filter(|v| **v < mean).count() as f64 / normal.len() as f64
}

/// PIPE-01: a jump of one sensor, which its own past does not explain.
#[test]
fn ar1_flags_a_jump() {
    let (train, mut x) = train_and_fresh(600, 5);
    x.row_mut(300)[2] += 8.0;
    let values = &scores(Kind::Ar1, &train, &x, &[])[0].values;
    assert_eq!(rank(values, 300..301, 0..299), 1.0);
}

/// PIPE-01: a sensor that leaves the plane the others span (spe), and all of them far out within it (t2).
#[test]
fn pca_tells_a_broken_relation_from_an_extreme_but_consistent_state() {
    let (train, mut x) = train_and_fresh(600, 5);
    x.row_mut(300)[2] += 5.0;
    for v in x.row_mut(400) {
        *v = 7.0;
    }
    let streams = scores(Kind::Pca, &train, &x, &[]);
    let (spe, t2) = (stream(&streams, "pca_spe"), stream(&streams, "pca_t2"));
    assert_eq!(rank(spe, 300..301, 0..299), 1.0);
    assert_eq!(rank(t2, 400..401, 0..299), 1.0);
    assert!(t2[400] / t2[300] > 5.0 && spe[300] / spe[400] > 5.0);
}

/// PIPE-01: a row far from the crowd in several sensors.
#[test]
fn iforest_flags_a_lone_row() {
    let (train, mut x) = train_and_fresh(600, 5);
    x.row_mut(300).copy_from_slice(&[6.0, -6.0, 6.0, -6.0, 6.0]);
    let values = &scores(Kind::IForest, &train, &x, &[])[0].values;
    assert_eq!(rank(values, 300..301, 0..299), 1.0);
    assert!(values.iter().all(|v| (0.0..=1.0).contains(v)));
}

/// PIPE-01: a row between two states, each of whose values is common on its own.
#[test]
fn gmm_flags_a_row_between_two_states() {
    let mut rng = Rng::new(9, 0);
    let mut state = |r: usize| {
        let centre = if r.is_multiple_of(2) { -4.0 } else { 4.0 };
        [centre + rng.unit(), centre + rng.unit()]
    };
    let train = Matrix { rows: 400, cols: 2, data: (0..400).flat_map(&mut state).collect() };
    let mut x = Matrix { rows: 100, cols: 2, data: (0..100).flat_map(&mut state).collect() };
    x.row_mut(50).copy_from_slice(&[-3.5, 4.5]);
    x.row_mut(51).copy_from_slice(&[0.5, 0.5]);
    let values = &scores(Kind::Gmm, &train, &x, &[])[0].values;
    assert_eq!(rank(values, 50..51, 0..50), 1.0);
    assert_eq!(rank(values, 51..52, 0..50), 1.0);
}

/// PIPE-01: a sensor that stops following the others, and the blame for it.
#[test]
fn omr_flags_a_decoupled_sensor_and_names_it() {
    let (train, mut x) = train_and_fresh(600, 5);
    for r in 300..340 {
        x.row_mut(r)[3] += 4.0;
    }
    let omr = fit(Kind::Omr, &train, &[], &DetectConfig::default()).unwrap();
    let streams = omr.score(&x, &[]);
    assert_eq!(rank(stream(&streams, "omr"), 300..340, 0..299), 1.0);
    assert_eq!(rank(stream(&streams, "omr_w16"), 316..340, 0..299), 1.0);
    let shares = omr.contributions(&x, 300..340).unwrap();
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let top = culprits(&shares, 3);
    assert_eq!((top.len(), top[0].0), (3, 3), "{top:?}");
    assert!(top[0].1 > 0.5 && top[0].1 >= top[1].1, "{top:?}");
    assert!(omr.contributions(&x, 599..601).is_none());
}

#[test]
fn only_omr_names_culprits() {
    let (train, x) = train_and_fresh(100, 4);
    for kind in Kind::ALL {
        let shares = fit(kind, &train, &[], &DetectConfig::default()).unwrap().contributions(&x, 0..5);
        assert_eq!(shares.is_some(), kind == Kind::Omr, "{kind}");
    }
}

/// PIPE-01: a slow drift, too small for any single row.
#[test]
fn windowed_streams_see_a_small_shift_better_than_single_rows() {
    let (train, mut x) = train_and_fresh(1000, 6);
    for r in 600..1000 {
        x.row_mut(r)[1] += 0.7;
    }
    for (kind, single, windowed) in [(Kind::Gmm, "gmm", "gmm_w16"), (Kind::Omr, "omr", "omr_w16")] {
        let streams = scores(kind, &train, &x, &[]);
        let [s, w] = [single, windowed].map(|name| rank(stream(&streams, name), 620..1000, 0..600));
        assert!(w > s && w > 0.9, "{kind}: {s} {w}");
    }
}

#[test]
fn windowed_streams_exist_from_four_sensors_and_400_rows() {
    let names = |rows, sensors| -> Vec<&str> {
        let (train, x) = train_and_fresh(rows, sensors);
        [Kind::Gmm, Kind::Omr].iter().flat_map(|k| scores(*k, &train, &x, &[])).map(|s| s.name).collect()
    };
    assert_eq!(names(400, 4), ["gmm", "gmm_w16", "omr", "omr_w16"]);
    assert_eq!(names(399, 4), ["gmm", "omr"]);
    assert_eq!(names(400, 3), ["gmm", "omr"]);
}

#[test]
fn the_farther_a_row_the_stranger_without_underflow() {
    let (train, _) = train_and_fresh(600, 4);
    let x = Matrix::from_columns(&vec![vec![1e1, 1e2, 1e3, 1e4, 1e5]; 4]);
    for (kind, name) in [(Kind::Gmm, "gmm"), (Kind::Omr, "omr"), (Kind::Pca, "pca_t2")] {
        let streams = scores(kind, &train, &x, &[1, 2, 3, 4]);
        let values = stream(&streams, name);
        assert!(values.windows(2).all(|w| w[1] > 5.0 * w[0]), "{name}: {values:?}");
    }
}
