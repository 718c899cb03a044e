//! [`ReadOptions`] and [`Loaded`]: what goes into [`read`](super::read) and what comes out.

use super::ReadReport;
use crate::frame::Frame;

/// How to read a table. The default detects everything and expects a header and a timestamp column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The column that holds the time. Default: found by name, then by content.
    pub timestamp_column: Option<String>,
    /// The only accepted form of timestamps, in `strptime` terms such as `%d.%m.%Y %H:%M`. Default: detected.
    pub timestamp_format: Option<String>,
    /// Columns handed out as labels and never used as sensors. Default: none.
    pub label_columns: Vec<String>,
    /// The table has no header; its columns are called `c1`, `c2` and so on. Without a time column rows are numbered
    /// from 0. Default: false.
    pub no_header: bool,
    /// The column that says which unit (engine, machine) a row belongs to. Default: one unit.
    pub unit_column: Option<String>,
    /// The table is stored with a sensor on each line; needs `no_header`. Default: false.
    pub transpose: bool,
    /// Add rolling features beside the sensor of a single-sensor table, see [`derive`](super::derive()). Default: false.
    pub derive: bool,
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Sensors over time.
    pub frame: Frame,
    /// The label columns in the order asked for: name, and one value for each row of `frame` (`NaN` where it has none).
    pub labels: Vec<(String, Vec<f64>)>,
    /// What was found on the way.
    pub report: ReadReport,
}
