//! Each bad input, by the line its owner reads.

use std::fmt::Write as _;

use obs_pipeline::input::{ReadOptions, read};

use super::{Files, error, no_header};

fn default() -> ReadOptions {
    ReadOptions::default()
}

#[test]
fn no_file_at_all() {
    let message = read(&[], &default()).unwrap_err().to_string();
    assert_eq!(message, "no input file given; accepted: one or more delimited text tables");
}

#[test]
fn a_missing_file() {
    let mut files = Files::new(&[]);
    files.paths.push(files.dir.path().join("none.csv"));
    assert_eq!(files.error(&default()), "none.csv: no such file");
}

#[test]
fn a_directory() {
    let mut files = Files::new(&[]);
    files.paths.push(files.dir.path().join("sub"));
    std::fs::create_dir(&files.paths[0]).unwrap();
    assert_eq!(files.error(&default()), "sub: is a directory; accepted: a delimited text table");
}

#[test]
fn an_empty_file_and_a_blank_one() {
    let message = "0.csv: is empty; accepted: a header line and at least one data row";
    assert_eq!(error(b"", &default()), message);
    assert_eq!(error(b"\xef\xbb\xbf \r\n\n", &default()), message);
}

#[test]
fn a_header_alone() {
    assert_eq!(error(b"time,a\n\n", &default()), "0.csv: has a header line but no data row");
}

#[test]
fn files_of_other_formats_are_told_by_name() {
    for (bytes, message) in [
        (b"\x1f\x8b\x08\0\0".as_slice(), "0.csv: is a gzip file, not a text table; unpack it first"),
        (b"PAR1\x15\x04", "0.csv: is a Parquet file, not a text table; export it as CSV first"),
        (
            b"PK\x03\x04rest",
            "0.csv: is a zip file (or an Excel workbook), not a text table; unpack it or export it as CSV first",
        ),
        (b"SQLite format 3\0", "0.csv: is a SQLite database, not a text table; export it as CSV first"),
    ] {
        assert_eq!(error(bytes, &default()), message);
    }
}

#[test]
fn a_binary_file() {
    let message =
        "0.csv: is binary, not a text table; accepted: comma, semicolon, tab or blank separated text";
    assert_eq!(error(b"time,a\n\0\0\0\x01\x02", &default()), message);
    assert_eq!(error(&[0xAB; 500], &default()), message);
}

#[test]
fn a_table_without_header_read_as_one_with() {
    assert_eq!(
        error(b"1 2 3\n4 5 6\n", &default()),
        "0.csv: line 1 holds numbers where column names belong; use --no-header for a table without names"
    );
    assert!(error(b"2020-01-01 00:00,1\n2020-01-01 00:01,2\n", &default()).contains("use --no-header"));
}

#[test]
fn no_timestamp_column() {
    assert_eq!(
        error(b"a,b\n1,2\n3,4\n", &default()),
        "0.csv: no timestamp column among `a`, `b`; name one with --timestamp-column, or use --no-header for a table \
         without names and times"
    );
}

#[test]
fn numbers_are_never_epoch_times_unless_the_name_says_so() {
    let table = b"counter,a\n1600000000,1\n1600000060,2\n";
    assert!(error(table, &default()).contains("no timestamp column"));
}

#[test]
fn unknown_columns_list_what_there_is() {
    let table = b"time,a\n2020-01-01 00:00,1\n";
    let name = |c: &str| Some(c.to_owned());
    assert_eq!(
        error(table, &ReadOptions { timestamp_column: name("when"), ..default() }),
        "0.csv: --timestamp-column `when` is not a column; there are `time`, `a`"
    );
    assert_eq!(
        error(table, &ReadOptions { unit_column: name("unit"), ..default() }),
        "0.csv: --unit-column `unit` is not a column; there are `time`, `a`"
    );
    assert_eq!(
        error(table, &ReadOptions { label_columns: vec!["fault".to_owned()], ..default() }),
        "0.csv: --label-column `fault` is not a column; there are `time`, `a`"
    );
}

#[test]
fn a_column_with_two_uses() {
    let options =
        ReadOptions { unit_column: Some("a".to_owned()), label_columns: vec!["A".to_owned()], ..default() };
    assert_eq!(
        error(b"time,a,b\n2020-01-01 00:00,1,2\n", &options),
        "0.csv: column `a` is named by --unit-column and by --label-column; a column has one use"
    );
}

#[test]
fn a_timestamp_column_without_timestamps() {
    assert_eq!(
        error(b"time,a\nnoon,1\nevening,2\n", &default()),
        "0.csv: line 2: `noon` in column `time` is no timestamp; accepted: ISO 8601, month/day/year, day.month.year, \
         epoch seconds or milliseconds, or what --timestamp-format says"
    );
}

#[test]
fn a_timestamp_format_that_does_not_fit() {
    let options = ReadOptions { timestamp_format: Some("%d.%m.%Y".to_owned()), ..default() };
    let message = error(b"time,a\n2020-01-01 00:00,1\n", &options);
    let start =
        "0.csv: line 2: `2020-01-01 00:00` in column `time` does not fit --timestamp-format `%d.%m.%Y`: ";
    assert!(message.starts_with(start) && message.len() > start.len(), "{message}");
}

#[test]
fn dates_that_can_be_read_in_two_ways() {
    let table = b"time,a\n01-02-2013 00:00,1\n01-02-2013 01:00,2\n01-02-2013 02:00,3\n";
    assert_eq!(
        error(table, &default()),
        "0.csv: dates such as `01-02-2013 00:00` in column `time` can be read as month-day-year or day-month-year; say \
         which with --timestamp-format, for example `%m-%d-%Y %H:%M`"
    );
}

#[test]
fn a_counter_that_runs_back() {
    let options = ReadOptions { timestamp_column: Some("cycle".to_owned()), ..default() };
    assert_eq!(
        error(b"cycle,a\n1,5\n3,6\n2,7\n", &options),
        "0.csv: column `cycle` holds numbers that are neither epoch times nor ascending whole numbers: line 4 has 2 after 3"
    );
}

#[test]
fn no_numeric_column() {
    assert_eq!(
        error(b"time,state\n2020-01-01 00:00,on\n2020-01-01 00:01,off\n", &default()),
        "0.csv: no numeric column besides timestamp, unit and labels (`state` is text: 2 of 2 cells are no numbers, first \
         `on` at line 2)"
    );
    assert!(error(b"time\n2020-01-01 00:00\n", &default()).ends_with("(no other column)"));
}

#[test]
fn numbers_that_never_move() {
    assert_eq!(
        error(b"time,a,b\n2020-01-01 00:00,1,\n2020-01-01 00:01,1,\n", &default()),
        "0.csv: no sensor is left: `a` is constant: every value is 1, `b` is empty: no value in any row"
    );
}

#[test]
fn too_many_rows_that_do_not_parse() {
    let mut table = String::from("time,a\n");
    for minute in 0..30 {
        writeln!(table, "2020-01-01 00:{minute:02},{minute}").unwrap();
    }
    table += "2020-01-01 00:30,1,1\nx,2\n";
    assert_eq!(
        error(table.as_bytes(), &default()),
        "0.csv: 2 of 32 rows do not parse (3 fields where 2 belong), over 5 %; first at line 32, 33"
    );
}

#[test]
fn a_further_file_with_other_columns() {
    let files = Files::new(&[b"time,a,b\n2020-01-01 00:00,1,2\n", b"time,a,c\n2020-01-02 00:00,1,2\n"]);
    let message = files.error(&default());
    assert_eq!(message, "1.csv: columns differ from those of 0.csv: missing `b`; extra `c`");
}

#[test]
fn transposing_a_table_with_names_or_of_ragged_lines() {
    let named = ReadOptions { transpose: true, ..default() };
    let message = error(b"1 2\n3 4\n", &named);
    assert_eq!(message, "--transpose is for tables without names; give --no-header with it");
    let message = error(b"1 2 3\n4 5 6\n7 8\n", &ReadOptions { no_header: true, ..named });
    assert_eq!(message, "0.csv: line 3 has 2 values where line 1 has 3; --transpose needs equal lines");
}

#[test]
fn strange_bytes_never_crash() {
    let long =
        [b"time,a\n2020-01-01 00:00,".to_vec(), vec![b'9'; 10 << 20], b"\n2020-01-01 00:01,2\n".to_vec()]
            .concat();
    let quote = [b"time,a\n2020-01-01 00:00,\"".to_vec(), vec![b'\n'; 1000]].concat();
    let pieces: [&[u8]; 10] = [
        &long,
        &quote,
        b"\"",
        b"\"\"\"\n\"",
        b"time,a\n\"2020-01-01\n00:00\",1\n",
        b"time,a\r\r\n,\r",
        b",,,\n,,,\n",
        b"time\xff,a\xfe\n2020-01-01 00:00\xff,1\xfe\n",
        b"sep=",
        b"sep=;",
    ];
    for piece in pieces {
        for options in [default(), no_header(), ReadOptions { transpose: true, ..no_header() }] {
            if let Err(e) = Files::new(&[piece]).read(&options) {
                assert!(e.to_string().len() < 1000, "{e}");
            }
        }
    }
}
