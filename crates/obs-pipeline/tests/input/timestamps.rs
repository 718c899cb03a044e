//! The forms of time that exports have.

use std::fmt::Write as _;

use obs_pipeline::TimeAxis;
use obs_pipeline::input::{Loaded, ReadOptions};

use super::{detect, error, load, times};

/// A table with one sensor and these times.
fn table<T: AsRef<str>>(cells: &[T]) -> String {
    let mut text = String::from("time;a\n");
    for (i, cell) in cells.iter().enumerate() {
        writeln!(text, "{};{}", cell.as_ref(), i % 5).unwrap();
    }
    text
}

fn read<T: AsRef<str>>(cells: &[T]) -> Loaded {
    detect(&table(cells))
}

/// Every hour of so many days from 2013-01-01 as (month, day, hour).
fn hours(days: u32) -> Vec<(u32, u32, u32)> {
    let mut found = Vec::new();
    let (mut month, mut day) = (1, 1);
    for _ in 0..days {
        found.extend((0..24).map(|hour| (month, day, hour)));
        day += 1;
        if day > [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1] {
            (month, day) = (month + 1, 1);
        }
    }
    found
}

#[test]
fn iso_times_are_read_with_blank_fraction_and_zone() {
    assert_eq!(
        times(&read(&["2020-01-01 00:00", "2020-01-01 00:01:00.5"])),
        ["2020-01-01T00:00:00", "2020-01-01T00:01:00.5"]
    );
    let zoned = read(&["2020-01-01T00:00:00Z", "2020-01-01T02:01:00+02:00"]);
    assert_eq!(zoned.frame.axis, TimeAxis::Utc);
    assert_eq!(times(&zoned), ["2020-01-01T00:00:00Z", "2020-01-01T00:01:00Z"]);
}

#[test]
fn month_first_in_two_spellings_mixed_in_one_file() {
    // A spreadsheet with another locale rewrote the days it understood, 1 to 12, and left the others.
    let truth = hours(90);
    let cells: Vec<String> =
        truth
            .iter()
            .map(|(m, d, h)| {
                if *d <= 12 {
                    format!("{m:02}-{d:02}-2013 {h:02}:00")
                } else {
                    format!("{m}/{d}/2013 {h}:00")
                }
            })
            .collect();
    let loaded = read(&cells);
    let expected: Vec<String> =
        truth.iter().map(|(m, d, h)| format!("2013-{m:02}-{d:02}T{h:02}:00:00")).collect();
    assert_eq!(times(&loaded), expected);
    assert_eq!((loaded.report.unordered, loaded.report.gaps), (0, 0));
    assert_eq!(
        loaded.report.timestamp_formats,
        [
            "month/day/year, such as `1/13/2013 0:00` (1296 rows)",
            "month-day-year, such as `01-01-2013 00:00` (864 rows)"
        ]
    );
}

#[test]
fn the_same_mix_with_the_days_rewritten_day_first_is_told_apart() {
    let truth = hours(90);
    let cells: Vec<String> =
        truth
            .iter()
            .map(|(m, d, h)| {
                if *d <= 12 {
                    format!("{d:02}-{m:02}-2013 {h:02}:00")
                } else {
                    format!("{m}/{d}/2013 {h}:00")
                }
            })
            .collect();
    let expected: Vec<String> =
        truth.iter().map(|(m, d, h)| format!("2013-{m:02}-{d:02}T{h:02}:00:00")).collect();
    assert_eq!(times(&read(&cells)), expected);
}

#[test]
fn a_day_over_twelve_anywhere_in_the_file_settles_the_order() {
    assert_eq!(times(&read(&["12/05/2012", "13/05/2012"])), ["2012-05-12T00:00:00", "2012-05-13T00:00:00"]);
    assert_eq!(times(&read(&["5/12/2012", "5/13/2012"])), ["2012-05-12T00:00:00", "2012-05-13T00:00:00"]);
    assert_eq!(times(&read(&["21.05.2012 14:00", "22.05.2012 14:00"]))[1], "2012-05-22T14:00:00");
    assert_eq!(
        times(&read(&["5/21/12 2:00 PM", "5/22/12 2:00 AM"])),
        ["2012-05-21T14:00:00", "2012-05-22T02:00:00"]
    );
}

#[test]
fn where_both_orders_fit_the_even_one_is_taken() {
    let days = |order: fn(u32, u32) -> String| {
        hours(12).into_iter().map(|(m, d, h)| format!("{} {h:02}:00", order(m, d))).collect::<Vec<_>>()
    };
    let last = |cells: Vec<String>| times(&read(&cells)).pop().unwrap();
    assert_eq!(last(days(|m, d| format!("{m}/{d}/2013"))), "2013-01-12T23:00:00");
    assert_eq!(last(days(|m, d| format!("{d}/{m}/2013"))), "2013-01-12T23:00:00");
    let mut newest_first = days(|m, d| format!("{d}/{m}/2013"));
    newest_first.reverse();
    assert_eq!(last(newest_first), "2013-01-12T23:00:00");
}

#[test]
fn one_mistyped_date_does_not_turn_the_rest_around() {
    let mut cells: Vec<String> =
        hours(12).into_iter().map(|(m, d, h)| format!("{m}/{d}/2013 {h:02}:00")).collect();
    cells.insert(100, "13/5/2013 00:00".to_owned());
    let loaded = read(&cells);
    assert_eq!(times(&loaded).pop().unwrap(), "2013-01-12T23:00:00");
    assert_eq!((loaded.report.rows_dropped, loaded.report.first_bad_lines[0].1), (1, 102));
}

#[test]
fn where_both_orders_are_even_the_user_is_asked() {
    let daily: Vec<String> = (1..=12).map(|d| format!("01.{d:02}.2013")).collect();
    let message = error(table(&daily).as_bytes(), &ReadOptions::default());
    assert!(
        message.contains("month.day.year or day.month.year") && message.contains("--timestamp-format"),
        "{message}"
    );
}

#[test]
fn a_date_that_is_the_same_in_both_orders_needs_no_question() {
    assert_eq!(times(&read(&["03-03-2013 00:00", "03-03-2013 01:00"]))[1], "2013-03-03T01:00:00");
}

#[test]
fn the_format_that_an_ambiguous_file_is_told_to_use_reads_it() {
    for cell in [
        "1/2/2013 5:00",
        "01-02-2013 05:00:30",
        "1.2.13",
        "1/2/2013 5:00:30 PM",
        "1/2/2013 05:00:30.25",
        "1/2/13 5:00 am",
    ] {
        let text = table(&[cell, cell, cell]);
        let message = error(text.as_bytes(), &ReadOptions::default());
        let format = message.rsplit('`').nth(1).unwrap().to_owned();
        let options = ReadOptions { timestamp_format: Some(format), ..ReadOptions::default() };
        let loaded = load(&text, &options);
        assert!(times(&loaded)[0].starts_with("2013-01-02T"), "{message}");
        assert_eq!((loaded.frame.rows(), loaded.report.duplicates, loaded.report.rows_dropped), (1, 2, 0));
    }
}

#[test]
fn with_a_format_given_nothing_else_counts() {
    let options =
        ReadOptions { timestamp_format: Some("%d-%m-%Y %H:%M".to_owned()), ..ReadOptions::default() };
    let loaded = load(&table(&["01-02-2013 00:00", "01-02-2013 01:00"]), &options);
    assert_eq!(times(&loaded), ["2013-02-01T00:00:00", "2013-02-01T01:00:00"]);
    assert_eq!(loaded.report.timestamp_formats, ["as given, such as `01-02-2013 00:00` (2 rows)"]);
}

#[test]
fn epoch_times_are_read_where_the_name_says_time() {
    for cells in [
        ["1600000000", "1600000060"],
        ["1600000000000", "1600000060000"],
        ["1600000000000000", "1600000060000000"],
        ["1600000000.0", "1600000060.0"],
    ] {
        let loaded = read(&cells);
        assert_eq!(loaded.frame.axis, TimeAxis::Utc);
        assert_eq!(times(&loaded), ["2020-09-13T12:26:40Z", "2020-09-13T12:27:40Z"], "{cells:?}");
    }
}

#[test]
fn other_numbers_in_a_time_column_are_counters_seconds_or_compact_dates() {
    let counter = read(&["5", "6", "7"]);
    assert_eq!((counter.frame.axis, counter.frame.time), (TimeAxis::Counter, vec![5, 6, 7]));
    assert_eq!((counter.report.cadence_seconds, counter.report.gap_threshold), (None, Some(5.0)));
    let elapsed = read(&["0.0", "0.5", "1.0"]);
    assert_eq!((elapsed.frame.axis, elapsed.report.cadence_seconds), (TimeAxis::Civil, Some(0.5)));
    assert_eq!(times(&read(&["20120530", "20120531", "20120601"]))[2], "2012-06-01T00:00:00");
}

#[test]
fn the_time_column_is_found_by_name_before_content() {
    let loaded = detect(
        "installed,EntryDateTime,a\n2001-01-01,2020-01-01 00:00,1\n2002-01-01,2020-01-01 00:01,2\n2002-01-01,2020-01-01 00:02,1\n",
    );
    assert_eq!(loaded.report.timestamp_column.as_deref(), Some("EntryDateTime"));
    let loaded = detect("a,when\n1,2020-01-01 00:00\n2,2020-01-01 00:01\n");
    assert_eq!(loaded.report.timestamp_column.as_deref(), Some("when"));
    // A measurement called time does not rise from row to row.
    let loaded = detect("time,logged\n12.5,2020-01-01 00:00\n11.0,2020-01-01 00:01\n");
    assert_eq!(
        (loaded.report.timestamp_column.as_deref(), loaded.frame.names),
        (Some("logged"), vec!["time".to_owned()])
    );
}

#[test]
fn a_date_and_a_time_column_make_one_time() {
    let loaded = detect("Date;Time;a\n21/05/2012;14:00;1\n21/05/2012;14:01;2\n");
    assert_eq!(times(&loaded), ["2012-05-21T14:00:00", "2012-05-21T14:01:00"]);
    assert_eq!(loaded.report.timestamp_column.as_deref(), Some("Date and Time"));
    // The question that these dates raise can be answered with a format for both columns.
    let open = "Date;Time;a\n01/02/2012;14:00;1\n01/02/2012;14:01;2\n";
    assert!(error(open.as_bytes(), &ReadOptions::default()).contains("for example `%m/%d/%Y %H:%M`"));
    let options =
        ReadOptions { timestamp_format: Some("%d/%m/%Y %H:%M".to_owned()), ..ReadOptions::default() };
    assert_eq!(times(&load(open, &options)), ["2012-02-01T14:00:00", "2012-02-01T14:01:00"]);
}

#[test]
fn a_blank_between_date_and_time_does_not_split_them() {
    let expected = ["2020-01-01T00:00:00", "2020-01-01T00:00:01"];
    let named = detect("a timestamp b\n1 2020-01-01 00:00:00 5\n2 2020-01-01 00:00:01 6\n");
    assert_eq!(
        (times(&named), named.frame.names),
        (expected.map(String::from).to_vec(), vec!["a".to_owned(), "b".to_owned()])
    );
    let options = ReadOptions { no_header: true, ..ReadOptions::default() };
    let unnamed = load("2020-01-01 00:00:00 5\n2020-01-01 00:00:01 6\n", &options);
    assert_eq!(
        (times(&unnamed), unnamed.frame.names),
        (expected.map(String::from).to_vec(), vec!["c3".to_owned()])
    );
}

#[test]
fn times_without_an_offset_among_times_with_one_are_bad_rows() {
    let mut cells: Vec<String> = (0..40).map(|m| format!("2020-01-01T00:{m:02}:00Z")).collect();
    cells.push("2020-01-01T00:40:00".to_owned());
    let loaded = read(&cells);
    assert_eq!((loaded.frame.rows(), loaded.report.rows_dropped), (40, 1));
    assert_eq!(loaded.report.first_bad_lines[0].1, 42);
}
