//! What is written is what is read, and nothing makes the reader panic.

use std::fmt::Write as _;

use obs_pipeline::input::ReadOptions;
use proptest::prelude::*;

use super::{Files, load, no_header};

/// Any finite number, subnormal and extreme ones included.
fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |v| v.is_finite())
}

/// Whether a column with both values is not constant.
fn differ(a: f64, b: f64) -> bool {
    a < b || b < a
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finite_values_read_back_to_the_bit(
        rows in prop::collection::vec((finite(), finite(), any::<bool>()), 2..80),
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
        quoted: bool,
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let q = if quoted { "\"" } else { "" };
        let mut text = format!("time{delimiter}a{delimiter}b{line_end}");
        for (i, (a, b, scientific)) in rows.iter().enumerate() {
            let a = if *scientific { format!("{a:e}") } else { a.to_string() };
            write!(text, "2020-01-01 00:{:02}:{:02}{delimiter}{q}{a}{q}{delimiter}{b:?}{line_end}", i / 60, i % 60).unwrap();
        }
        // A column of one value twice would be dropped as constant; a label column is kept whatever it holds.
        let options = ReadOptions { label_columns: vec!["a".into()], ..ReadOptions::default() };
        prop_assume!(rows.iter().any(|r| differ(r.1, rows[0].1)));
        let loaded = load(&text, &options);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let expected = |pick: fn(&(f64, f64, bool)) -> f64| rows.iter().map(|r| pick(r).to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&loaded.labels[0].1), expected(|r| r.0));
        prop_assert_eq!(bits(&loaded.frame.columns[0]), expected(|r| r.1));
        prop_assert_eq!(loaded.report.missing_cells, 0);
    }

    #[test]
    fn a_transposed_table_reads_back(columns in prop::collection::vec(prop::collection::vec(-1e9..1e9_f64, 5), 2..6)) {
        prop_assume!(columns.iter().all(|c| c.iter().any(|v| differ(*v, c[0]))));
        let text: String = columns
            .iter()
            .map(|c| c.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ") + "\n")
            .collect();
        let loaded = load(&text, &ReadOptions { transpose: true, ..no_header() });
        prop_assert_eq!(loaded.frame.columns, columns);
    }

    #[test]
    fn text_of_any_kind_reads_or_fails_with_one_line(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "time", "a", "b", ",", ";", "\t", " ", "\"", "\"\"", "\n", "\r\n", "1", "2.5", "-3,5", "2020-01-01 00:00:01",
                "5/6/2012", "13.5.2012 1:00 PM", "NaN", "é", "\u{feff}", "sep=;", "1600000000", "\0",
            ]),
            0..60,
        ),
        no_header: bool,
        transpose: bool,
        derive: bool,
    ) {
        let options = ReadOptions { no_header, transpose, derive, ..ReadOptions::default() };
        match Files::new(&[pieces.concat().as_bytes()]).read(&options) {
            Ok(loaded) => {
                let frame = &loaded.frame;
                prop_assert!(frame.columns.iter().all(|c| c.len() == frame.rows()));
                prop_assert!(frame.time.windows(2).all(|w| w[0] < w[1]));
            }
            Err(e) => prop_assert!(!e.to_string().contains('\n'), "{}", e),
        }
    }
}
