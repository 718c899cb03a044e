//! The data contract.

use obs_pipeline::input::quality::{DataContract, validate};
use obs_pipeline::{Frame, TimeAxis};

fn frame(columns: Vec<(&str, Vec<f64>)>) -> Frame {
    let rows = columns[0].1.len();
    let (names, columns) = columns.into_iter().map(|(n, c)| (n.to_owned(), c)).unzip();
    Frame {
        axis: TimeAxis::Civil,
        time: (0..rows as i64).map(|r| r * 60_000_000).collect(),
        names,
        columns,
        breaks: Vec::new(),
        unit: None,
        unit_names: Vec::new(),
    }
}

/// A value that moves in every row.
fn lively(rows: usize) -> Vec<f64> {
    (0..rows).map(|r| ((r * 37) % 101) as f64).collect()
}

#[test]
fn clean_data_scores_a_hundred() {
    let quality = validate(&frame(vec![("a", lively(202))]), &DataContract::default());
    let a = &quality.sensors[0];
    assert_eq!((a.coverage, a.min, a.max), (1.0, 0.0, 100.0));
    assert!((a.mean - 50.0).abs() < 1e-9, "{}", a.mean);
    // Twice each of 0..=100: sum of squares 2 * 85,850 over 201.
    assert!((a.sd - (171_700.0_f64 / 201.0).sqrt()).abs() < 1e-9);
    assert_eq!((quality.usable, quality.noop, quality.score), (vec![true], None, 100.0));
}

#[test]
fn a_sensor_with_less_than_half_its_rows_is_not_usable() {
    let sparse = |present: usize| {
        lively(100).into_iter().enumerate().map(|(r, v)| if r < present { v } else { f64::NAN }).collect()
    };
    let quality =
        validate(&frame(vec![("half", sparse(50)), ("less", sparse(49))]), &DataContract::default());
    assert_eq!(quality.usable, [true, false]);
    assert_eq!(quality.reasons, ["sensor `less`: 49.0 % of rows have a value, 50.0 % are needed"]);
    assert!((quality.score - 25.0).abs() < 1e-9, "{}", quality.score);
}

#[test]
fn a_stuck_run_is_seen_and_a_two_state_sensor_is_not_stuck() {
    let mut stuck = lively(200);
    stuck[100..150].fill(7.5);
    stuck[120] = f64::NAN;
    let two_state = (0..200).map(|r| f64::from(u8::from(r / 50 % 2 == 0))).collect();
    let quality = validate(&frame(vec![("stuck", stuck), ("pump", two_state)]), &DataContract::default());
    assert_eq!(quality.sensors[0].longest_run, 49);
    assert!((quality.sensors[0].stuck_share - 49.0 / 199.0).abs() < 1e-12);
    assert_eq!((quality.sensors[1].longest_run, quality.sensors[1].stuck_share), (50, 0.0));
    assert_eq!(quality.usable, [true, true]);
}

#[test]
fn a_break_ends_a_run() {
    let mut broken = frame(vec![("a", vec![1.0; 100])]);
    broken.columns[0][99] = 2.0;
    broken.breaks = vec![40];
    assert_eq!(validate(&broken, &DataContract::default()).sensors[0].longest_run, 59);
}

#[test]
fn a_constant_sensor_and_one_out_of_range_are_not_usable() {
    let contract =
        DataContract { ranges: [("hot".to_owned(), (0.0, 50.0))].into(), ..DataContract::default() };
    let quality = validate(&frame(vec![("still", vec![3.0; 202]), ("hot", lively(202))]), &contract);
    assert_eq!(quality.usable, [false, false]);
    assert!(quality.reasons[0].starts_with("sensor `still`: it does not vary"), "{:?}", quality.reasons);
    assert_eq!(quality.reasons[1], "sensor `hot`: 49.5 % of values are out of range");
    assert_eq!(quality.noop.as_deref(), Some("no sensor meets the data contract"));
    assert!(quality.score.abs() < 1e-12);
}

#[test]
fn too_few_rows_are_a_reason_not_to_run() {
    let quality = validate(&frame(vec![("a", lively(63))]), &DataContract::default());
    assert_eq!(quality.noop.as_deref(), Some("63 rows; at least 64 are needed"));
}

#[test]
fn uneven_steps_lower_the_score() {
    let mut uneven = frame(vec![("a", lively(201))]);
    for (row, time) in uneven.time.iter_mut().enumerate() {
        // Each fourth step is four times as long.
        *time += 180_000_000 * (row as i64 / 4);
    }
    let quality = validate(&uneven, &DataContract::default());
    assert!((quality.regularity - 0.75).abs() < 1e-12);
    assert!((quality.score - 97.5).abs() < 1e-9, "{}", quality.score);
}
