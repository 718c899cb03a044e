//! [`Table`]: what any source of sensor data hands over to be assembled into a frame.
//!
//! A source (delimited text today) knows its own format; it delivers stamps, numbers, units and labels column by
//! column. Everything after that (time order, gaps, dropped columns) is the same for all sources and lives in
//! [`assemble`](super::assemble).

use super::time::{Form, Stamp};

/// One file's rows, column by column. All columns are equally long.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// The file or table, for messages.
    pub(super) source: String,
    /// Data rows seen, bad ones included.
    pub(super) rows_read: u64,
    /// Rows that fell out so far.
    pub(super) bad: BadRows,
    /// The time of each row; none where rows are to be numbered.
    pub(super) stamps: Option<Vec<Stamp>>,
    /// A cell for each form of timestamp that occurs, by the form's index.
    pub(super) examples: Vec<Option<String>>,
    /// The unit of each row: indices into the names.
    pub(super) units: Option<(Vec<u32>, Vec<String>)>,
    /// One column for each name of [`Plan::sensors`].
    pub(super) sensors: Vec<Column>,
    /// One column for each label.
    pub(super) labels: Vec<Vec<f64>>,
}

/// The values of one sensor, gaps as `NaN`, and how they were spelt.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) values: Vec<f64>,
    /// Cells with a number.
    pub(super) present: u64,
    /// Cells with other text.
    pub(super) unreadable: u64,
    /// Line and text of the first of those.
    pub(super) first_unreadable: Option<(u64, String)>,
}

/// Rows that do not parse.
#[derive(Clone, Debug, Default)]
pub(super) struct BadRows {
    pub(super) count: u64,
    /// The lines of the first three.
    pub(super) lines: Vec<u64>,
    /// What is wrong with the first.
    pub(super) why: String,
}

impl BadRows {
    /// How many lines are kept.
    pub(super) const SHOWN: usize = 3;

    /// Counts `rows` bad rows from `line` on. Lines come in ascending order but for those found later in the whole
    /// column, which are sorted in.
    pub(super) fn add(&mut self, line: u64, rows: u64, why: impl FnOnce() -> String) {
        self.count += rows;
        if self.lines.first().is_none_or(|first| line < *first) {
            self.why = why();
        }
        if self.lines.len() < Self::SHOWN || self.lines.last().is_some_and(|last| line < *last) {
            self.lines.push(line);
            self.lines.sort_unstable();
            self.lines.truncate(Self::SHOWN);
        }
    }
}

/// Which column is used as what, settled on the first file and valid for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// The time column; none where rows are numbered.
    pub(super) time: Option<String>,
    /// A second column with the time of day, where `time` holds dates alone.
    pub(super) clock: Option<String>,
    /// The unit column.
    pub(super) unit: Option<String>,
    /// The label columns.
    pub(super) labels: Vec<String>,
    /// All other columns, in the first file's order.
    pub(super) sensors: Vec<String>,
}

/// The use of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    Clock,
    Unit,
    /// Index into [`Plan::labels`].
    Label(usize),
    /// Index into [`Plan::sensors`].
    Sensor(usize),
}

impl Plan {
    /// The role of the column called `name`; none for a column the plan does not know.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        let is = |column: &Option<String>| column.as_deref() == Some(name);
        let position = |names: &[String]| names.iter().position(|n| n == name);
        if is(&self.time) {
            Some(Role::Time)
        } else if is(&self.clock) {
            Some(Role::Clock)
        } else if is(&self.unit) {
            Some(Role::Unit)
        } else if let Some(i) = position(&self.labels) {
            Some(Role::Label(i))
        } else {
            position(&self.sensors).map(Role::Sensor)
        }
    }
}

/// An empty list of examples.
pub(super) fn no_examples() -> Vec<Option<String>> {
    vec![None; Form::COUNT]
}
