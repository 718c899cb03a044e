//! One cell to a number, a gap, or neither.

/// What a cell of a sensor column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A finite number.
    Number(f64),
    /// Nothing, or a mark that says there is nothing.
    Missing,
    /// Some other text.
    Text,
}

/// Marks of absence, lower case: spreadsheets, databases, statistics programs, and the states that plant historians
/// write in place of a value.
const ABSENT: [&str; 30] = [
    "-",
    "--",
    "?",
    ".",
    "nan",
    "na",
    "n/a",
    "null",
    "none",
    "nil",
    "inf",
    "missing",
    "#n/a",
    "#value!",
    "#div/0!",
    "#ref!",
    "#num!",
    "#name?",
    "#null!",
    "1.#qnan",
    "1.#ind",
    "1.#inf",
    "no data",
    "i/o timeout",
    "scan off",
    "comm fail",
    "not connect",
    "calc failed",
    "intf shut",
    "error",
];

/// Reads a number. With `decimal_comma`, `3,14` and `1.234,5`; otherwise `3.14` and `1,234.5`.
pub(super) fn cell(text: &str, decimal_comma: bool) -> Cell {
    if text.is_empty() {
        return Cell::Missing;
    }
    if !decimal_comma && let Ok(value) = text.parse::<f64>() {
        return finite(value);
    }
    let text = text.trim();
    if let Some(value) = localised(text, decimal_comma) {
        return finite(value);
    }
    if absent(text) { Cell::Missing } else { Cell::Text }
}

/// A cell of a label column: a number, or one of the words for yes and no.
pub(super) fn label(text: &str, decimal_comma: bool) -> f64 {
    match cell(text, decimal_comma) {
        Cell::Number(value) => value,
        Cell::Text if ["true", "yes"].iter().any(|w| text.eq_ignore_ascii_case(w)) => 1.0,
        Cell::Text if ["false", "no"].iter().any(|w| text.eq_ignore_ascii_case(w)) => 0.0,
        Cell::Text | Cell::Missing => f64::NAN,
    }
}

/// Infinities and `NaN` are no measurements.
fn finite(value: f64) -> Cell {
    if value.is_finite() { Cell::Number(value) } else { Cell::Missing }
}

/// Whether `text` says that there is no value.
fn absent(text: &str) -> bool {
    let word = text.trim_start_matches(['+', '-']);
    let starts_bad = text.get(..3).is_some_and(|s| s.eq_ignore_ascii_case("bad"))
        && !text[3..].starts_with(|c: char| c.is_alphanumeric());
    text.is_empty()
        || starts_bad
        || ABSENT.iter().any(|a| a.eq_ignore_ascii_case(text) || a.eq_ignore_ascii_case(word))
}

/// A number in the file's own spelling, thousands grouped or not.
fn localised(text: &str, decimal_comma: bool) -> Option<f64> {
    let (point, group) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let (whole, fraction) = match text.split_once(point) {
        Some((w, f)) => (w, Some(f)),
        None => (text, None),
    };
    let grouped = whole.contains(group);
    if grouped && !well_grouped(whole, group) {
        return None;
    }
    if fraction.is_some_and(|f| f.contains(group) || f.contains(point)) {
        return None;
    }
    let mut plain = whole.replace(group, "");
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    plain.parse().ok()
}

/// `1.234.567`: up to three digits, then groups of three. A single group of three after a single separator, as in
/// `1.234` with a decimal comma, counts as grouped.
fn well_grouped(whole: &str, group: char) -> bool {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mut parts = whole.trim_start_matches(['+', '-']).split(group);
    let first = parts.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && digits(first) && parts.all(|p| p.len() == 3 && digits(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_absence_are_gaps_and_words_are_text() {
        let absent = [
            "",
            "NaN",
            "nan",
            "NULL",
            "N/A",
            "-",
            "#N/A",
            "Bad",
            "Bad Input",
            "inf",
            "-inf",
            "-Infinity",
            "1e999",
            "No Data",
        ];
        for text in absent {
            assert_eq!(cell(text, false), Cell::Missing, "{text}");
            assert_eq!(cell(text, true), Cell::Missing, "{text}");
        }
        for text in ["on", "badge", "1.2.3", "12 bar", "0x1F", "2020-01-01", "é", "+", "1,2,3"] {
            assert_eq!(cell(text, false), Cell::Text, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_both_spellings() {
        for (text, comma, value) in [
            ("2.75", false, 2.75),
            ("-1.5E-3", false, -1.5e-3),
            ("+.5", false, 0.5),
            ("5.", false, 5.0),
            ("1,234.5", false, 1234.5),
            ("1,234,567", false, 1_234_567.0),
            ("2,75", true, 2.75),
            ("-0,5e2", true, -50.0),
            ("1.234,5", true, 1234.5),
            ("42", true, 42.0),
        ] {
            assert_eq!(cell(text, comma), Cell::Number(value), "{text}");
        }
    }

    #[test]
    fn a_point_is_no_fraction_where_the_comma_is() {
        assert_eq!(cell("3.14", true), Cell::Text);
        assert_eq!(cell("3,14", false), Cell::Text);
    }

    #[test]
    fn labels_may_be_words() {
        assert_eq!(label("TRUE", false).to_bits(), 1.0_f64.to_bits());
        assert_eq!(label("no", false).to_bits(), 0.0_f64.to_bits());
        assert_eq!(label("1.0", false).to_bits(), 1.0_f64.to_bits());
        assert!(label("maybe", false).is_nan());
    }
}
