//! Tests of `fusion`.

use proptest::prelude::*;

use super::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn windowed_streams_take_the_place_of_plain_ones() {
    let all = ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "gmm_w16", "omr", "omr_w16"];
    let w = Weights::equal(&all);
    let names: Vec<&str> = w.entries.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["ar1", "pca_spe", "pca_t2", "iforest", "gmm_w16", "omr_w16"]);
    assert!(w.entries.iter().all(|(_, w)| close(*w, 1.0 / 6.0)));
    let plain = Weights::equal(&["omr", "gmm", "ar1"]);
    assert!(close(plain.of("gmm"), 1.0 / 3.0) && close(plain.of("gmm_w16"), 0.0));
}

/// PIPE-06
#[test]
fn the_fused_score_is_the_moving_average_of_the_mean_and_restarts_at_breaks() {
    let (a, b) = ([0.0, 2.0, 4.0, 10.0], [0.0, 4.0, 8.0, 0.0]);
    let streams = [Stream { name: "ar1", z: &a }, Stream { name: "iforest", z: &b }];
    let w = Weights::equal(&["ar1", "iforest"]);
    let fused = combine(&streams, &w, &[3], &FusionConfig::default());
    // Means 0, 3, 6 | 5; s1 = 0.3 * 3 = 0.9; s2 = 0.9 + 0.3 * 5.1 = 2.43; restarted at 0: 0.3 * 5.
    for (got, want) in fused.iter().zip([0.0, 0.9, 2.43, 1.5]) {
        assert!(close(*got, want), "{fused:?}");
    }
}

#[test]
fn streams_without_a_score_leave_the_others_their_full_weight() {
    let (a, b) = ([f64::NAN, 2.0, f64::NAN], [f64::NAN, f64::NAN, 4.0]);
    let streams = [Stream { name: "ar1", z: &a }, Stream { name: "omr", z: &b }];
    let cfg = FusionConfig { alpha: 1.0, ..FusionConfig::default() };
    let fused = combine(&streams, &Weights::equal(&["ar1", "omr"]), &[], &cfg);
    assert_eq!(fused, [0.0, 2.0, 4.0]);
    assert!(combine(&[], &Weights::default(), &[], &cfg).is_empty());
}

#[test]
fn trimming_leaves_out_each_rows_extremes_where_four_streams_have_a_score() {
    let z = [[0.0, 9.0], [1.0, 1.0], [3.0, 5.0], [10.0, f64::NAN]];
    let names = ["ar1", "pca_spe", "pca_t2", "iforest"];
    let streams: Vec<Stream<'_>> = names.iter().zip(&z).map(|(name, z)| Stream { name, z }).collect();
    let cfg = FusionConfig { alpha: 1.0, trim: true, ..FusionConfig::default() };
    let fused = combine(&streams, &Weights::equal(&names), &[], &cfg);
    assert!(close(fused[0], 2.0) && close(fused[1], 5.0), "{fused:?}");
}

#[test]
fn tuned_weights_favour_the_stream_that_differs() {
    let a: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
    let b: Vec<f64> = a.iter().map(|x| 2.0 * x + 1.0).collect();
    let c: Vec<f64> = (0..100).map(|i| f64::from((i * i) % 11)).collect();
    let streams =
        [Stream { name: "ar1", z: &a }, Stream { name: "pca_spe", z: &b }, Stream { name: "iforest", z: &c }];
    let w = Weights::auto_tune(&streams, &FusionConfig::default());
    assert!(w.of("iforest") > 1.2 * w.of("ar1"), "{w:?}");
    assert!(close(w.of("ar1"), w.of("pca_spe")));
    assert!(close(w.entries.iter().map(|(_, w)| w).sum(), 1.0));
    let short = [Stream { name: "ar1", z: &a[..5] }, Stream { name: "omr", z: &c[..5] }];
    assert_eq!(Weights::auto_tune(&short, &FusionConfig::default()), Weights::equal(&["ar1", "omr"]));
}

proptest! {
    #[test]
    fn rows_after_do_not_change_rows_before(
        z in prop::collection::vec((-3.0..10.0f64, -3.0..10.0f64), 1..60),
        cut in 0..60usize,
        breaks in prop::collection::vec(0..60usize, 0..4),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = z.into_iter().unzip();
        let cut = cut.min(a.len());
        let w = Weights::equal(&["ar1", "gmm"]);
        let run = |n: usize| {
            let s = [Stream { name: "ar1", z: &a[..n] }, Stream { name: "gmm", z: &b[..n] }];
            combine(&s, &w, &breaks, &FusionConfig::default())
        };
        prop_assert_eq!(&run(a.len())[..cut], &run(cut)[..]);
    }

    #[test]
    fn the_fused_score_stays_between_zero_and_the_extremes_of_its_inputs(
        z in prop::collection::vec((-3.0..10.0f64, -3.0..10.0f64), 1..60),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = z.into_iter().unzip();
        let (lo, hi): (f64, f64) = a.iter().chain(&b).fold((0.0, 0.0), |(l, h), v| (l.min(*v), h.max(*v)));
        let s = [Stream { name: "ar1", z: &a }, Stream { name: "gmm", z: &b }];
        let fused = combine(&s, &Weights::equal(&["ar1", "gmm"]), &[7], &FusionConfig::default());
        prop_assert!(fused.iter().all(|v| (lo - 1e-9..=hi + 1e-9).contains(v)));
    }

    #[test]
    fn tuned_weights_are_positive_and_sum_to_one(
        z in prop::collection::vec((-3.0..10.0f64, -3.0..10.0f64, -3.0..10.0f64), 10..60),
        tune_strength in 0.0..=1.0f64,
    ) {
        let a: Vec<f64> = z.iter().map(|r| r.0).collect();
        let b: Vec<f64> = z.iter().map(|r| r.1).collect();
        let c: Vec<f64> = z.iter().map(|r| r.2).collect();
        let s = [Stream { name: "ar1", z: &a }, Stream { name: "gmm", z: &b }, Stream { name: "omr", z: &c }];
        let cfg = FusionConfig { tune_strength, ..FusionConfig::default() };
        let w = Weights::auto_tune(&s, &cfg);
        prop_assert!(w.entries.iter().all(|(_, w)| *w > 0.0));
        prop_assert!((w.entries.iter().map(|(_, w)| w).sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
