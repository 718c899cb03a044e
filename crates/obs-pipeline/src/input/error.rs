//! [`InputError`]: why an input could not be read, in one line each.

/// Why an input could not be read.
///
/// Every message is one line that names the file and, where there is one, the line or column, and says what is accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An empty list of paths.
    #[error("no input file given; accepted: one or more delimited text tables")]
    NoInput,
    /// The path does not exist.
    #[error("{file}: no such file")]
    Missing {
        /// The path as given.
        file: String,
    },
    /// The path is a directory.
    #[error("{file}: is a directory; accepted: a delimited text table")]
    Directory {
        /// The path as given.
        file: String,
    },
    /// The operating system refused.
    #[error("{file}: cannot be read: {source}")]
    Io {
        /// The path as given.
        file: String,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Nothing but blanks.
    #[error("{file}: is empty; accepted: a header line and at least one data row")]
    Empty {
        /// The path as given.
        file: String,
    },
    /// A header and nothing below it.
    #[error("{file}: has a header line but no data row")]
    HeaderOnly {
        /// The path as given.
        file: String,
    },
    /// A file whose first bytes give away another format.
    #[error("{file}: is {kind}, not a text table; {advice}")]
    Format {
        /// The path as given.
        file: String,
        /// The format, with its article.
        kind: &'static str,
        /// How to get a text table out of it.
        advice: &'static str,
    },
    /// Bytes that are no text.
    #[error("{file}: is binary, not a text table; accepted: comma, semicolon, tab or blank separated text")]
    Binary {
        /// The path as given.
        file: String,
    },
    /// Numbers in line one of a table that should have a header.
    #[error(
        "{file}: line {line} holds numbers where column names belong; use --no-header for a table without names"
    )]
    NumericHeader {
        /// The path as given.
        file: String,
        /// Line of the supposed header.
        line: u64,
    },
    /// No column holds times.
    #[error(
        "{file}: no timestamp column among {columns}; name one with --timestamp-column, or use --no-header for a table \
         without names and times"
    )]
    NoTimestamp {
        /// The path as given.
        file: String,
        /// The columns there are.
        columns: String,
    },
    /// A column named by an option is not there.
    #[error("{file}: {option} `{column}` is not a column; there are {columns}")]
    UnknownColumn {
        /// The path as given.
        file: String,
        /// The option that named the column.
        option: &'static str,
        /// The name given.
        column: String,
        /// The columns there are.
        columns: String,
    },
    /// One column was given two uses.
    #[error("{file}: column `{column}` is named by {first} and by {second}; a column has one use")]
    ColumnReused {
        /// The path as given.
        file: String,
        /// The column.
        column: String,
        /// The option that named it first.
        first: &'static str,
        /// The option that named it again.
        second: &'static str,
    },
    /// The timestamp column holds something that is not a time.
    #[error(
        "{file}: line {line}: `{value}` in column `{column}` is no timestamp; accepted: ISO 8601, month/day/year, \
         day.month.year, epoch seconds or milliseconds, or what --timestamp-format says"
    )]
    BadTimestamp {
        /// The path as given.
        file: String,
        /// Line of the first such value.
        line: u64,
        /// The timestamp column.
        column: String,
        /// The value, shortened.
        value: String,
    },
    /// Dates that can be read in more than one way.
    #[error(
        "{file}: dates such as `{example}` in column `{column}` can be read as {readings}; say which with \
         --timestamp-format, for example {format}"
    )]
    AmbiguousDates {
        /// The first file.
        file: String,
        /// The timestamp column.
        column: String,
        /// A value of the file.
        example: String,
        /// The readings, joined by `or`.
        readings: String,
        /// A format that would settle it.
        format: String,
    },
    /// `--timestamp-format` does not fit.
    #[error(
        "{file}: line {line}: `{value}` in column `{column}` does not fit --timestamp-format `{format}`: {source}"
    )]
    TimestampFormat {
        /// The path as given.
        file: String,
        /// Line of the first value.
        line: u64,
        /// The timestamp column.
        column: String,
        /// The value, shortened.
        value: String,
        /// The format given.
        format: String,
        /// Why it does not fit.
        #[source]
        source: jiff::Error,
    },
    /// Numbers in the timestamp column that are neither epoch times nor a counter.
    #[error(
        "{file}: column `{column}` holds numbers that are neither epoch times nor ascending whole numbers: line {line} \
         has {value} after {before}"
    )]
    BadCounter {
        /// The path as given.
        file: String,
        /// The timestamp column.
        column: String,
        /// Line of the first value that does not fit.
        line: u64,
        /// That value.
        value: f64,
        /// The value before it in the same unit, `nothing` in its first row.
        before: String,
    },
    /// No column holds numbers.
    #[error("{file}: no numeric column besides timestamp, unit and labels ({reasons})")]
    NoNumeric {
        /// The first file.
        file: String,
        /// Why each column fell out.
        reasons: String,
    },
    /// Numbers that never move.
    #[error("{file}: no sensor is left: {reasons}")]
    NoSensor {
        /// The first file.
        file: String,
        /// Why each column fell out.
        reasons: String,
    },
    /// More than 5 % of a file's rows do not parse.
    #[error("{file}: {dropped} of {rows} rows do not parse ({why}), over 5 %; first at line {lines}")]
    TooManyBadRows {
        /// The path as given.
        file: String,
        /// Rows that do not parse.
        dropped: u64,
        /// Rows read.
        rows: u64,
        /// What is wrong with the first of them.
        why: String,
        /// The first three lines, joined by commas.
        lines: String,
    },
    /// A further file with other columns than the first.
    #[error("{file}: columns differ from those of {first}: {difference}")]
    OtherColumns {
        /// The file that differs.
        file: String,
        /// The first file.
        first: String,
        /// What is missing and what is extra.
        difference: String,
    },
    /// `--transpose` on a table with names.
    #[error("--transpose is for tables without names; give --no-header with it")]
    TransposeNeedsNoHeader,
    /// A table to be transposed whose lines differ in length.
    #[error(
        "{file}: line {line} has {fields} values where line 1 has {expected}; --transpose needs equal lines"
    )]
    TransposeRagged {
        /// The path as given.
        file: String,
        /// The line that differs.
        line: u64,
        /// Its values.
        fields: usize,
        /// Values of the first line.
        expected: usize,
    },
}

/// Column names for a message: quoted, at most 30 of them.
pub(super) fn list(names: &[String]) -> String {
    const SHOWN: usize = 30;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = names.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

/// A cell for a message: one line, at most 40 characters.
pub(super) fn shorten(cell: &str) -> String {
    const SHOWN: usize = 40;
    let mut text: String = cell.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cell.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}
