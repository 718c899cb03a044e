//! Choosing what each column is used as.

use super::dialect::Dialect;
use super::error::{list, shorten};
use super::number::{Cell, cell};
use super::records::Records;
use super::table::Plan;
use super::time::{parse, parse_clock_only, parse_given};
use super::{InputError, ReadOptions};

/// Rows looked at to find the time column.
const SAMPLE_ROWS: usize = 200;

/// The share of a sample that must be times for a column to be the time column.
const MOST: f64 = 0.9;

/// Names of time columns, the surest first; lower case, letters and digits alone.
const TIME_NAMES: [&str; 20] = [
    "timestamp",
    "datetime",
    "dateandtime",
    "entrydatetime",
    "ts",
    "timestamputc",
    "datetimeutc",
    "epoch",
    "unixtime",
    "epochtime",
    "date",
    "time",
    "utc",
    "localtime",
    "zeitstempel",
    "datumuhrzeit",
    "datum",
    "zeit",
    "fecha",
    "horodatage",
];

/// Names of columns with a time of day beside a date.
const CLOCK_NAMES: [&str; 6] = ["time", "timeofday", "clock", "uhrzeit", "zeit", "hora"];

/// Settles the use of every column of the first file.
pub(super) fn plan(
    text: &str,
    dialect: &Dialect,
    file: &str,
    options: &ReadOptions,
) -> Result<Plan, InputError> {
    let sample = Sample::take(text, dialect);
    let unknown = |option: &'static str, column: &str| InputError::UnknownColumn {
        file: file.to_owned(),
        option,
        column: column.to_owned(),
        columns: list(&dialect.names),
    };
    let named = |option: &'static str, column: &String| {
        find(&dialect.names, column).ok_or_else(|| unknown(option, column))
    };
    let mut taken: Vec<(usize, &'static str)> = Vec::new();
    let mut take = |index: usize, option: &'static str| {
        if let Some((_, first)) = taken.iter().find(|(i, _)| *i == index) {
            let column = dialect.names[index].clone();
            return Err(InputError::ColumnReused { file: file.to_owned(), column, first, second: option });
        }
        taken.push((index, option));
        Ok(index)
    };
    let unit = options
        .unit_column
        .as_ref()
        .map(|c| take(named("--unit-column", c)?, "--unit-column"))
        .transpose()?;
    let mut labels = Vec::new();
    for column in &options.label_columns {
        labels.push(take(named("--label-column", column)?, "--label-column")?);
    }
    let time = match &options.timestamp_column {
        Some(column) => {
            let index = take(named("--timestamp-column", column)?, "--timestamp-column")?;
            sample.check_time(index, dialect, file, options)?;
            Some(index)
        }
        None => sample.find_time(dialect, file, options, &|i| Some(i) == unit || labels.contains(&i))?,
    };
    // A format that fits the dates alone needs no time of day.
    let needs_clock = |t: usize| {
        options
            .timestamp_format
            .as_ref()
            .is_none_or(|f| sample.share(t, |c| parse_given(c, f).is_ok()) == 0.0)
    };
    let clock = time
        .filter(|t| needs_clock(*t))
        .and_then(|t| sample.find_clock(t, dialect))
        .filter(|c| Some(*c) != unit && !labels.contains(c));
    let name = |i: usize| dialect.names[i].clone();
    let used: Vec<usize> = [time, clock, unit].into_iter().flatten().chain(labels.iter().copied()).collect();
    Ok(Plan {
        time: time.map(name),
        clock: clock.map(name),
        unit: unit.map(name),
        labels: labels.iter().copied().map(name).collect(),
        sensors: (0..dialect.names.len()).filter(|i| !used.contains(i)).map(name).collect(),
    })
}

/// The column called `wanted`: as written, else the only one that differs in case, else by number in a table without
/// names.
fn find(names: &[String], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    names.iter().position(|n| n == wanted).or_else(|| {
        let mut same = (0..names.len()).filter(|i| names[*i].eq_ignore_ascii_case(wanted));
        same.next().filter(|_| same.next().is_none())
    })
}

/// A name without unit, blanks and signs, lower case.
fn bare(name: &str) -> String {
    let end = name.find(['(', '[']).filter(|i| *i > 0).unwrap_or(name.len());
    name[..end].chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The first rows, cell by cell: `columns[c]` holds line and text of the cells that are not empty.
struct Sample {
    columns: Vec<Vec<(u64, String)>>,
}

impl Sample {
    fn take(text: &str, dialect: &Dialect) -> Self {
        let data = &text[dialect.data..];
        let mut records = Records::new(data, dialect.delimiter);
        let mut fields = Vec::new();
        let mut columns = vec![Vec::new(); dialect.names.len()];
        for _ in 0..SAMPLE_ROWS {
            let Some(record) = records.next(&mut fields) else { break };
            for (column, field) in columns.iter_mut().zip(&fields) {
                let value = field.value(data);
                if cell(&value, false) != Cell::Missing {
                    column.push((dialect.data_line + record.line - 1, value.into_owned()));
                }
            }
        }
        Self { columns }
    }

    fn share(&self, column: usize, fits: impl Fn(&str) -> bool) -> f64 {
        let cells = &self.columns[column];
        cells.iter().filter(|(_, c)| fits(c)).count() as f64 / cells.len().max(1) as f64
    }

    /// The share of cells that are times.
    fn times(&self, column: usize, dialect: &Dialect, options: &ReadOptions) -> f64 {
        let Some(format) = &options.timestamp_format else {
            return self.share(column, |c| parse(c).is_some());
        };
        let alone = self.share(column, |c| parse_given(c, format).is_ok());
        match self.find_clock(column, dialect) {
            Some(clock) if alone == 0.0 => self.joined(column, clock, format),
            _ => alone,
        }
    }

    /// The share of rows in which a date and a time of day together fit a format.
    fn joined(&self, date: usize, clock: usize, format: &str) -> f64 {
        let cells = &self.columns[date];
        let fits = |line: u64, date: &str| {
            let clock = self.columns[clock].iter().find(|(l, _)| *l == line);
            clock.is_some_and(|(_, clock)| parse_given(&format!("{date} {clock}"), format).is_ok())
        };
        cells.iter().filter(|(line, cell)| fits(*line, cell)).count() as f64 / cells.len().max(1) as f64
    }

    /// An error if the column that the user named holds no times in its first rows.
    fn check_time(
        &self,
        index: usize,
        dialect: &Dialect,
        file: &str,
        options: &ReadOptions,
    ) -> Result<(), InputError> {
        let number = |c: &str| matches!(cell(c, dialect.decimal_comma), Cell::Number(_));
        if self.times(index, dialect, options) >= 0.5
            || (options.timestamp_format.is_none() && self.share(index, number) >= 0.5)
            || (self.find_clock(index, dialect).is_some() && options.timestamp_format.is_none())
        {
            return Ok(());
        }
        let column = dialect.names[index].clone();
        let file = file.to_owned();
        if let Some(format) = &options.timestamp_format {
            let failure = |(line, value): &(u64, String)| {
                parse_given(value, format).err().map(|e| (*line, shorten(value), e))
            };
            if let Some((line, value, source)) = self.columns[index].iter().find_map(failure) {
                return Err(InputError::TimestampFormat {
                    file,
                    line,
                    column,
                    value,
                    format: format.clone(),
                    source,
                });
            }
        }
        let first = self.columns[index].iter().find(|(_, c)| parse(c).is_none());
        let (line, value) = first.map_or((dialect.data_line, String::new()), |(l, v)| (*l, shorten(v)));
        Err(InputError::BadTimestamp { file, line, column, value })
    }

    /// The time column of a table: the surest name that holds times, or numbers that could be; else the first column
    /// that holds times; else, in a table without names, none.
    fn find_time(
        &self,
        dialect: &Dialect,
        file: &str,
        options: &ReadOptions,
        used: &dyn Fn(usize) -> bool,
    ) -> Result<Option<usize>, InputError> {
        let free = || (0..dialect.names.len()).filter(|i| !used(*i));
        let rank = |i: usize| {
            let bare = bare(&dialect.names[i]);
            let listed = TIME_NAMES.iter().position(|n| *n == bare);
            listed.or_else(|| {
                (bare.ends_with("timestamp") || bare.ends_with("datetime")).then_some(TIME_NAMES.len())
            })
        };
        let mut named: Vec<(usize, usize)> = free().filter_map(|i| Some((rank(i)?, i))).collect();
        named.sort_unstable();
        let fits = |i: usize| {
            self.times(i, dialect, options) >= MOST
                || (options.timestamp_format.is_none() && self.counts(i, dialect))
        };
        if let Some((_, index)) = named.iter().find(|(_, i)| fits(*i)) {
            return Ok(Some(*index));
        }
        if let Some(index) =
            free().find(|i| !self.columns[*i].is_empty() && self.times(*i, dialect, options) >= MOST)
        {
            return Ok(Some(index));
        }
        if let Some((_, index)) = named.first() {
            self.check_time(*index, dialect, file, options)?;
        }
        if options.no_header {
            return Ok(None);
        }
        Err(InputError::NoTimestamp { file: file.to_owned(), columns: list(&dialect.names) })
    }

    /// Whether a column holds numbers that never fall and do rise: epoch times or a counter, not a measurement.
    fn counts(&self, column: usize, dialect: &Dialect) -> bool {
        let numbers: Vec<f64> = self.columns[column]
            .iter()
            .filter_map(
                |(_, c)| if let Cell::Number(v) = cell(c, dialect.decimal_comma) { Some(v) } else { None },
            )
            .collect();
        let enough = !numbers.is_empty() && numbers.len() as f64 >= MOST * self.columns[column].len() as f64;
        let epoch = numbers.iter().all(|v| *v >= 1e8);
        let rises = numbers.windows(2).all(|w| w[1] >= w[0]) && numbers.first() != numbers.last();
        enough && (epoch || rises)
    }

    /// The column with the time of day, where column `time` holds dates alone: one with such a name, else the next one.
    fn find_clock(&self, time: usize, dialect: &Dialect) -> Option<usize> {
        let date_alone = |c: &str| !c.contains(':') && parse(c).is_some();
        if self.columns[time].is_empty() || self.share(time, date_alone) < MOST {
            return None;
        }
        let clock = |i: usize| !self.columns[i].is_empty() && self.share(i, parse_clock_only) >= MOST;
        let named = |i: usize| CLOCK_NAMES.contains(&bare(&dialect.names[i]).as_str());
        let next = Some(time + 1)
            .filter(|i| *i < dialect.names.len() && self.share(*i, |c| c.contains(':')) >= MOST);
        (0..dialect.names.len()).find(|i| *i != time && named(*i) && clock(*i)).or(next.filter(|i| clock(*i)))
    }
}
