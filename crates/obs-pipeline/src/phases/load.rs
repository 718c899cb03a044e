//! `load.data`: the input files as one frame.

use super::Phases;
use crate::error::RunError;
use crate::input::{Loaded, read};
use crate::request::RunRequest;
use obs_metrics::RowState;
use obs_trace::span;

pub(crate) fn load(phases: &Phases<'_>, request: &RunRequest) -> Result<Loaded, RunError> {
    let mut span = span!(phases.instruments.tracer, "load.data", n_files = request.inputs.len());
    let loaded = span.record_result(read(&request.inputs, &request.read))?;
    let report = &loaded.report;
    span.set("n_samples", loaded.frame.rows());
    span.set("n_features", loaded.frame.sensors());
    obs_logs::data!(phases.log(), "data loaded";
        "rows" => report.rows_read,
        "sensors" => loaded.frame.sensors(),
        "timestamp_format" => report.timestamp_formats.join(" | "),
        "cadence_seconds" => report.cadence_seconds,
        "gaps" => report.gaps,
        "missing_cells" => report.missing_cells);
    for (column, reason) in &report.dropped_columns {
        obs_logs::data!(warn: phases.log(), "column dropped"; "column" => column, "reason" => reason);
    }
    for warning in &report.warnings {
        obs_logs::data!(warn: phases.log(), "{warning}");
        phases.warned(warning.clone());
    }
    let metrics = &phases.instruments.metrics;
    metrics.record_rows(phases.equipment, RowState::Read, report.rows_read);
    metrics.record_rows(phases.equipment, RowState::Dropped, report.rows_dropped + report.duplicates);
    Ok(loaded)
}
