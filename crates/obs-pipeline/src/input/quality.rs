//! The data contract: what a frame must hold before detectors are fitted on it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::frame::Frame;

/// What is asked of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct DataContract {
    /// Least share of rows with a value for a sensor to be usable, 0 to 1. Default: 0.5.
    pub min_coverage: f64,
    /// Least number of rows for a run to make sense. Default: 64, two windows of 16 rows each to train and to score.
    pub min_rows: usize,
    /// A run of equal values is stuck when it is at least this long and ten times as long as the sensor's runs are on
    /// average, so that coarse and two-state sensors are not taken for stuck ones. Default: 20 rows.
    pub stuck_rows: usize,
    /// Largest share of stuck rows for a sensor to be usable, 0 to 1. Default: 0.9.
    pub max_stuck: f64,
    /// Lowest and highest plausible value by sensor. A sensor with over 5 % of its values outside is not usable.
    /// Default: none.
    pub ranges: BTreeMap<String, (f64, f64)>,
}

impl Default for DataContract {
    fn default() -> Self {
        Self { min_coverage: 0.5, min_rows: 64, stuck_rows: 20, max_stuck: 0.9, ranges: BTreeMap::new() }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Rows judged.
    pub rows: usize,
    /// One entry for each sensor, in the frame's order.
    pub sensors: Vec<SensorQuality>,
    /// Whether a sensor may be used, in the frame's order.
    pub usable: Vec<bool>,
    /// Why sensors are not usable, and why the frame is not, one line each.
    pub reasons: Vec<String>,
    /// Why a run makes no sense with this data (its outcome is then `noop`); none if it does.
    pub noop: Option<String>,
    /// Share of steps within half and one and a half times the median step, 0 to 1; breaks at units are left out.
    pub regularity: f64,
    /// 0 (nothing to work with) to 100: the mean over sensors of coverage times the share of rows not stuck, 0 for those
    /// that are not usable; times a tenth for regularity. See [`validate`].
    pub score: f64,
}

/// What was found for one sensor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SensorQuality {
    /// The sensor.
    pub name: String,
    /// Share of rows with a value, 0 to 1.
    pub coverage: f64,
    /// Mean of the values; 0 without any.
    pub mean: f64,
    /// Standard deviation (`n - 1`); 0 below two values.
    pub sd: f64,
    /// Least value; 0 without any.
    pub min: f64,
    /// Greatest value; 0 without any.
    pub max: f64,
    /// Share of rows in stuck runs, 0 to 1.
    pub stuck_share: f64,
    /// Rows of the longest run of equal values, stuck or not.
    pub longest_run: usize,
    /// Share of values outside the contract's range, 0 to 1; 0 without a range.
    pub out_of_range: f64,
}

/// Share of values that may lie outside a sensor's range.
const OUTSIDE: f64 = 0.05;

/// Judges `frame` by `contract`.
///
/// `score = 100 * mean over sensors(usable ? coverage * (1 - stuck_share / 2) * (1 - out_of_range) : 0) * (0.9 + 0.1 *
/// regularity)`.
pub fn validate(frame: &Frame, contract: &DataContract) -> Quality {
    let rows = frame.rows();
    let mut reasons = Vec::new();
    let mut sensors = Vec::with_capacity(frame.sensors());
    let mut usable = Vec::with_capacity(frame.sensors());
    for (name, values) in frame.names.iter().zip(&frame.columns) {
        let sensor = judge(name, values, &frame.breaks, contract);
        let faults = faults(&sensor, contract);
        usable.push(faults.is_empty());
        if !faults.is_empty() {
            reasons.push(format!("sensor `{name}`: {}", faults.join(", ")));
        }
        sensors.push(sensor);
    }
    let noop = if rows < contract.min_rows {
        Some(format!("{rows} rows; at least {} are needed", contract.min_rows))
    } else if !usable.contains(&true) {
        Some("no sensor meets the data contract".to_owned())
    } else {
        None
    };
    reasons.extend(noop.clone());
    let regularity = regularity(frame);
    let worth: f64 = sensors
        .iter()
        .zip(&usable)
        .filter(|(_, usable)| **usable)
        .map(|(s, _)| s.coverage * (1.0 - s.stuck_share / 2.0) * (1.0 - s.out_of_range))
        .sum();
    let score = 100.0 * worth / sensors.len().max(1) as f64 * (0.9 + 0.1 * regularity);
    Quality { rows, sensors, usable, reasons, noop, regularity, score: score.clamp(0.0, 100.0) }
}

/// What speaks against using a sensor.
fn faults(sensor: &SensorQuality, contract: &DataContract) -> Vec<String> {
    let mut faults = Vec::new();
    if sensor.coverage < contract.min_coverage || sensor.coverage == 0.0 {
        let (has, needs) = (100.0 * sensor.coverage, 100.0 * contract.min_coverage);
        faults.push(format!("{has:.1} % of rows have a value, {needs:.1} % are needed"));
    } else if sensor.sd == 0.0 {
        faults.push("it does not vary".to_owned());
    }
    if sensor.stuck_share > contract.max_stuck {
        faults.push(format!("stuck in {:.1} % of rows", 100.0 * sensor.stuck_share));
    }
    if sensor.out_of_range > OUTSIDE {
        faults.push(format!("{:.1} % of values are out of range", 100.0 * sensor.out_of_range));
    }
    faults
}

fn judge(name: &str, values: &[f64], breaks: &[usize], contract: &DataContract) -> SensorQuality {
    let (mut n, mut mean, mut squares) = (0_usize, 0.0, 0.0);
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    let range = contract.ranges.get(name);
    let mut outside = 0_usize;
    for v in values.iter().copied().filter(|v| !v.is_nan()) {
        // One pass that keeps its digits (B. P. Welford, Technometrics 4, 1962).
        n += 1;
        let off = v - mean;
        mean += off / n as f64;
        squares += off * (v - mean);
        min = min.min(v);
        max = max.max(v);
        outside += usize::from(range.is_some_and(|(low, high)| v < *low || v > *high));
    }
    let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
    let runs = runs(values, breaks);
    let typical = share(runs.iter().sum(), runs.len());
    let stuck: usize =
        runs.iter().filter(|r| **r >= contract.stuck_rows && **r as f64 >= 10.0 * typical).sum();
    let some = n > 0;
    SensorQuality {
        name: name.to_owned(),
        coverage: share(n, values.len()),
        mean,
        sd: if n > 1 && min < max { (squares / (n - 1) as f64).sqrt() } else { 0.0 },
        min: if some { min } else { 0.0 },
        max: if some { max } else { 0.0 },
        stuck_share: share(stuck, n),
        longest_run: runs.iter().copied().max().unwrap_or(0),
        out_of_range: share(outside, n),
    }
}

/// Lengths of the runs of equal values. A gap neither ends a run nor counts; a break ends it.
fn runs(values: &[f64], breaks: &[usize]) -> Vec<usize> {
    let mut runs = Vec::new();
    let mut current: Option<(f64, usize)> = None;
    let mut next = breaks.iter().copied().peekable();
    for (row, value) in values.iter().copied().enumerate() {
        if next.next_if_eq(&row).is_some() {
            runs.extend(current.take().map(|(_, n)| n));
        }
        if value.is_nan() {
            continue;
        }
        #[expect(clippy::float_cmp, reason = "a stuck sensor repeats the very same value")]
        let same = current.is_some_and(|(v, _)| v == value);
        match &mut current {
            Some((_, n)) if same => *n += 1,
            other => {
                runs.extend(other.replace((value, 1)).map(|(_, n)| n));
            }
        }
    }
    runs.extend(current.map(|(_, n)| n));
    runs
}

/// Share of steps near the median step; 1 where there are none.
fn regularity(frame: &Frame) -> f64 {
    let same_unit = |row: usize| frame.unit.as_ref().is_none_or(|u| u[row] == u[row - 1]);
    let mut steps: Vec<i64> = (1..frame.rows())
        .filter(|r| same_unit(*r))
        .map(|r| frame.time[r].saturating_sub(frame.time[r - 1]))
        .collect();
    if steps.is_empty() {
        return 1.0;
    }
    let middle = (steps.len() - 1) / 2;
    let median = *steps.select_nth_unstable(middle).1 as f64;
    let near = steps.iter().filter(|s| (0.5 * median..=1.5 * median).contains(&(**s as f64))).count();
    near as f64 / steps.len() as f64
}
