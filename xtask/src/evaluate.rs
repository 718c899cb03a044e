//! `cargo xtask evaluate DIR`: how good the detectors are on labelled public data, beside a reference in Python.
//!
//! `sets` says which data and by which protocol, `measure` runs the pipeline and compares with the labels, `life` does
//! the same for remaining life, `reference` holds the figures to beat, `table` prints.

mod life;
mod measure;
mod reference;
mod sets;
mod table;

use std::io;
use std::path::PathBuf;

use obs_pipeline::{PipelineConfig, RunError};
use serde::Serialize;

/// Options of `cargo xtask evaluate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder that holds skab/, nab/, tep/ and `cmapss_fd001`/; data sets that are missing are skipped
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Leave each row's highest and lowest stream out of the fused score
    #[arg(long)]
    trim: bool,
    /// Raise thresholds that rest on few independent training stretches by this much [default: the pipeline's own]
    #[arg(long, value_name = "FACTOR")]
    caution: Option<f64>,
    /// Quantile of the healthy fused score that alarms [default: the pipeline's own]
    #[arg(long, value_name = "SHARE")]
    quantile: Option<f64>,
    /// Training rows that a regime needs for a threshold of its own [default: the pipeline's own]
    #[arg(long, value_name = "ROWS")]
    regime_rows: Option<usize>,
}

/// Why an evaluation gives no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No data set is there.
    #[error("no data set found in {}: expected at least one of skab/, nab/, tep/, cmapss_fd001/", .0.display())]
    NoData(PathBuf),
    /// A file cannot be read or a working copy not be written.
    #[error("cannot {verb} {}", path.display())]
    Io {
        verb: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A run failed.
    #[error("{set}: run failed")]
    Run {
        set: &'static str,
        #[source]
        source: Box<RunError>,
    },
    /// A run scored nothing.
    #[error("{set}: nothing was scored: {reason}")]
    Noop { set: &'static str, reason: String },
    /// A file does not hold what its data set has.
    #[error("{set}: {what}")]
    Data { set: &'static str, what: String },
    /// The figures cannot be written as JSON.
    #[error("cannot write the figures as JSON")]
    Json(#[from] serde_json::Error),
}

/// Everything one evaluation found.
#[derive(Debug, Serialize)]
struct Evaluation {
    detection: Vec<measure::Measured>,
    remaining_life: Option<life::Measured>,
    /// `<path> not found`, for each data set that is not there.
    skipped: Vec<String>,
}

/// Runs the task; the text is the tables, or the JSON.
pub(crate) fn run(args: &Args) -> Result<String, Error> {
    let mut config = PipelineConfig::default();
    config.fusion.trim |= args.trim;
    config.thresholds.caution = args.caution.unwrap_or(config.thresholds.caution);
    config.thresholds.min_regime_rows = args.regime_rows.unwrap_or(config.thresholds.min_regime_rows);
    config.thresholds.quantile = args.quantile.unwrap_or(config.thresholds.quantile);

    let mut found = Evaluation { detection: Vec::new(), remaining_life: None, skipped: Vec::new() };
    for set in sets::ALL {
        match sets::missing(&args.folder, set.files) {
            Some(path) => found.skipped.push(format!("{} not found", path.display())),
            None => found.detection.push(measure::measure(set, &args.folder, &config)?),
        }
    }
    if sets::missing(&args.folder, &life::FILES).is_none() {
        // Where its files are missing, detection on the same data set has said so.
        found.remaining_life = Some(life::measure(&args.folder)?);
    }
    if found.detection.is_empty() && found.remaining_life.is_none() {
        return Err(Error::NoData(args.folder.clone()));
    }
    if args.json { Ok(serde_json::to_string_pretty(&found)? + "\n") } else { Ok(table::text(&found)) }
}

#[cfg(test)]
mod tests;
