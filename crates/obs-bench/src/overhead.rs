//! How much CPU time does telemetry add to the detector batch?
//!
//! The same run, once with traces, metrics, logs and profiles on (all file sinks and SQLite) and once with everything
//! off, in turn, in one process; result files and tables are written by both. CPU time is that of the whole process, so
//! that the delivery threads' work counts. The ratio is taken pair by pair and its median printed.

use crate::{Answer, Findings, cpu};
use clap::Args as ClapArgs;
use obs::obs_core::{Ids, Ledger, ServiceIdentity};
use obs::{LogOutput, Metrics, RunContext, Tracer};
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunRequest};
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What to run, and how often.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// File to run on
    #[arg(default_value = "fixtures/fd_fan.csv")]
    input: PathBuf,
    /// Pairs of runs that are counted, after one that is not
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    pairs: u32,
}

/// Measures it.
pub fn run(args: &Args) -> Answer {
    let mut pairs = Vec::new();
    for round in 0..=args.pairs {
        // Which goes first alternates, so that a drifting clock rate favours neither.
        let (on, off) = if round % 2 == 0 {
            let on = with_telemetry(&args.input)?;
            (on, without(&args.input)?)
        } else {
            let off = without(&args.input)?;
            (with_telemetry(&args.input)?, off)
        };
        if round > 0 {
            pairs.push((on.as_secs_f64(), off.as_secs_f64()));
        }
    }
    let ratios: Vec<f64> = pairs.iter().map(|(on, off)| on / off).collect();
    let mut text = String::new();
    writeln!(text, "CPU seconds of one run on {}, {} pairs", args.input.display(), pairs.len())?;
    for (name, values) in [
        ("telemetry on", pairs.iter().map(|p| p.0).collect()),
        ("telemetry off", pairs.iter().map(|p| p.1).collect()),
        ("on / off", ratios),
    ] {
        let (least, median, most) = spread(values);
        writeln!(text, "  {name:<14} min {least:.4}  median {median:.4}  max {most:.4}")?;
    }
    Ok(Findings { text, ..Findings::default() })
}

fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2], values[values.len() - 1])
}

fn request(input: &Path, folder: &Path) -> RunRequest {
    RunRequest {
        inputs: vec![input.to_owned()],
        equipment: "FD_FAN".to_owned(),
        run_id: Some(Ids::Random.run_id()),
        out: Some(folder.to_owned()),
        db: Some(folder.join("obs.db")),
        ..RunRequest::default()
    }
}

fn with_telemetry(input: &Path) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (spent, result) = cpu::spent(|| -> Result<u64, Box<dyn Error>> {
        let folder = folder.path();
        let telemetry = obs::Builder::default()
            .logs(LogOutput::None)
            .sqlite(folder.join("obs.db"))
            .trace_file(folder.join("trace.otlp.json"))
            .metrics_file(folder.join("metrics.txt"))
            .profile_folder(folder)
            .build()?;
        let request = request(input, folder);
        obs::set_context(RunContext {
            run_id: request.run_id,
            equipment: Some(request.equipment.clone()),
            equip_id: Some(request.equip_id),
            ..RunContext::default()
        });
        let instruments = Instruments {
            tracer: telemetry.tracer().clone(),
            log: telemetry.logger("acm.pipeline"),
            metrics: telemetry.metrics().clone(),
        };
        Pipeline::new(PipelineConfig::default(), instruments).run(&request)?;
        Ok(telemetry.shutdown(Duration::from_secs(10)).signals.dropped_total())
    });
    match result? {
        0 => Ok(spent),
        lost => {
            Err(format!("{lost} items of telemetry were lost: the measurement would be of less work").into())
        }
    }
}

fn without(input: &Path) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (spent, result) = cpu::spent(|| {
        let instruments = Instruments {
            tracer: Tracer::off(),
            log: slog::Logger::root(slog::Discard, slog::o!()),
            metrics: Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())),
        };
        Pipeline::new(PipelineConfig::default(), instruments).run(&request(input, folder.path()))
    });
    result?;
    Ok(spent)
}
