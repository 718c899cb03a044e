//! Plain numbers in a time column: compact dates, epoch times, seconds since a start, or a counter.

use super::calendar::midnight;
use super::resolve::{Run, Unresolved};
use super::stamp::Value;
use crate::frame::TimeAxis;

/// What a column of plain numbers counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// `20120521`, or `20120521140030` with a time of day.
    Compact,
    /// Time since 1970 in units of so many microseconds.
    Epoch(f64, &'static str),
    /// Ascending numbers with fractions: seconds since some start.
    Elapsed,
    /// Ascending whole numbers.
    Counter,
}

impl Scale {
    pub(super) fn axis(self) -> TimeAxis {
        match self {
            Self::Compact | Self::Elapsed => TimeAxis::Civil,
            Self::Epoch(..) => TimeAxis::Utc,
            Self::Counter => TimeAxis::Counter,
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Compact => "yearmonthday as one number".to_owned(),
            Self::Epoch(_, unit) => format!("epoch {unit}"),
            Self::Elapsed => "elapsed seconds, shown as time since 1970-01-01T00:00:00".to_owned(),
            Self::Counter => "counter".to_owned(),
        }
    }

    /// The time that `value` means.
    pub(super) fn time(self, value: f64) -> Option<i64> {
        match self {
            Self::Compact => compact(value),
            Self::Epoch(micros, _) => Some((value * micros).round() as i64),
            Self::Elapsed => Some((value * 1e6).round() as i64),
            Self::Counter => Some(value as i64),
        }
    }
}

/// Finds what the plain numbers in `runs` count. Epoch units are told apart by magnitude: each covers the years 1973
/// to 2286 and no two overlap.
pub(super) fn scale(runs: &[Run<'_>]) -> Result<Scale, Unresolved> {
    const UNITS: [(f64, f64, &str); 4] = [
        (1e8, 1e6, "seconds"),
        (1e11, 1e3, "milliseconds"),
        (1e14, 1.0, "microseconds"),
        (1e17, 1e-3, "nanoseconds"),
    ];
    let numbers = || runs.iter().flat_map(|r| r.stamps).filter_map(|s| number(s.value));
    if numbers().all(|v| compact(v).is_some()) {
        return Ok(Scale::Compact);
    }
    let mut sizes: Vec<f64> = numbers().map(f64::abs).collect();
    let middle = sizes.len() / 2;
    let median = *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    if let Some((_, micros, name)) =
        UNITS.iter().find(|(least, ..)| (*least..least * 100.0).contains(&median))
    {
        return Ok(Scale::Epoch(*micros, name));
    }
    ascending(runs)?;
    let whole = numbers().all(|v| v.fract() == 0.0 && v.abs() < 9e15);
    Ok(if whole { Scale::Counter } else { Scale::Elapsed })
}

/// An error at the first number that is below the one before it in its file and unit.
fn ascending(runs: &[Run<'_>]) -> Result<(), Unresolved> {
    for (index, run) in runs.iter().enumerate() {
        let mut last: std::collections::HashMap<u32, f64> = std::collections::HashMap::new();
        for (row, stamp) in run.stamps.iter().enumerate() {
            let Some(value) = number(stamp.value) else { continue };
            let before = last.insert(run.units.map_or(0, |u| u[row]), value);
            if before.is_some_and(|b| value < b) || value.abs() >= 9e15 {
                return Err(Unresolved::Counter { run: index, line: stamp.line, value, before });
            }
        }
    }
    Ok(())
}

fn number(value: Value) -> Option<f64> {
    match value {
        Value::Number(v) => Some(v),
        Value::Exact(_) | Value::Open(..) => None,
    }
}

/// `20120521` or `20120521140030`, years 1900 to 2199.
fn compact(value: f64) -> Option<i64> {
    if value.fract() != 0.0 {
        return None;
    }
    let (date, clock) = match value {
        v if (1.9e7..2.2e7).contains(&v) => (v as i64, 0),
        v if (1.9e13..2.2e13).contains(&v) => (v as i64 / 1_000_000, v as i64 % 1_000_000),
        _ => return None,
    };
    let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = midnight((date / 10_000) as i32, (date / 100 % 100) as u8, (date % 100) as u8)?;
    Some(day + (hour * 3600 + minute * 60 + second) * 1_000_000)
}
