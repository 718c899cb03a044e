//! Delimiters, headers, encodings, decimal signs, and tables without names.

use std::fmt::Write as _;

use obs_pipeline::TimeAxis;
use obs_pipeline::input::ReadOptions;

use super::{Files, detect, load, no_header};

#[test]
fn every_delimiter_reads_to_the_same_frame() {
    let rows =
        [["time", "a", "b"], ["2020-01-01T00:00:00", "1", "2.5"], ["2020-01-01T00:01:00", "2", "-1e3"]];
    let frames = [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), ("   ", "blanks")].map(
        |(d, name)| {
            let text: String = rows.iter().map(|r| r.join(d) + "\r\n").collect();
            let loaded = detect(&text);
            assert_eq!(loaded.report.delimiter, name);
            loaded.frame
        },
    );
    assert_eq!(frames[0].columns, [vec![1.0, 2.0], vec![2.5, -1000.0]]);
    assert!(frames.iter().all(|f| *f == frames[0]));
}

#[test]
fn headers_keep_blanks_units_and_quotes() {
    let text = "\u{feff}\"Time stamp\",\"Bearing temp, DE [°C]\",Flow \"\"A\"\" (m³/h), Motor  current \r\n\
                2020-01-01 00:00,1,2,3\r\n2020-01-01 00:01,2,3,4\r\n";
    let loaded = detect(text);
    assert_eq!(loaded.frame.names, ["Bearing temp, DE [°C]", "Flow \"\"A\"\" (m³/h)", "Motor current"]);
    assert_eq!(loaded.report.timestamp_column.as_deref(), Some("Time stamp"));
}

#[test]
fn a_latin_1_header_is_read() {
    let files = Files::new(&[b"time,T \xb0C\n2020-01-01 00:00,1\n2020-01-01 00:01,2\n"]);
    assert_eq!(files.read(&ReadOptions::default()).unwrap().frame.names, ["T °C"]);
}

#[test]
fn a_decimal_comma_is_read_where_the_comma_does_not_separate() {
    let loaded = detect("time;a;b\n21.05.2012 14:00;2,75;1.200,5\n21.05.2012 14:01;-0,5;7\n");
    assert!(loaded.report.decimal_comma);
    assert_eq!(loaded.frame.columns, [vec![2.75, -0.5], vec![1200.5, 7.0]]);
}

#[test]
fn quoted_numbers_and_grouped_thousands_are_numbers() {
    let loaded = detect("\"time\",\"a\"\n\"2020-01-01 00:00\",\"1,234.5\"\n\"2020-01-01 00:01\",\"2\"\n");
    assert_eq!(loaded.frame.columns, [vec![1234.5, 2.0]]);
}

#[test]
fn a_table_without_header_has_numbered_columns_and_rows() {
    let loaded = load("  1.0  5\n  2.0  7 \n\n  4.0  6\n", &no_header());
    assert_eq!(loaded.frame.names, ["c1", "c2"]);
    assert_eq!((loaded.frame.axis, loaded.frame.time), (TimeAxis::Counter, vec![0, 1, 2]));
    assert_eq!(loaded.frame.columns[1], [5.0, 7.0, 6.0]);
    assert_eq!(loaded.report.timestamp_column, None);
}

#[test]
fn a_header_may_start_with_a_comment_sign() {
    for header in ["# time a", "#time a"] {
        let loaded = detect(&format!("{header}\n1 5.0\n2 6.0\n3 5.5\n"));
        assert_eq!(
            (loaded.report.timestamp_column.as_deref(), loaded.frame.names),
            (Some("time"), vec!["a".to_owned()])
        );
    }
}

#[test]
fn a_table_without_header_may_have_a_time_column() {
    let loaded = load("7;2020-01-01 00:00\n8;2020-01-01 00:01\n", &no_header());
    assert_eq!(loaded.report.timestamp_column.as_deref(), Some("c2"));
    assert_eq!(loaded.frame.names, ["c1"]);
}

#[test]
fn a_transposed_table_reads_like_the_plain_one() {
    let transposed = load("1 2 3\n9 8 8\n", &ReadOptions { transpose: true, ..no_header() });
    let plain = load("1 9\n2 8\n3 8\n", &no_header());
    assert_eq!(transposed.frame, plain.frame);
}

#[test]
fn units_stay_together_and_break_the_time_line() {
    let options = ReadOptions {
        unit_column: Some("c1".to_owned()),
        timestamp_column: Some("c2".to_owned()),
        label_columns: vec!["c4".to_owned()],
        ..no_header()
    };
    let loaded = load("7 1 0.5 0\n7 2 0.6 0\n9 1 0.1 0\n7 3 0.7 1\n9 2 0.2 0\n", &options);
    let frame = &loaded.frame;
    assert_eq!(frame.unit_names, ["7", "9"]);
    assert_eq!(frame.unit.as_deref(), Some([0, 0, 0, 1, 1].as_slice()));
    assert_eq!((frame.axis, frame.time.as_slice()), (TimeAxis::Counter, [1, 2, 3, 1, 2].as_slice()));
    assert_eq!(
        (frame.names.as_slice(), frame.breaks.as_slice()),
        (["c3".to_owned()].as_slice(), [3].as_slice())
    );
    assert_eq!(frame.columns, [vec![0.5, 0.6, 0.7, 0.1, 0.2]]);
    assert_eq!(loaded.labels, [("c4".to_owned(), vec![0.0, 0.0, 1.0, 0.0, 0.0])]);
}

#[test]
fn files_are_joined_whatever_the_order_of_their_columns() {
    let files = Files::new(&[
        b"time,a,b,fault\n2020-01-01 00:02,3,30,1\n2020-01-01 00:03,4,40,0\n",
        b"b;fault;time;a\n10;0;2020-01-01 00:00;1\n20;0;2020-01-01 00:01;2\n",
    ]);
    let loaded = files
        .read(&ReadOptions { label_columns: vec!["fault".to_owned()], ..ReadOptions::default() })
        .unwrap();
    assert_eq!(loaded.frame.names, ["a", "b"]);
    assert_eq!(loaded.frame.columns, [vec![1.0, 2.0, 3.0, 4.0], vec![10.0, 20.0, 30.0, 40.0]]);
    assert_eq!(loaded.labels[0].1, [0.0, 0.0, 1.0, 0.0]);
    assert_eq!((loaded.report.files.len(), loaded.report.rows_read, loaded.report.unordered), (2, 4, 1));
}

#[test]
fn features_of_a_single_sensor_are_derived_on_request() {
    let options = ReadOptions { derive: true, ..ReadOptions::default() };
    let loaded = load("timestamp,value\n2020-01-01 00:00,1\n2020-01-01 00:05,3\n", &options);
    assert_eq!(loaded.frame.names, ["value", "value_mean12", "value_sd12", "value_diff1", "value_diff12"]);
    assert_eq!(loaded.frame.columns[1], [1.0, 2.0]);
    let two = load("timestamp,a,b\n2020-01-01 00:00,1,2\n2020-01-01 00:05,3,1\n", &options);
    assert_eq!(two.frame.names, ["a", "b"]);
    assert_eq!(
        two.report.warnings,
        ["--derive is for a single sensor; this table has 2, nothing is derived"]
    );
}

#[test]
fn one_thread_and_several_read_the_same() {
    // Over one chunk, with a bad row and text in each part.
    let mut text = String::from("time,a,b,state\n");
    for row in 0..60_000 {
        let state = if row % 7 == 0 { "off" } else { "" };
        let (minute, second) = (row / 60 % 60, row % 60);
        writeln!(
            text,
            "2020-01-{:02} {:02}:{minute:02}:{second:02},{}.25,{row},{state}",
            1 + row / 86_400,
            row / 3600 % 24,
            row % 97
        )
        .unwrap();
        if row % 20_000 == 11 {
            text += "broken\n";
        }
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| detect(&text));
    let four = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap().install(|| detect(&text));
    assert!(text.len() > 3 << 19);
    assert_eq!(one.frame, four.frame);
    assert_eq!(one.frame.columns[1], (0..60_000).map(f64::from).collect::<Vec<_>>());
    let lines = |l: &obs_pipeline::input::Loaded| {
        l.report.first_bad_lines.iter().map(|(_, n)| *n).collect::<Vec<_>>()
    };
    assert_eq!(lines(&one), [14, 20_015, 40_016]);
    assert_eq!(lines(&one), lines(&four));
    assert_eq!(one.report.dropped_columns, four.report.dropped_columns);
}
