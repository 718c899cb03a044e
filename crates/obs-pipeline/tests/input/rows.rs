//! Gaps, bad rows, duplicates, order, breaks, and columns that are no sensors.

use std::fmt::Write as _;

use obs_pipeline::input::ReadOptions;

use super::{detect, load};

#[test]
fn missing_cells_become_gaps_and_are_counted() {
    let cells = ["1", "", "NaN", "nan", "NULL", "N/A", "-", "#N/A", "Bad", "inf", "-inf", "2"];
    let rows: Vec<String> =
        cells.iter().enumerate().map(|(i, c)| format!("2020-01-01 00:{i:02},{c}")).collect();
    let loaded = detect(&format!("time,a\n{}\n", rows.join("\n")));
    let values = &loaded.frame.columns[0];
    assert_eq!(values.iter().filter(|v| v.is_nan()).count(), 10);
    assert_eq!((values[0], values[11]), (1.0, 2.0));
    assert_eq!((loaded.report.missing_cells, loaded.report.unreadable_cells), (10, 0));
}

#[test]
fn a_column_is_numeric_when_nine_in_ten_cells_are() {
    let row = |i: usize| {
        let (a, b) = (
            if i < 2 { "x".to_owned() } else { i.to_string() },
            if i < 3 { "y".to_owned() } else { i.to_string() },
        );
        format!("2020-01-01 00:{i:02},{a},{b}")
    };
    let loaded = detect(&format!("time,a,b\n{}", (0..20).map(row).collect::<Vec<_>>().join("\n")));
    assert_eq!(loaded.frame.names, ["a"]);
    assert_eq!((loaded.report.missing_cells, loaded.report.unreadable_cells), (2, 2));
    assert_eq!(
        loaded.report.warnings,
        ["column `a`: 2 cells that are no numbers are taken as gaps, first `x` at line 2"]
    );
    let reason = "text: 3 of 20 cells are no numbers, first `y` at line 2";
    assert_eq!(loaded.report.dropped_columns, [("b".to_owned(), reason.to_owned())]);
}

#[test]
fn rows_that_do_not_parse_are_counted_with_their_lines() {
    let mut text = String::from("time,a\n");
    for i in 0..100 {
        writeln!(text, "2020-01-01 {:02}:{:02},{i}", i / 60, i % 60).unwrap();
        match i {
            3 => text += "2020-01-01 00:03\n",
            5 => text += "yesterday,1\n",
            7 => text += "31.02.2020 00:00,1\n",
            9 => text += ",5\n",
            _ => {}
        }
    }
    let report = detect(&text).report;
    assert_eq!((report.rows_read, report.rows_dropped), (104, 4));
    assert_eq!(report.first_bad_lines.iter().map(|(_, line)| *line).collect::<Vec<_>>(), [6, 9, 12]);
    let warning = &report.warnings[0];
    assert!(warning.starts_with("4 of 104 rows do not parse and are left out, first at "), "{warning}");
}

#[test]
fn of_rows_with_the_same_time_the_last_wins_and_order_is_restored() {
    let loaded = detect(
        "time,a,b\n2020-01-01 00:02,3,1\n2020-01-01 00:00,1,2\n2020-01-01 00:01,2,3\n2020-01-01 00:02,9,4\n",
    );
    assert_eq!(loaded.frame.columns[0], [1.0, 2.0, 9.0]);
    assert_eq!(loaded.frame.columns[1], [2.0, 3.0, 4.0]);
    assert_eq!((loaded.report.duplicates, loaded.report.unordered), (1, 1));
    assert_eq!(
        loaded.report.warnings,
        [
            "1 rows repeat a timestamp; the last row of each is kept",
            "1 rows are before the row above; rows are sorted by time"
        ]
    );
}

#[test]
fn constant_and_empty_sensors_are_dropped_with_the_reason() {
    let loaded =
        detect("time,a,still,none\n2020-01-01 00:00,1,7,\n2020-01-01 00:01,2,7,NaN\n2020-01-01 00:02,2,,\n");
    assert_eq!(loaded.frame.names, ["a"]);
    let dropped: Vec<_> =
        loaded.report.dropped_columns.iter().map(|(n, r)| (n.as_str(), r.as_str())).collect();
    assert_eq!(dropped, [("still", "constant: every value is 7"), ("none", "empty: no value in any row")]);
}

#[test]
fn a_single_row_is_read_and_left_to_the_data_contract() {
    let loaded = detect("time,a,b\n2020-01-01 00:00,1,\n");
    assert_eq!((loaded.frame.names, loaded.frame.columns), (vec!["a".to_owned()], vec![vec![1.0]]));
    assert_eq!((loaded.report.cadence_seconds, loaded.report.gap_threshold), (None, None));
}

#[test]
fn the_row_index_of_a_data_frame_is_no_sensor() {
    let loaded = detect(",time,a\n0,2020-01-01 00:00,5\n1,2020-01-01 00:01,6\n2,2020-01-01 00:02,5\n");
    assert_eq!(loaded.frame.names, ["a"]);
    assert_eq!(loaded.report.dropped_columns, [("c1".to_owned(), "row number, no measurement".to_owned())]);
}

#[test]
fn a_pause_breaks_the_time_line_and_jitter_does_not() {
    // A row a second, each twentieth step two seconds, and an outage of 76 s after row 99.
    let mut second = 0;
    let mut text = String::from("datetime;a\n");
    for row in 0..200 {
        writeln!(text, "2020-03-09 10:{:02}:{:02};{row}", second / 60, second % 60).unwrap();
        second += if row == 99 { 76 } else { 1 + i32::from(row % 20 == 7) };
    }
    let loaded = detect(&text);
    assert_eq!(loaded.frame.breaks, [100]);
    assert_eq!(
        (loaded.report.gaps, loaded.report.cadence_seconds, loaded.report.gap_threshold),
        (1, Some(1.0), Some(5.0))
    );
}

#[test]
fn labels_are_no_sensors_and_keep_their_rows() {
    let options =
        ReadOptions { label_columns: vec!["anomaly".to_owned(), "ok".to_owned()], ..ReadOptions::default() };
    let loaded =
        load("time,anomaly,a,ok\n2020-01-01 00:01,1.0,5,false\n2020-01-01 00:00,0.0,4,TRUE\n", &options);
    assert_eq!(loaded.frame.names, ["a"]);
    assert_eq!(loaded.labels, [("anomaly".to_owned(), vec![0.0, 1.0]), ("ok".to_owned(), vec![1.0, 0.0])]);
}
