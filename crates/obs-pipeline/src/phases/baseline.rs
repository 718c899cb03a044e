//! `baseline.seed`: which rows are healthy, which are scored.

use super::Phases;
use crate::error::RunError;
use crate::frame::Frame;
use crate::input::quality::Quality;
use crate::input::{InputError, Loaded, ReadOptions, read};
use crate::request::{RunRequest, Train};
use crate::split::{align, split};
use obs_metrics::RowState;
use obs_trace::{Outcome, span};
use std::path::Path;

/// Fewest healthy rows that detectors can be fitted and calibrated on out of fold.
const MIN_TRAIN: usize = 32;

/// The two parts of a run's rows, with the same sensors.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) train: Frame,
    pub(crate) score: Frame,
    /// Rows read from a baseline file; 0 without one.
    pub(crate) baseline_rows_read: u64,
}

/// Gives the parts, or the reason why there is nothing to do.
pub(crate) fn seed(
    phases: &Phases<'_>,
    request: &RunRequest,
    loaded: &mut Loaded,
    quality: &Quality,
) -> Result<Result<Parts, String>, RunError> {
    let mut span = span!(phases.instruments.tracer, "baseline.seed");
    let parts = span.record_result(cut(phases, request, loaded, quality))?;
    let (train, score) = (parts.train.rows(), parts.score.rows());
    span.set("n_samples", train);
    if train < MIN_TRAIN || score == 0 {
        span.outcome(Outcome::Noop);
        let reason = if score == 0 {
            format!("all {train} rows are for training; none is left to score")
        } else {
            format!("{train} training rows; at least {MIN_TRAIN} are needed")
        };
        return Ok(Err(reason));
    }
    phases.instruments.metrics.record_rows(phases.equipment, RowState::Train, train as u64);
    obs_logs::data!(phases.log(), "baseline seeded"; "train_rows" => train, "score_rows" => score);
    Ok(Ok(parts))
}

fn cut(
    phases: &Phases<'_>,
    request: &RunRequest,
    loaded: &mut Loaded,
    quality: &Quality,
) -> Result<Parts, RunError> {
    let usable: Vec<String> = loaded
        .frame
        .names
        .iter()
        .zip(&quality.usable)
        .filter(|(_, usable)| **usable)
        .map(|(name, _)| name.clone())
        .collect();
    let mut input = loaded.frame.with_sensors(&usable);
    let (train, score, baseline_rows_read) = match &request.train {
        Train::Rows(rows) => {
            let (train, score) = split(&input, |_| *rows);
            (train, score, 0)
        }
        Train::Fraction(share) => {
            let (train, score) = split(&input, |rows| (rows as f64 * share) as usize);
            (train, score, 0)
        }
        Train::Baseline { path, transpose } => {
            let options = ReadOptions { transpose: *transpose, ..request.read.clone() };
            let baseline = read_baseline(path, options)?;
            let mut train = baseline.frame;
            let mut lost = loaded.report.dropped_columns.clone();
            lost.extend(baseline.report.dropped_columns);
            lost.extend(
                loaded.frame.names.iter().filter(|n| !usable.contains(n)).map(|n| (n.clone(), String::new())),
            );
            align(&mut input, &mut train, &lost, path)?;
            warn_of_overlap(phases, &train, &input);
            (train, input, baseline.report.rows_read)
        }
    };
    Ok(Parts { baseline_rows_read, ..without_silent_sensors(phases, train, score) })
}

/// Healthy data often lacks the label columns of the data to score: those are not missed here.
fn read_baseline(path: &Path, mut options: ReadOptions) -> Result<Loaded, InputError> {
    loop {
        match read(&[path.to_owned()], &options) {
            Err(InputError::UnknownColumn { option: "--label-column", column, .. })
                if options.label_columns.contains(&column) =>
            {
                options.label_columns.retain(|label| *label != column);
            }
            other => return other,
        }
    }
}

/// A sensor that holds nothing, or never moves, in train cannot be compared with: it is left out with a log line.
fn without_silent_sensors(phases: &Phases<'_>, train: Frame, score: Frame) -> Parts {
    let varies = |column: &Vec<f64>| {
        let mut present = column.iter().filter(|v| !v.is_nan());
        present.next().is_some_and(|first| present.any(|v| (v - first).abs() > 0.0))
    };
    let kept: Vec<String> =
        train.names.iter().zip(&train.columns).filter(|(_, c)| varies(c)).map(|(n, _)| n.clone()).collect();
    if kept.len() < train.names.len() && !kept.is_empty() {
        for name in train.names.iter().filter(|n| !kept.contains(n)) {
            obs_logs::data!(warn: phases.log(), "sensor dropped: constant or empty in training"; "sensor" => name);
            phases.warned(format!("sensor `{name}` is constant or empty in training and was left out"));
        }
        return Parts {
            train: train.with_sensors(&kept),
            score: score.with_sensors(&kept),
            baseline_rows_read: 0,
        };
    }
    Parts { train, score, baseline_rows_read: 0 }
}

fn warn_of_overlap(phases: &Phases<'_>, train: &Frame, score: &Frame) {
    let range = |f: &Frame| f.time.iter().min().zip(f.time.iter().max()).map(|(a, b)| (*a, *b));
    if train.axis != score.axis || train.axis == crate::TimeAxis::Counter {
        return;
    }
    if let (Some((train_start, train_end)), Some((start, end))) = (range(train), range(score))
        && train_start <= end
        && start <= train_end
    {
        let warning = "the baseline's time overlaps the scored time: scores of rows trained on are too low";
        obs_logs::data!(warn: phases.log(), "{warning}");
        phases.warned(warning.to_owned());
    }
}
