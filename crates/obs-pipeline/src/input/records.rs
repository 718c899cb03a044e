//! Splitting text into records and fields.

use std::borrow::Cow;
use std::ops::Range;

/// What separates the fields of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// One such byte.
    Byte(u8),
    /// Any run of blanks and tabs; leading and trailing ones count for nothing.
    Blanks,
}

impl Delimiter {
    /// The name for the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Byte(b',') => "comma",
            Self::Byte(b';') => "semicolon",
            Self::Byte(b'\t') => "tab",
            Self::Byte(_) => "bar",
            Self::Blanks => "blanks",
        }
    }
}

/// Where a field's content lies in the text, without quotes and outer blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    range: Range<usize>,
    /// Doubled quotes are inside.
    doubled: bool,
}

impl Field {
    /// The content as it stands.
    pub(super) fn raw<'t>(&self, text: &'t str) -> &'t str {
        &text[self.range.clone()]
    }

    /// The content with doubled quotes undone.
    pub(super) fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let raw = self.raw(text).trim();
        if self.doubled { Cow::Owned(raw.replace("\"\"", "\"")) } else { Cow::Borrowed(raw) }
    }
}

/// Where a record stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its first line, from 1.
    pub(super) line: u64,
    /// How many lines it covers; more than one where a quoted field holds line ends.
    pub(super) lines: u64,
}

/// Reads record after record. Blank lines are skipped. A quote opens a quoted field only as a field's first character;
/// one that is never closed is taken as an ordinary character, so that it costs one row and not the rest of the file.
#[derive(Clone, Debug)]
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    delimiter: Delimiter,
    /// From here on no quote is closed.
    literal_from: usize,
}

impl<'t> Records<'t> {
    /// Records of `text` from its start.
    pub(super) fn new(text: &'t str, delimiter: Delimiter) -> Self {
        Self { text, at: 0, line: 1, delimiter, literal_from: usize::MAX }
    }

    /// The byte after the last record read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The line that starts at [`Records::position`].
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Puts the next record's fields into `fields`; `None` at the end of the text.
    pub(super) fn next(&mut self, fields: &mut Vec<Field>) -> Option<Record> {
        let bytes = self.text.as_bytes();
        loop {
            self.skip_blank_lines();
            if self.at >= bytes.len() {
                return None;
            }
            let (start, first_line) = (self.at, self.line);
            if let Some(record) = self.record(fields) {
                return Some(record);
            }
            // An unclosed quote: go back and read the same record with quotes as ordinary characters.
            self.literal_from = start;
            self.at = start;
            self.line = first_line;
        }
    }

    fn skip_blank_lines(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at < bytes.len() {
            match bytes[at] {
                b'\n' => {
                    self.line += 1;
                    self.at = at + 1;
                }
                b' ' | b'\r' => {}
                // A line of nothing but tabs is a record of empty fields unless tabs are blanks.
                b'\t' if self.delimiter == Delimiter::Blanks => {}
                _ => return,
            }
            at += 1;
        }
        self.at = at;
    }

    /// One record; `None` where a quote is never closed.
    fn record(&mut self, fields: &mut Vec<Field>) -> Option<Record> {
        fields.clear();
        let first = self.line;
        let bytes = self.text.as_bytes();
        loop {
            if self.delimiter == Delimiter::Blanks {
                while bytes.get(self.at).is_some_and(|b| is_blank(*b) || *b == b'\r') {
                    self.at += 1;
                }
                if bytes.get(self.at).is_none_or(|b| *b == b'\n') {
                    return Some(self.end_record(first));
                }
            }
            let quoted = bytes.get(self.at) == Some(&b'"') && self.at < self.literal_from;
            let field = if quoted { self.quoted_field()? } else { self.plain_field() };
            fields.push(field);
            match bytes.get(self.at) {
                None | Some(b'\n') => return Some(self.end_record(first)),
                Some(_) => self.at += 1,
            }
        }
    }

    fn end_record(&mut self, first: u64) -> Record {
        if self.at < self.text.len() {
            self.at += 1;
        }
        self.line += 1;
        Record { line: first, lines: self.line - first }
    }

    /// A field up to the next delimiter or line end, which stays unread.
    fn plain_field(&mut self) -> Field {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let end = self.field_end(start);
        self.at = end;
        let (mut a, mut z) = (start, end);
        while a < z && is_blank(bytes[a]) {
            a += 1;
        }
        while a < z && (is_blank(bytes[z - 1]) || bytes[z - 1] == b'\r') {
            z -= 1;
        }
        Field { range: a..z, doubled: false }
    }

    /// A field from its opening quote to its closing one. What stands between the closing quote and the delimiter
    /// is part of no valid file; it is skipped.
    fn quoted_field(&mut self) -> Option<Field> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let mut doubled = false;
        loop {
            match bytes.get(at)? {
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    doubled = true;
                    at += 2;
                }
                b'"' => break,
                b'\n' => {
                    self.line += 1;
                    at += 1;
                }
                _ => at += 1,
            }
        }
        self.at = self.field_end(at + 1);
        Some(Field { range: start..at, doubled })
    }

    /// The next delimiter, line end or end of text at or after `from`.
    fn field_end(&self, from: usize) -> usize {
        let rest = &self.text.as_bytes()[from..];
        let length = match self.delimiter {
            Delimiter::Byte(d) => rest.iter().position(|b| *b == d || *b == b'\n'),
            Delimiter::Blanks => rest.iter().position(|b| is_blank(*b) || *b == b'\n'),
        };
        from + length.unwrap_or(rest.len())
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, delimiter: Delimiter) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::new(text, delimiter);
        let mut fields = Vec::new();
        let mut rows = Vec::new();
        while let Some(record) = records.next(&mut fields) {
            rows.push((record.line, fields.iter().map(|f| f.value(text).into_owned()).collect()));
        }
        rows
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn carriage_returns_outer_blanks_and_blank_lines_are_no_content() {
        assert_eq!(
            split("a, b \r\n\r\n \n1,,3\r\n", Delimiter::Byte(b',')),
            [row(1, &["a", "b"]), row(4, &["1", "", "3"])]
        );
    }

    #[test]
    fn a_quoted_field_may_hold_delimiters_quotes_and_line_ends() {
        assert_eq!(
            split("\"a, \"\"x\"\"\",\"b\nc\"\n1,2", Delimiter::Byte(b',')),
            [row(1, &["a, \"x\"", "b\nc"]), row(3, &["1", "2"])]
        );
    }

    #[test]
    fn an_unclosed_quote_costs_one_row() {
        assert_eq!(
            split("\"a,b\n1,2\n\"\"\n", Delimiter::Byte(b',')),
            [row(1, &["\"a", "b"]), row(2, &["1", "2"]), row(3, &["\"\""])]
        );
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_an_ordinary_character() {
        assert_eq!(
            split("5\" pipe,2\n3,4\n", Delimiter::Byte(b',')),
            [row(1, &["5\" pipe", "2"]), row(2, &["3", "4"])]
        );
    }

    #[test]
    fn runs_of_blanks_separate_and_outer_ones_do_not_count() {
        assert_eq!(
            split("  1   2\t 3 \r\n4 5 6\n", Delimiter::Blanks),
            [row(1, &["1", "2", "3"]), row(2, &["4", "5", "6"])]
        );
    }

    #[test]
    fn empty_cells_of_a_tab_table_are_fields() {
        assert_eq!(
            split("a\t\tb\n\t\t\n", Delimiter::Byte(b'\t')),
            [row(1, &["a", "", "b"]), row(2, &["", "", ""])]
        );
    }
}
