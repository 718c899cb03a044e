//! `obs run`: telemetry on, the batch, telemetry off, the run card.

use crate::args::RunArgs;
use crate::{listen, progress, render, slowest};
use obs::obs_core::Ids;
use obs::obs_profile::{Filter, Profile, flamegraph, top_functions};
use obs::obs_trace::SpanRecord;
use obs::{InitError, LogOutput, RunContext, Telemetry};
use obs_pipeline::card::{ProfileCounts, RunCard, Telemetered};
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunError, RunReport, RunRequest};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the end of a run waits for its telemetry to arrive.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// Functions shown of the slowest span.
const HOTTEST: usize = 5;

/// Why `obs run` did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Telemetry(#[from] InitError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Listen(#[from] obs_http::ServeError),
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
}

impl Failure {
    /// 1 when the run failed, 2 when the caller can mend it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Telemetry(_) | Self::Listen(_) => 2,
            Self::Run(error) => 1 + u8::from(error.is_usage()),
            Self::Write { .. } => 1,
        }
    }
}

type Spans = Arc<Mutex<Vec<SpanRecord>>>;

pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    let request = args.request(Ids::Random.run_id());
    if let Some(folder) = &request.out {
        let error = |source| Failure::Write { path: folder.clone(), source };
        std::fs::create_dir_all(folder).map_err(error).map_err(usage)?;
    }
    let spans = Spans::default();
    let bar = progress::bar();
    let telemetry = telemetry(args, &spans, bar.clone())?;
    obs::set_context(RunContext {
        run_id: request.run_id,
        equipment: Some(request.equipment.clone()),
        equip_id: Some(request.equip_id),
        batch_num: args.batch_num,
        batch_total: args.batch_total,
        ..RunContext::default()
    });
    let server = args.listen.map(|address| listen::start(address, &telemetry)).transpose()?;
    let instruments = Instruments {
        tracer: telemetry.tracer().clone(),
        log: telemetry.logger("acm.pipeline"),
        metrics: telemetry.metrics().clone(),
    };
    let result = Pipeline::new(PipelineConfig::default(), instruments).run(&request);
    bar.finish_and_clear();
    let metrics = telemetry.metrics().clone();
    let logs = telemetry.logs().clone();
    let finished = telemetry.finish(SHUTDOWN);
    drop(server);
    let spans = std::mem::take(&mut *spans.lock().unwrap_or_else(PoisonError::into_inner));

    let profile = finished.profile.as_ref();
    let slowest = slowest::slowest_leaf(&spans);
    let artifacts = artifacts(args, &request, profile, slowest)?;
    let card = RunCard::new(
        &request,
        result.as_ref().map_err(ToString::to_string),
        Telemetered {
            spans: &spans,
            logs: &logs.counts(),
            metrics: &metrics.snapshot(),
            profile: profile_counts(profile),
            ledger: finished.report.signals,
        },
        artifacts,
    );
    write_json(&args.out.join("run.json"), &card)?;
    let hottest = slowest.map(|s| (s, profile.map(|p| top_functions(p, Filter::Span(s.span_id), HOTTEST))));
    print(args, &card, result.as_ref().ok(), &spans, hottest.as_ref())?;
    result?;
    Ok(())
}

/// A folder that cannot be made is a usage error, as it is when the pipeline finds out.
fn usage(failure: Failure) -> Failure {
    match failure {
        Failure::Write { path, source } => Failure::Run(RunError::Output { path, source }),
        other => other,
    }
}

fn telemetry(args: &RunArgs, spans: &Spans, bar: indicatif::ProgressBar) -> Result<Telemetry, Failure> {
    let mut builder = obs::Builder::default();
    if args.no_telemetry {
        return Ok(builder.logs(LogOutput::None).set("sdk.disabled", "true").silent().init()?);
    }
    let (output, terminal) = if args.json {
        (LogOutput::Stderr, std::io::stderr().is_terminal())
    } else {
        (LogOutput::Stdout, std::io::stdout().is_terminal())
    };
    builder = builder.logs(output).sqlite(&args.db);
    if terminal {
        builder = builder.console(std::env::var_os("NO_COLOR").is_none());
    }
    if let Some(file) = &args.config {
        builder = builder.config_file(file);
    }
    let endpoints = [
        ("otlp.endpoint", &args.otlp),
        ("loki.endpoint", &args.loki),
        ("pyroscope.endpoint", &args.pyroscope),
    ];
    for (key, url) in endpoints {
        if let Some(url) = url {
            builder = builder.set(key, url);
        }
    }
    let collected = Arc::clone(spans);
    builder = builder
        .trace_file(args.out.join("trace.otlp.json"))
        .metrics_file(args.out.join("metrics.txt"))
        .profile_folder(&args.out)
        .on_span_end(move |span| {
            progress::advance(&bar, span);
            collected.lock().unwrap_or_else(PoisonError::into_inner).push(span.clone());
        });
    Ok(builder.init()?)
}

fn profile_counts(profile: Option<&Profile>) -> ProfileCounts {
    profile.map_or_else(ProfileCounts::default, |p| ProfileCounts {
        samples: p.count(),
        with_span: p.samples.iter().filter(|s| s.span_id.is_some()).map(|s| s.count).sum(),
    })
}

/// Draws the flame graphs and lists everything that was written.
fn artifacts(
    args: &RunArgs,
    request: &RunRequest,
    profile: Option<&Profile>,
    slowest: Option<&SpanRecord>,
) -> Result<BTreeMap<&'static str, PathBuf>, Failure> {
    let graphs = [
        ("flamegraph", "flamegraph.svg", Some(Filter::All)),
        ("flamegraph_slowest_span", "flamegraph.slowest-span.svg", slowest.map(|s| Filter::Span(s.span_id))),
    ];
    for (_, name, filter) in graphs {
        let path = args.out.join(name);
        let drawn = profile.zip(filter).and_then(|(profile, filter)| flamegraph(profile, filter).ok());
        match drawn {
            Some(svg) => std::fs::write(&path, svg).map_err(|source| Failure::Write { path, source })?,
            // No sample fell into it: a graph of an earlier run must not pass for this one's.
            None => remove(&path)?,
        }
    }
    let mut artifacts: BTreeMap<&'static str, PathBuf> = [
        ("scores", "scores.csv"),
        ("episodes", "episodes.csv"),
        ("trace", "trace.otlp.json"),
        ("metrics", "metrics.txt"),
        ("profile", "profile.pb.gz"),
        ("flamegraph", "flamegraph.svg"),
        ("flamegraph_slowest_span", "flamegraph.slowest-span.svg"),
    ]
    .into_iter()
    .map(|(name, file)| (name, args.out.join(file)))
    .filter(|(_, path)| path.exists())
    .collect();
    artifacts.insert("run_card", args.out.join("run.json"));
    artifacts.extend(request.db.clone().map(|db| ("database", db)));
    Ok(artifacts)
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

fn write_json(path: &Path, card: &RunCard) -> Result<(), Failure> {
    let error = |source| Failure::Write { path: path.to_owned(), source };
    let mut text = serde_json::to_vec_pretty(card).map_err(|e| error(e.into()))?;
    text.push(b'\n');
    std::fs::write(path, text).map_err(error)
}

type Hottest<'a> = (&'a SpanRecord, Option<Vec<obs::obs_profile::TopFunction>>);

fn print(
    args: &RunArgs,
    card: &RunCard,
    report: Option<&RunReport>,
    spans: &[SpanRecord],
    hottest: Option<&Hottest<'_>>,
) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let written = if args.json {
        serde_json::to_writer(&mut out, card).map_err(Into::into).and_then(|()| writeln!(out))
    } else if report.is_some() {
        render::card(&mut out, card, spans, hottest)
    } else {
        Ok(())
    };
    match written {
        // A reader that has seen enough (`| head`) is no failure.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Write { path: PathBuf::from("stdout"), source: e })
        }
        _ => Ok(()),
    }
}
