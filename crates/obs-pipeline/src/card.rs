//! [`RunCard`]: one run on one page, for machines (JSON) and for whoever prints it.

use crate::report::{EpisodeReport, RowCounts, RunOutcome, RunReport};
use crate::request::RunRequest;
use obs_core::LedgerSnapshot;
use obs_core::names::SpanKind;
use obs_logs::Counts;
use obs_metrics::Snapshot;
use obs_trace::SpanRecord;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A direct child of the root span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseTime {
    /// Name of the span.
    pub name: String,
    /// Its length.
    pub seconds: f64,
}

/// Spans of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpanCounts {
    /// All of them.
    pub total: usize,
    /// By kind; kinds without a span are there with 0.
    pub by_kind: BTreeMap<&'static str, usize>,
}

/// Log lines of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogCounts {
    /// All of them.
    pub total: u64,
    /// By level; levels without a line are left out.
    pub by_level: BTreeMap<&'static str, u64>,
    /// By category; categories without a line are left out.
    pub by_category: BTreeMap<&'static str, u64>,
}

/// Metrics of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetricCounts {
    /// Metric families.
    pub families: u64,
    /// Series of all families.
    pub series: u64,
}

/// Stack samples of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProfileCounts {
    /// All of them.
    pub samples: u64,
    /// Those that were taken inside a span and know which.
    pub with_span: u64,
}

/// Remaining life in hours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RulCard {
    /// The figure to show: the median.
    pub hours: f64,
    /// One in ten continuations fails by then.
    pub p10: f64,
    /// Half of them fail by then.
    pub p50: f64,
    /// Nine in ten fail by then.
    pub p90: f64,
}

/// What the telemetry of a run left: counted after shutdown, so that nothing is missing.
#[derive(Debug)]
pub struct Telemetered<'a> {
    /// Every span of the run, in the order in which they ended.
    pub spans: &'a [SpanRecord],
    /// Log lines.
    pub logs: &'a Counts,
    /// A last reading of the metrics.
    pub metrics: &'a Snapshot,
    /// Stack samples.
    pub profile: ProfileCounts,
    /// The account after shutdown.
    pub ledger: LedgerSnapshot,
}

/// One run on one page.
#[derive(Clone, Debug, Serialize)]
pub struct RunCard {
    /// The run.
    pub run_id: String,
    /// Its trace; empty when the trace was not recorded.
    pub trace_id: String,
    /// The equipment.
    pub equipment: String,
    /// `success`, `noop` or `fail`.
    pub outcome: &'static str,
    /// Why there was nothing to do, or what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rows by use.
    pub rows: RowCounts,
    /// The sensors used.
    pub sensors: Vec<String>,
    /// Direct children of the root span, in order.
    pub phases: Vec<PhaseTime>,
    /// Spans.
    pub spans: SpanCounts,
    /// Log lines.
    pub logs: LogCounts,
    /// Metrics.
    pub metrics: MetricCounts,
    /// Stack samples.
    pub profile: ProfileCounts,
    /// Episodes.
    pub episodes: Vec<EpisodeReport>,
    /// Health at the end, 0 to 100.
    pub health: Option<f64>,
    /// Remaining life.
    pub rul: Option<RulCard>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rul_refusal: Option<String>,
    /// State of the drift chart at the end.
    pub drift: &'static str,
    /// Warnings, one line each.
    pub warnings: Vec<String>,
    /// How the input was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<crate::input::ReadReport>,
    /// What became of every item of every signal.
    pub ledger: LedgerSnapshot,
    /// What was written, by name.
    pub artifacts: BTreeMap<&'static str, PathBuf>,
}

impl RunCard {
    /// The card of a run; `result` holds its report, or the line that says why it failed.
    pub fn new(
        request: &RunRequest,
        result: Result<&RunReport, String>,
        telemetry: Telemetered<'_>,
        artifacts: BTreeMap<&'static str, PathBuf>,
    ) -> Self {
        let (report, failure) = match result {
            Ok(report) => (Some(report), None),
            Err(failure) => (None, Some(failure)),
        };
        let (outcome, reason) = match report.map(|r| &r.outcome) {
            Some(RunOutcome::Success) => ("success", None),
            Some(RunOutcome::Noop(reason)) => ("noop", Some(reason.clone())),
            None => ("fail", failure),
        };
        let root = telemetry.spans.iter().find(|s| s.local_parent().is_none());
        let rul = report.and_then(|r| r.rul);
        Self {
            run_id: request.run_id.map(|id| id.to_string()).unwrap_or_default(),
            trace_id: root.map(|r| r.trace_id.to_string()).unwrap_or_default(),
            equipment: request.equipment.clone(),
            outcome,
            reason,
            rows: report.map(|r| r.rows).unwrap_or_default(),
            sensors: report.map(|r| r.sensors.clone()).unwrap_or_default(),
            phases: phases(telemetry.spans),
            spans: span_counts(telemetry.spans),
            logs: log_counts(telemetry.logs),
            metrics: MetricCounts {
                families: telemetry.metrics.families.len() as u64,
                series: telemetry.metrics.series(),
            },
            profile: telemetry.profile,
            episodes: report.map(|r| r.episodes.clone()).unwrap_or_default(),
            health: report.and_then(|r| r.health).map(|h| h.index),
            rul: rul.map(|r| RulCard { hours: r.hours, p10: r.p10, p50: r.p50, p90: r.p90 }),
            rul_refusal: report.and_then(|r| r.rul_refusal.clone()),
            drift: report.map(|r| r.drift).unwrap_or_default().as_str(),
            warnings: report.map(|r| r.warnings.clone()).unwrap_or_default(),
            input: report.map(|r| r.read.clone()),
            ledger: telemetry.ledger,
            artifacts,
        }
    }
}

/// The direct children of the root, in the order in which they started.
fn phases(spans: &[SpanRecord]) -> Vec<PhaseTime> {
    let Some(root) = spans.iter().find(|s| s.local_parent().is_none()) else { return Vec::new() };
    let mut children: Vec<&SpanRecord> = spans.iter().filter(|s| s.parent == Some(root.span_id)).collect();
    children.sort_by_key(|s| s.start);
    children.iter().map(|s| PhaseTime { name: s.name.clone().into_owned(), seconds: s.seconds() }).collect()
}

fn span_counts(spans: &[SpanRecord]) -> SpanCounts {
    let mut by_kind: BTreeMap<&'static str, usize> = SpanKind::ALL.iter().map(|k| (k.as_str(), 0)).collect();
    for span in spans {
        *by_kind.entry(span.kind.as_str()).or_default() += 1;
    }
    SpanCounts { total: spans.len(), by_kind }
}

fn log_counts(counts: &Counts) -> LogCounts {
    LogCounts {
        total: counts.total(),
        by_level: counts.levels().filter(|(_, n)| *n > 0).map(|(l, n)| (l.as_str(), n)).collect(),
        by_category: counts.categories().filter(|(_, n)| *n > 0).map(|(c, n)| (c.as_str(), n)).collect(),
    }
}
