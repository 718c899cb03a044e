//! How much CPU time does telemetry add to the detector batch?
//!
//! The same run, once with traces, metrics, logs and profiles on (all file sinks and SQLite) and once with everything
//! off, in turn, in one process; result files and tables are written by both. CPU time is that of the whole process, so
//! that the delivery threads' work counts; wall-clock time is that of a run from start to shutdown. Ratios are taken pair by
//! pair; of each the median is printed, and of wall-clock time the mean with its confidence interval of 95 % (normal
//! approximation). With `--sample-ratio 0.1` that interval has a bar: at most 5 %.

use crate::{Answer, Findings, cpu};
use clap::Args as ClapArgs;
use obs::obs_core::{Clock, Ids, Ledger, ServiceIdentity};
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
    /// Share of the runs whose trace is recorded, 0 to 1
    #[arg(long, default_value_t = 1.0)]
    sample_ratio: f64,
}

/// Share of the traces at which telemetry may cost no more than [`MOST`].
const SAMPLED: f64 = 0.1;
/// What a run with telemetry may take, of one without.
const MOST: f64 = 1.05;

/// What one run took.
#[derive(Clone, Copy)]
struct Took {
    cpu: f64,
    wall: f64,
}

/// Measures it.
pub fn run(args: &Args) -> Answer {
    let mut pairs = Vec::new();
    for round in 0..=args.pairs {
        // Which goes first alternates, so that a drifting clock rate favours neither.
        let (on, off) = if round % 2 == 0 {
            let on = with_telemetry(args)?;
            (on, without(&args.input)?)
        } else {
            let off = without(&args.input)?;
            (with_telemetry(args)?, off)
        };
        if round > 0 {
            pairs.push((on, off));
        }
    }
    let of = |time: fn(&Took) -> f64| pairs.iter().map(|(on, off)| (time(on), time(off))).collect::<Vec<_>>();
    let (cpu, wall) = (of(|took| took.cpu), of(|took| took.wall));
    let mut findings = Findings::default();
    let text = &mut findings.text;
    let title = format!("one run on {}, {} pairs", args.input.display(), pairs.len());
    table(text, &format!("CPU seconds of {title}"), &cpu)?;
    table(text, &format!("Wall-clock seconds of {title}"), &wall)?;
    let (mean, half) = interval(&wall.iter().map(|(on, off)| on / off).collect::<Vec<_>>());
    writeln!(text, "  on / off       mean {mean:.4}  95 % from {:.4} to {:.4}", mean - half, mean + half)?;
    if args.sample_ratio <= SAMPLED {
        findings.bar(
            format!("wall-clock: at most {MOST} of a run without, in the interval; {:.4}", mean + half),
            mean + half <= MOST,
        );
    }
    Ok(findings)
}

fn table(text: &mut String, title: &str, pairs: &[(f64, f64)]) -> std::fmt::Result {
    writeln!(text, "{title}")?;
    for (name, values) in [
        ("telemetry on", pairs.iter().map(|p| p.0).collect()),
        ("telemetry off", pairs.iter().map(|p| p.1).collect()),
        ("on / off", pairs.iter().map(|(on, off)| on / off).collect()),
    ] {
        let (least, median, most) = spread(values);
        writeln!(text, "  {name:<14} min {least:.4}  median {median:.4}  max {most:.4}")?;
    }
    Ok(())
}

/// The mean, and half the width of its confidence interval of 95 %; not finite for one value.
fn interval(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, 1.96 * (variance / n).sqrt())
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

fn with_telemetry(args: &Args) -> Result<Took, Box<dyn Error>> {
    let (folder, input) = (tempfile::tempdir()?, &args.input);
    let (took, result) = measured(|| -> Result<u64, Box<dyn Error>> {
        let folder = folder.path();
        let telemetry = obs::Builder::default()
            .logs(LogOutput::None)
            .sqlite(folder.join("obs.db"))
            .trace_file(folder.join("trace.otlp.json"))
            .metrics_file(folder.join("metrics.txt"))
            .profile_folder(folder)
            .set("traces.sample_ratio", args.sample_ratio.to_string())
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
        0 => Ok(took),
        lost => {
            Err(format!("{lost} items of telemetry were lost: the measurement would be of less work").into())
        }
    }
}

fn without(input: &Path) -> Result<Took, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (took, result) = measured(|| {
        let instruments = Instruments {
            tracer: Tracer::off(),
            log: slog::Logger::root(slog::Discard, slog::o!()),
            metrics: Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())),
        };
        Pipeline::new(PipelineConfig::default(), instruments).run(&request(input, folder.path()))
    });
    result?;
    Ok(took)
}

fn measured<T>(f: impl FnOnce() -> T) -> (Took, T) {
    let clock = Clock::system();
    let start = clock.now();
    let (cpu, value) = cpu::spent(f);
    let wall = Duration::from_nanos(clock.now() - start);
    (Took { cpu: cpu.as_secs_f64(), wall: wall.as_secs_f64() }, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_mean() {
        let (mean, half) = interval(&[1.0, 2.0, 3.0, 4.0]);
        assert!((mean - 2.5).abs() < 1e-12 && (half - 1.96 * (5.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        assert!(!interval(&[1.0]).1.is_finite());
    }

    /// PERF-06: what is measured is runs of which so many are recorded, beside runs without telemetry.
    #[test]
    fn a_run_that_is_not_sampled_is_measured_beside_one_without_telemetry() {
        let input = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/fd_fan.csv"));
        let findings = run(&Args { input, pairs: 2, sample_ratio: 0.0 }).unwrap();
        let text = findings.to_string();
        assert!(
            text.contains("Wall-clock seconds of one run") && text.contains("wall-clock: at most 1.05"),
            "{text}"
        );
    }
}
