//! Runs a data set through the pipeline and compares with its labels.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use obs_core::{Ledger, ServiceIdentity};
use obs_metrics::Metrics;
use obs_pipeline::evaluate::{
    Confusion, EventCounts, average_precision, event_counts, label_events, roc_auc,
};
use obs_pipeline::input::{Loaded, read};
use obs_pipeline::report::Scored;
use obs_pipeline::split::units;
use obs_pipeline::stretch::ewma;
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunOutcome, RunReport};
use obs_trace::Tracer;
use serde::Serialize;

use super::Error;
use super::reference::{Reference, STREAMS};
use super::sets::{Run, Set, Truth};

/// Weight of the newest row in the average over a single stream, so that it is as smooth as the fused score.
const SMOOTHING: f64 = 0.3;

/// The figures of one data set. Ranking measures are means over its runs, counts are sums.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    pub(super) set: &'static str,
    pub(super) runs: usize,
    pub(super) rows: usize,
    /// ROC-AUC of each stream, smoothed, in the order of [`STREAMS`]; `None` without a faulty row or without the stream.
    pub(super) streams: [Option<f64>; STREAMS.len()],
    pub(super) roc_auc: Option<f64>,
    pub(super) average_precision: Option<f64>,
    /// `None` without a faulty row.
    pub(super) f1: Option<f64>,
    pub(super) false_alarm_rate: f64,
    pub(super) missed_rate: Option<f64>,
    pub(super) events: usize,
    pub(super) touched: usize,
    pub(super) episodes: usize,
    pub(super) false_episodes: usize,
    pub(super) reference: &'static Reference,
}

/// Sum and count of what could be measured.
#[derive(Clone, Copy, Default)]
struct Mean(f64, usize);

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            *self = Self(self.0 + value, self.1 + 1);
        }
    }

    fn value(self) -> Option<f64> {
        (self.1 > 0).then(|| self.0 / self.1 as f64)
    }
}

/// Measures a data set that is there.
pub(super) fn measure(set: Set, folder: &Path, config: &PipelineConfig) -> Result<Measured, Error> {
    let runs = (set.runs)(folder)?;
    let (mut streams, mut area, mut precision) =
        ([Mean::default(); STREAMS.len()], Mean::default(), Mean::default());
    let (mut rows, mut confusion, mut events) = (0, Confusion::default(), EventCounts::default());
    for run in &runs {
        let report = scored(set.title, run, config)?;
        let scored = &report.scored;
        let loaded = read(&run.request.inputs, &run.request.read)
            .map_err(|source| Error::Run { set: set.title, source: Box::new(source.into()) })?;
        let (labels, unit_breaks) = faulty(set.title, &run.truth, &loaded, scored)?;
        rows += labels.len();
        for (mean, name) in streams.iter_mut().zip(STREAMS) {
            let stream = scored.streams.iter().find(|(n, _)| *n == name);
            mean.add(stream.and_then(|(_, z)| roc_auc(&ewma(z, SMOOTHING, &scored.breaks), &labels)));
        }
        area.add(roc_auc(&scored.fused, &labels));
        precision.add(average_precision(&scored.fused, &labels));
        let alarms: Vec<bool> = scored.fused.iter().zip(&scored.threshold).map(|(z, t)| z >= t).collect();
        confusion = confusion.plus(Confusion::count(&alarms, &labels));
        let counts = event_counts(&numbered(&scored.episode), &label_events(&labels, &unit_breaks));
        events = EventCounts {
            events: events.events + counts.events,
            touched: events.touched + counts.touched,
            episodes: events.episodes + counts.episodes,
            false_episodes: events.false_episodes + counts.false_episodes,
        };
    }
    let has_faults = events.events > 0;
    Ok(Measured {
        set: set.title,
        runs: runs.len(),
        rows,
        streams: streams.map(Mean::value),
        roc_auc: area.value(),
        average_precision: precision.value(),
        f1: has_faults.then(|| confusion.f1()),
        false_alarm_rate: confusion.false_alarm_rate(),
        missed_rate: has_faults.then(|| confusion.missed_rate()),
        events: events.events,
        touched: events.touched,
        episodes: events.episodes,
        false_episodes: events.false_episodes,
        reference: set.reference,
    })
}

/// One run, without telemetry.
fn scored(set: &'static str, run: &Run, config: &PipelineConfig) -> Result<RunReport, Error> {
    let instruments = Instruments {
        tracer: Tracer::off(),
        log: slog::Logger::root(slog::Discard, slog::o!()),
        metrics: Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())),
    };
    let report = Pipeline::new(config.clone(), instruments)
        .run(&run.request)
        .map_err(|source| Error::Run { set, source: Box::new(source) })?;
    match report.outcome {
        RunOutcome::Success => Ok(report),
        RunOutcome::Noop(reason) => Err(Error::Noop { set, reason }),
    }
}

/// Whether each scored row is faulty, and the scored rows at which a new unit starts.
fn faulty(
    set: &'static str,
    truth: &Truth,
    loaded: &Loaded,
    scored: &Scored,
) -> Result<(Vec<bool>, Vec<usize>), Error> {
    let rows = scored.fused.len();
    // With one unit the scored rows are the last ones of the input; with several a baseline file trains, and all are.
    let first = loaded.frame.rows().checked_sub(rows).ok_or_else(|| Error::Data {
        set,
        what: format!("{rows} rows were scored of an input of {}", loaded.frame.rows()),
    })?;
    let labels = match truth {
        Truth::Healthy => vec![false; rows],
        Truth::From(start) => (0..rows).map(|row| row >= *start).collect(),
        Truth::Windows(windows) => (0..rows)
            .map(|row| {
                let time = scored.format_time(row);
                windows.iter().any(|(start, end)| (*start..=*end).contains(&time.as_str()))
            })
            .collect(),
        Truth::Column(name) => {
            let column = loaded.labels.iter().find(|(n, _)| n == name);
            let (_, values) = column
                .ok_or_else(|| Error::Data { set, what: format!("the input has no column `{name}`") })?;
            values[first..].iter().map(|v| *v > 0.5).collect()
        }
        Truth::NearEnd { after_last, limit } => {
            let units = units(&loaded.frame);
            if units.len() != after_last.len() {
                let what = format!("{} units, but {} remaining lives", units.len(), after_last.len());
                return Err(Error::Data { set, what });
            }
            let left = units.iter().zip(after_last).flat_map(|(unit, after)| {
                unit.clone().map(move |row| (unit.end - 1 - row) as f64 + after <= *limit)
            });
            let breaks = units.iter().skip(1).map(|unit| unit.start).collect();
            return Ok((left.collect(), breaks));
        }
    };
    Ok((labels, Vec::new()))
}

/// The rows of each episode, from the episode number of each row (0 outside).
fn numbered(episodes: &[u32]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for chunk in episodes.chunk_by(|a, b| a == b) {
        if chunk[0] > 0 {
            out.push(start..start + chunk.len());
        }
        start += chunk.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_are_runs_of_one_number_even_side_by_side() {
        assert_eq!(numbered(&[0, 1, 1, 2, 0, 0, 3]), [1..3, 3..4, 6..7]);
        assert!(numbered(&[0, 0]).is_empty() && numbered(&[]).is_empty());
    }

    #[test]
    fn a_mean_is_over_what_could_be_measured() {
        let mut mean = Mean::default();
        assert_eq!(mean.value(), None);
        for value in [Some(1.0), None, Some(2.0)] {
            mean.add(value);
        }
        assert_eq!(mean.value(), Some(1.5));
    }
}
