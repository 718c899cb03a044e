//! [`Frame`]: the sensor table every phase works on.

/// What the time axis of a [`Frame`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeAxis {
    /// Wall clock as the plant wrote it, without a zone: microseconds since 1970-01-01T00:00:00.
    Civil,
    /// Instants: microseconds since the Unix epoch, from timestamps that carried an offset.
    Utc,
    /// A counter (cycles, flights, or plain row numbers where a file has no time column).
    Counter,
}

/// Sensor values over time, column by column.
///
/// Shapes: `columns[c][r]` is sensor `c` at row `r`; every column is as long as `time`; `names.len() == columns.len()`.
/// A gap is `NaN`; no value is infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What `time` counts.
    pub axis: TimeAxis,
    /// One value per row, ascending within each unit.
    pub time: Vec<i64>,
    /// Sensor names, unique, in the file's order.
    pub names: Vec<String>,
    /// One vector per sensor.
    pub columns: Vec<Vec<f64>>,
    /// Rows at which a new stretch starts (after a gap in time, at a new unit), ascending, row 0 left out.
    /// Nothing that remembers earlier rows (filters, lags, windows) may look across a break.
    pub breaks: Vec<usize>,
    /// Which unit (engine, machine) a row belongs to, where the input holds several: index into `unit_names`.
    pub unit: Option<Vec<u32>>,
    /// The units' names, in order of appearance; empty without a unit column.
    pub unit_names: Vec<String>,
}

impl Frame {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.time.len()
    }

    /// Number of sensors.
    pub fn sensors(&self) -> usize {
        self.columns.len()
    }

    /// The rows of `range` as a frame of their own, breaks shifted.
    ///
    /// # Panics
    /// When `range` reaches past the last row.
    #[must_use]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Frame {
        let breaks = self
            .breaks
            .iter()
            .filter(|&&b| b > range.start && b < range.end)
            .map(|b| b - range.start)
            .collect();
        Frame {
            axis: self.axis,
            time: self.time[range.clone()].to_vec(),
            names: self.names.clone(),
            columns: self.columns.iter().map(|c| c[range.clone()].to_vec()).collect(),
            breaks,
            unit: self.unit.as_ref().map(|u| u[range].to_vec()),
            unit_names: self.unit_names.clone(),
        }
    }

    /// The given rows (ascending) as a frame of their own, with a break wherever rows in between are left out.
    ///
    /// # Panics
    /// When a row does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Frame {
        let breaks = (1..rows.len())
            .filter(|&i| rows[i] != rows[i - 1] + 1 || self.breaks.binary_search(&rows[i]).is_ok())
            .collect();
        Frame {
            axis: self.axis,
            time: rows.iter().map(|&r| self.time[r]).collect(),
            names: self.names.clone(),
            columns: self.columns.iter().map(|c| rows.iter().map(|&r| c[r]).collect()).collect(),
            breaks,
            unit: self.unit.as_ref().map(|u| rows.iter().map(|&r| u[r]).collect()),
            unit_names: self.unit_names.clone(),
        }
    }

    /// The frame with only these sensors, in this order; names it does not have are left out.
    #[must_use]
    pub fn with_sensors(&self, names: &[String]) -> Frame {
        let kept: Vec<usize> = names.iter().filter_map(|n| self.names.iter().position(|m| m == n)).collect();
        Frame {
            axis: self.axis,
            time: self.time.clone(),
            names: kept.iter().map(|&c| self.names[c].clone()).collect(),
            columns: kept.iter().map(|&c| self.columns[c].clone()).collect(),
            breaks: self.breaks.clone(),
            unit: self.unit.clone(),
            unit_names: self.unit_names.clone(),
        }
    }

    /// The time of `row` for people and files: `2012-05-21T14:00:00` (with `Z` on a UTC axis, with a fraction where
    /// there is one), or the plain number on a counter axis.
    pub fn format_time(&self, row: usize) -> String {
        format_time(self.axis, self.time[row])
    }
}

/// [`Frame::format_time`] for a value that is not in a frame.
pub fn format_time(axis: TimeAxis, value: i64) -> String {
    if axis == TimeAxis::Counter {
        return value.to_string();
    }
    let civil = jiff::Timestamp::from_microsecond(value).map(|t| jiff::tz::Offset::UTC.to_datetime(t));
    match civil {
        Ok(c) if axis == TimeAxis::Utc => format!("{c}Z"),
        Ok(c) => c.to_string(),
        Err(_) => value.to_string(),
    }
}
