//! Tests of `episodes`.

use proptest::prelude::*;

use super::*;

const BASE: Baseline = Baseline { median: 0.0, scale: 0.5 };

fn find(fused: &[f64], breaks: &[usize]) -> Vec<Episode> {
    let cfg = EpisodeConfig::default();
    let mut found = detect(fused, &vec![1.0; fused.len()], breaks, &cfg);
    mark_onsets(&mut found, fused, BASE, breaks, &cfg);
    found
}

fn spans(found: &[Episode]) -> Vec<(usize, usize)> {
    found.iter().map(|e| (e.start_row, e.end_row)).collect()
}

/// PIPE-06
#[test]
fn an_episode_opens_after_two_rows_and_closes_after_three_under_half() {
    //               0    1    2    3    4    5    6    7    8    9    10   11
    let fused = [0.0, 1.0, 0.0, 1.0, 2.0, 0.6, 0.4, 0.4, 0.7, 0.1, 0.1, 0.1];
    let found = find(&fused, &[]);
    assert_eq!(spans(&found), [(3, 8)]);
    let e = found[0];
    assert_eq!((e.peak_row, e.severity), (4, Severity::Warning));
    assert!((e.peak_z - 2.0).abs() < 1e-12 && (e.mean_z - 5.1 / 6.0).abs() < 1e-12);
}

#[test]
fn gaps_of_up_to_five_rows_are_merged() {
    let alarm = [1.2; 4];
    let with_gap = |gap: usize| [&alarm[..], &vec![0.0; gap][..], &alarm[..]].concat();
    assert_eq!(spans(&find(&with_gap(5), &[])), [(0, 12)]);
    assert_eq!(spans(&find(&with_gap(6), &[])), [(0, 3), (10, 13)]);
}

#[test]
fn episodes_under_three_rows_are_dropped() {
    let fused = [0.0, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert!(find(&fused, &[]).is_empty());
}

#[test]
fn an_episode_open_at_the_end_is_reported_without_its_quiet_tail() {
    assert_eq!(spans(&find(&[0.0, 1.0, 1.0, 1.0, 0.2, 0.2], &[])), [(1, 3)]);
}

#[test]
fn a_break_ends_an_episode_and_the_next_must_open_anew() {
    let fused = [1.5; 8];
    assert_eq!(spans(&find(&fused, &[4])), [(0, 3), (4, 7)]);
    assert_eq!(spans(&find(&fused, &[6])), [(0, 5)]);
}

#[test]
fn severity_follows_the_peak_over_the_rows_own_threshold() {
    let cfg = EpisodeConfig::default();
    let run = |limit: f64| detect(&[3.0; 4], &[limit; 4], &[], &cfg)[0].severity;
    assert_eq!((run(2.5), run(2.0), run(1.0)), (Severity::Info, Severity::Warning, Severity::Critical));
    assert_eq!(Severity::Critical.as_str(), "critical");
    assert!(Severity::Info < Severity::Critical);
}

#[test]
fn the_onset_is_where_the_score_began_to_climb() {
    // Rests at the healthy median, climbs from row 10 on by more than the slack, crosses the threshold at row 14.
    let mut fused = vec![0.0; 30];
    for (i, v) in fused.iter_mut().enumerate().skip(10) {
        *v = 0.3 + 0.2 * (i - 10) as f64;
    }
    let e = find(&fused, &[])[0];
    assert_eq!((e.start_row, e.onset_row), (14, 10));
    let sudden: Vec<f64> = (0..20).map(|i| if i < 12 { 0.0 } else { 4.0 }).collect();
    assert_eq!(find(&sudden, &[])[0].onset_row, 12);
    assert_eq!(find(&fused, &[12])[0].onset_row, 12);
}

#[test]
fn rows_carry_the_number_of_their_episode() {
    let fused = [&[1.2; 3][..], &[0.0; 7], &[1.2; 3]].concat();
    let labels = label_rows(13, &find(&fused, &[]));
    assert_eq!(labels, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2]);
    assert_eq!(label_rows(2, &find(&fused, &[])), [1, 1]);
}

#[test]
fn scores_that_are_missing_or_empty_give_no_episode() {
    assert!(find(&[], &[]).is_empty());
    assert!(find(&[f64::NAN; 5], &[]).is_empty());
    assert!(detect(&[5.0; 5], &[0.0; 5], &[], &EpisodeConfig::default()).is_empty());
}

proptest! {
    #[test]
    fn episodes_are_sorted_disjoint_long_enough_and_never_cross_a_break(
        fused in prop::collection::vec(-1.0..3.0f64, 0..200),
        breaks in prop::collection::vec(0..200usize, 0..5),
    ) {
        let found = find(&fused, &breaks);
        prop_assert!(found.windows(2).all(|w| w[0].end_row < w[1].onset_row && w[1].onset_row <= w[1].start_row));
        for e in &found {
            prop_assert!(e.end_row < fused.len() && e.rows().len() >= 3);
            prop_assert!(e.rows().contains(&e.peak_row) && e.onset_row <= e.start_row);
            prop_assert!(e.mean_z.is_finite() && e.mean_z <= e.peak_z && e.peak_ratio >= 1.0);
            prop_assert!(breaks.iter().all(|b| !(e.onset_row + 1..=e.end_row).contains(b)));
            prop_assert!(fused[e.start_row] >= 1.0 && fused[e.start_row + 1] >= 1.0);
        }
    }

    #[test]
    fn two_rows_in_alarm_followed_by_a_third_are_always_inside_an_episode(
        fused in prop::collection::vec(-1.0..3.0f64, 3..200),
    ) {
        let labels = label_rows(fused.len(), &find(&fused, &[]));
        for (row, w) in fused.windows(3).enumerate() {
            if w.iter().all(|v| *v >= 1.0) {
                prop_assert!(labels[row] > 0, "row {row}");
            }
        }
    }

    #[test]
    fn scaling_scores_and_thresholds_together_changes_no_row(
        fused in prop::collection::vec(-1.0..3.0f64, 0..120),
        power in -3..4i32,
    ) {
        let k = 2f64.powi(power);
        let scaled: Vec<f64> = fused.iter().map(|v| v * k).collect();
        let base = Baseline { median: 0.0, scale: BASE.scale * k };
        let cfg = EpisodeConfig::default();
        let mut other = detect(&scaled, &vec![k; scaled.len()], &[], &cfg);
        mark_onsets(&mut other, &scaled, base, &[], &cfg);
        let rows = |f: &[Episode]| f.iter().map(|e| (e.rows(), e.onset_row, e.severity)).collect::<Vec<_>>();
        prop_assert_eq!(rows(&find(&fused, &[])), rows(&other));
    }
}
