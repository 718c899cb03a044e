//! Finding out how a table is written: delimiter, decimal sign, where the data starts.

use super::InputError;
use super::number::{Cell, cell};
use super::records::{Delimiter, Field, Records};
use super::time::{parse, parse_clock_only};

/// Lines looked at to choose the delimiter.
const SAMPLE_LINES: usize = 200;

/// How a table is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dialect {
    pub(super) delimiter: Delimiter,
    /// Numbers have a decimal comma.
    pub(super) decimal_comma: bool,
    /// Column names, unique.
    pub(super) names: Vec<String>,
    /// What was changed in the names, for the warnings.
    pub(super) renamed: Vec<String>,
    /// Byte at which data rows start.
    pub(super) data: usize,
    /// Line at which data rows start.
    pub(super) data_line: u64,
}

/// Looks at `text` and finds its dialect.
pub(super) fn detect(text: &str, file: &str, no_header: bool) -> Result<Dialect, InputError> {
    let (start, told) = excel_hint(text);
    let body = &text[start..];
    let delimiter = told.unwrap_or_else(|| choose_delimiter(body, no_header));
    let mut records = Records::new(body, delimiter);
    let mut fields = Vec::new();
    let Some(first) = records.next(&mut fields) else {
        return Err(InputError::Empty { file: file.to_owned() });
    };
    let skipped = u64::from(start > 0);
    let mut raw: Vec<String> = fields.iter().map(|f| clean_name(&f.value(body))).collect();
    while raw.len() > 1 && delimiter != Delimiter::Blanks && raw.last().is_some_and(String::is_empty) {
        raw.pop();
    }
    if no_header {
        let width = common_width(body, delimiter);
        return Ok(Dialect {
            delimiter,
            decimal_comma: decimal_comma(body, delimiter),
            names: (1..=width).map(|c| format!("c{c}")).collect(),
            renamed: Vec::new(),
            data: start,
            data_line: 1 + skipped,
        });
    }
    // Blank separated tables often start their header with a comment sign.
    if raw.len() > 1 && raw[0] == "#" {
        raw.remove(0);
    } else if let Some(name) = raw.first_mut().filter(|name| name.starts_with('#')) {
        *name = name.trim_start_matches(['#', ' ']).to_owned();
    }
    let value = |name: &String| {
        [false, true].iter().any(|comma| cell(name, *comma) != Cell::Text) || parse(name).is_some()
    };
    if raw.iter().all(value) {
        return Err(InputError::NumericHeader { file: file.to_owned(), line: first.line + skipped });
    }
    let (data, data_line) = (start + records.position(), records.line() + skipped);
    if text[data..].trim().is_empty() {
        return Err(InputError::HeaderOnly { file: file.to_owned() });
    }
    if delimiter == Delimiter::Blanks {
        name_clock(&text[data..], &mut raw);
    }
    let (names, renamed) = unique(raw);
    Ok(Dialect {
        delimiter,
        decimal_comma: decimal_comma(&text[data..], delimiter),
        names,
        renamed,
        data,
        data_line,
    })
}

/// In a blank separated table, a date and a time of day are two fields under one name: the second gets a name too.
fn name_clock(data: &str, names: &mut Vec<String>) {
    let mut fields = Vec::new();
    if Records::new(data, Delimiter::Blanks).next(&mut fields).is_none() || fields.len() != names.len() + 1 {
        return;
    }
    let cells: Vec<&str> = fields.iter().map(|f| f.raw(data)).collect();
    let split =
        |pair: &[&str]| parse(pair[0]).is_some() && pair[1].contains(':') && parse_clock_only(pair[1]);
    if let Some(date) = cells.windows(2).position(split) {
        names.insert(date + 1, "time of day".to_owned());
    }
}

/// The line `sep=;` that Excel writes and reads: where the table starts, and the delimiter.
fn excel_hint(text: &str) -> (usize, Option<Delimiter>) {
    let (line, end) = text.find('\n').map_or((text, text.len()), |end| (&text[..end], end + 1));
    match line.trim_end_matches('\r').strip_prefix("sep=").map(str::as_bytes) {
        Some([d]) => (end, Some(Delimiter::Byte(*d))),
        _ => (0, None),
    }
}

/// The first of semicolon, tab, comma and bar that splits the lines evenly, the header included; else blanks; else the
/// one that splits most lines evenly.
fn choose_delimiter(text: &str, no_header: bool) -> Delimiter {
    const EVEN: f64 = 0.9;
    let candidates = [b';', b'\t', b',', b'|'].map(Delimiter::Byte);
    let mut best = (0.0, Delimiter::Byte(b','));
    for candidate in candidates.into_iter().chain([Delimiter::Blanks]) {
        let widths = widths(text, candidate);
        let common = mode(&widths);
        let agree = widths.iter().filter(|w| **w == common).count() as f64 / widths.len().max(1) as f64;
        // One more: rows may end in a delimiter that the header lacks, and the other way round.
        let header_fits = no_header || widths.first().is_some_and(|w| w.abs_diff(common) <= 1 && *w > 1);
        if common < 2 {
            continue;
        }
        if header_fits && agree >= EVEN {
            return candidate;
        }
        // Blanks stand between words too; they need a fitting header and nothing better.
        let last_resort = candidate == Delimiter::Blanks && !(header_fits && agree > 0.5 && best.0 == 0.0);
        if agree > best.0 && !last_resort {
            best = (agree, candidate);
        }
    }
    best.1
}

/// The number of fields in each of the first records.
fn widths(text: &str, delimiter: Delimiter) -> Vec<usize> {
    let mut records = Records::new(text, delimiter);
    let mut fields = Vec::new();
    let mut widths = Vec::new();
    while widths.len() < SAMPLE_LINES && records.next(&mut fields).is_some() {
        widths.push(fields.len());
    }
    widths
}

/// The width of a table without header: the most common one, not counting an empty field after a last delimiter.
fn common_width(text: &str, delimiter: Delimiter) -> usize {
    let mut records = Records::new(text, delimiter);
    let mut fields: Vec<Field> = Vec::new();
    let mut widths = Vec::new();
    let mut open_ended = true;
    while widths.len() < SAMPLE_LINES && records.next(&mut fields).is_some() {
        open_ended &= fields.len() > 1 && fields.last().is_some_and(|f| f.raw(text).is_empty());
        widths.push(fields.len());
    }
    mode(&widths) - usize::from(open_ended)
}

/// The most common value, the larger one of two equally common; 0 of none.
fn mode(values: &[usize]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).max_by_key(|run| (run.len(), run[0])).map_or(0, |run| run[0])
}

/// Whether cells such as `3,14` occur and cells such as `3.14` do not outnumber them. With a comma between fields there
/// is no decimal comma.
fn decimal_comma(text: &str, delimiter: Delimiter) -> bool {
    const ENOUGH: usize = 20_000;
    if delimiter == Delimiter::Byte(b',') || !text.contains(',') {
        return false;
    }
    let mut records = Records::new(text, delimiter);
    let mut fields = Vec::new();
    let (mut commas, mut points) = (0_usize, 0_usize);
    // As far as it takes to see a clear number of either.
    while commas.max(points) < ENOUGH && records.next(&mut fields).is_some() {
        for field in &fields {
            let raw = field.raw(text);
            match raw.bytes().find(|b| matches!(b, b',' | b'.')) {
                Some(b',') if matches!(cell(raw, true), Cell::Number(_)) => commas += 1,
                Some(b'.') if matches!(cell(raw, false), Cell::Number(_)) => points += 1,
                _ => {}
            }
        }
    }
    commas > points
}

/// A column name on one line, inner runs of blanks made one.
fn clean_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names empty columns by position and numbers repeated names.
fn unique(raw: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut names: Vec<String> = Vec::with_capacity(raw.len());
    let mut renamed = Vec::new();
    let taken: std::collections::HashSet<String> = raw.iter().cloned().collect();
    let mut used = std::collections::HashSet::new();
    for (c, name) in raw.into_iter().enumerate() {
        let base = if name.is_empty() { format!("c{}", c + 1) } else { name.clone() };
        let mut unique = base.clone();
        let mut n = 2;
        while used.contains(&unique) || (unique != name && taken.contains(&unique)) {
            unique = format!("{base}_{n}");
            n += 1;
        }
        if unique != name {
            renamed.push(if name.is_empty() {
                format!("column {} has no name; called `{unique}`", c + 1)
            } else {
                format!("column {} repeats the name `{name}`; called `{unique}`", c + 1)
            });
        }
        used.insert(unique.clone());
        names.push(unique);
    }
    (names, renamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> Delimiter {
        choose_delimiter(text, false)
    }

    #[test]
    fn the_delimiter_is_the_one_that_splits_evenly() {
        assert_eq!(delimiter("t,a b,c\n2020-01-01 00:00,1,2\n"), Delimiter::Byte(b','));
        assert_eq!(delimiter("t;a\n2020-01-01 00:00;1,5\n2020-01-01 00:01;1,5\n"), Delimiter::Byte(b';'));
        assert_eq!(delimiter("t\ta\n1\t2\n"), Delimiter::Byte(b'\t'));
        assert_eq!(choose_delimiter("  1.0   2.0\n 3.0 4.0\n", true), Delimiter::Blanks);
    }

    #[test]
    fn a_delimiter_in_quotes_does_not_count() {
        assert_eq!(delimiter("\"t;x\",\"a;y\"\n1,2\n"), Delimiter::Byte(b','));
    }

    #[test]
    fn a_hint_for_excel_is_obeyed_and_skipped() {
        let d = detect("sep=;\r\nt;a\r\n1;2\r\n", "f", false).unwrap();
        assert_eq!(
            (d.delimiter, d.names, d.data_line),
            (Delimiter::Byte(b';'), vec!["t".into(), "a".into()], 3)
        );
    }

    #[test]
    fn a_decimal_comma_needs_values_that_have_one() {
        assert!(detect("t;a;b\nx;3,14;1\nx;2,5;1\n", "f", false).unwrap().decimal_comma);
        assert!(!detect("t;a;b\nx;3.14;1\nx;2.5;a, b\n", "f", false).unwrap().decimal_comma);
    }

    #[test]
    fn repeated_and_empty_names_are_made_unique_and_told() {
        let d = detect("t,a,a,,a_2\n1,2,3,4,5\n", "f", false).unwrap();
        assert_eq!(d.names, ["t", "a", "a_3", "c4", "a_2"]);
        assert_eq!(d.renamed.len(), 2);
    }

    #[test]
    fn a_last_delimiter_makes_no_column() {
        assert_eq!(detect("t;a;\n1;2;\n", "f", false).unwrap().names, ["t", "a"]);
        assert_eq!(detect("1;2;\n3;4;\n", "f", true).unwrap().names, ["c1", "c2"]);
    }
}
