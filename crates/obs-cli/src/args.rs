//! What the command accepts.

use clap::{Args, Parser, Subcommand};
use obs::RunId;
use obs_pipeline::input::ReadOptions;
use obs_pipeline::{RunRequest, Train};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Finds episodes in sensor data, and shows how it got there: traces, metrics, logs and profiles of every run.
#[derive(Debug, Parser)]
#[command(name = "obs", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the detector batch on files of sensor data
    Run(Box<RunArgs>),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RunArgs {
    /// CSV or blank-separated files of one equipment, concatenated
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Name of the equipment [default: the first file's name]
    #[arg(long)]
    equipment: Option<String>,
    /// Number of the equipment
    #[arg(long, default_value_t = 0)]
    equip_id: i64,
    /// UUID of the run; a rerun of the same id replaces its results [default: a new one]
    #[arg(long, value_name = "UUID")]
    run_id: Option<RunId>,
    /// Which batch this is, from 1
    #[arg(long, requires = "batch_total", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch_num: Option<u32>,
    /// How many batches there are
    #[arg(long, requires = "batch_num", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch_total: Option<u32>,

    /// File of healthy data to train on; all of the input is scored
    #[arg(long, value_name = "FILE", conflicts_with_all = ["train_rows", "train_fraction"])]
    baseline: Option<PathBuf>,
    /// The baseline is stored with a sensor on each line (needs --no-header)
    #[arg(long, requires_all = ["baseline", "no_header"])]
    transpose_baseline: bool,
    /// Train on the first N rows (of each unit)
    #[arg(long, value_name = "N", conflicts_with = "train_fraction", value_parser = clap::value_parser!(u64).range(1..))]
    train_rows: Option<u64>,
    /// Train on the first share of the rows (of each unit), above 0 and below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.6, value_parser = share)]
    train_fraction: f64,

    /// Column that holds the time [default: detected]
    #[arg(long, value_name = "NAME")]
    timestamp_column: Option<String>,
    /// Form of the timestamps, such as '%d.%m.%Y %H:%M' [default: detected]
    #[arg(long, value_name = "FORMAT")]
    timestamp_format: Option<String>,
    /// Column that is a label, never a sensor; may be given several times
    #[arg(long, value_name = "NAME")]
    label_column: Vec<String>,
    /// The files have no header; columns are called c1, c2, …
    #[arg(long)]
    no_header: bool,
    /// Column that says which unit a row belongs to
    #[arg(long, value_name = "NAME")]
    unit_column: Option<String>,
    /// The input is stored with a sensor on each line (needs --no-header)
    #[arg(long, requires = "no_header")]
    transpose: bool,
    /// Add rolling features beside a single sensor
    #[arg(long)]
    derive: bool,

    /// Folder for scores, episodes, trace, metrics, profile and run card
    #[arg(long, value_name = "DIR", default_value = "obs-out")]
    pub(crate) out: PathBuf,
    /// SQLite file for log lines, result tables and models
    #[arg(long, value_name = "FILE", default_value = "obs.db")]
    pub(crate) db: PathBuf,
    /// Settings file (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Also send traces and metrics to this OTLP/HTTP receiver
    #[arg(long, value_name = "URL")]
    pub(crate) otlp: Option<String>,
    /// Also send log lines to this Loki
    #[arg(long, value_name = "URL")]
    pub(crate) loki: Option<String>,
    /// Also send profiles to this Pyroscope
    #[arg(long, value_name = "URL")]
    pub(crate) pyroscope: Option<String>,
    /// Folder where items wait for a receiver that does not take them, until a later run delivers them [default: obs-spool]
    #[arg(long, value_name = "DIR", conflicts_with = "no_spool")]
    pub(crate) spool: Option<String>,
    /// Drop what a receiver does not take
    #[arg(long)]
    pub(crate) no_spool: bool,
    /// Serve the metrics over HTTP at ADDR, path /metrics, while the run lasts; ADDR is IP:PORT, or a port of 127.0.0.1
    #[arg(long, value_name = "ADDR", conflicts_with = "no_telemetry", value_parser = crate::listen::address)]
    pub(crate) listen: Option<SocketAddr>,
    /// Print the run card as JSON on stdout; log lines go to stderr
    #[arg(long)]
    pub(crate) json: bool,
    /// Record nothing about the run itself: no spans, metrics, log lines or profile
    #[arg(long)]
    pub(crate) no_telemetry: bool,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("expected a number above 0 and below 1".to_owned()),
    }
}

impl RunArgs {
    /// The run that is asked for; `fresh` is its id unless one was given.
    pub(crate) fn request(&self, fresh: RunId) -> RunRequest {
        let train = match (&self.baseline, self.train_rows) {
            (Some(path), _) => Train::Baseline { path: path.clone(), transpose: self.transpose_baseline },
            (None, Some(rows)) => Train::Rows(usize::try_from(rows).unwrap_or(usize::MAX)),
            (None, None) => Train::Fraction(self.train_fraction),
        };
        let name = || {
            let stem = self.inputs.first().and_then(|p| p.file_stem()).unwrap_or_default();
            stem.to_string_lossy().into_owned()
        };
        RunRequest {
            inputs: self.inputs.clone(),
            read: ReadOptions {
                timestamp_column: self.timestamp_column.clone(),
                timestamp_format: self.timestamp_format.clone(),
                label_columns: self.label_column.clone(),
                no_header: self.no_header,
                unit_column: self.unit_column.clone(),
                transpose: self.transpose,
                derive: self.derive,
            },
            train,
            equipment: self.equipment.clone().unwrap_or_else(name),
            equip_id: self.equip_id,
            run_id: Some(self.run_id.unwrap_or(fresh)),
            out: Some(self.out.clone()),
            db: Some(self.db.clone()),
        }
    }
}
