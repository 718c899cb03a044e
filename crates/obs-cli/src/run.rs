//! `obs run`: telemetry on, the batch, telemetry off, the run card.

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::{listen, progress, render, slowest};
use obs::config::Provenance;
use obs::obs_core::{Ids, LedgerSnapshot};
use obs::obs_profile::{Filter, Profile, flamegraph, top_functions};
use obs::obs_trace::SpanRecord;
use obs::{LogOutput, RunContext, Signal, Telemetry};
use obs_pipeline::card::{ProfileCounts, RunCard, Telemetered};
use obs_pipeline::{Instruments, Pipeline, PipelineConfig, RunError, RunOutcome, RunReport, RunRequest};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the end of a run waits for its telemetry to arrive.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// Functions shown of the slowest span.
const HOTTEST: usize = 5;

/// Settings that have an option.
const OPTIONS: [(&str, &str); 4] = [
    ("otlp.endpoint", "--otlp"),
    ("loki.endpoint", "--loki"),
    ("pyroscope.endpoint", "--pyroscope"),
    ("spool.dir", "--spool"),
];

/// Where items wait for a receiver, unless a setting says otherwise.
const SPOOL: &str = "obs-spool";

type Spans = Arc<Mutex<Vec<SpanRecord>>>;

pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    let request = args.request(Ids::Random.run_id());
    if let Some((num, total)) = args.batch_num.zip(args.batch_total).filter(|(num, total)| num > total) {
        return Err(Failure::Batch { num, total });
    }
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
    let scored = result.as_ref().is_ok_and(|report| matches!(report.outcome, RunOutcome::Success));
    let artifacts = artifacts(args, &request, scored, &finished.report.signals, profile, slowest)?;
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
        return builder
            .logs(LogOutput::None)
            .set("sdk.disabled", "true")
            .silent()
            .init()
            .map_err(|error| Failure::telemetry(error, &[]));
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
    for ((key, _), url) in OPTIONS.iter().zip([&args.otlp, &args.loki, &args.pyroscope, &args.spool]) {
        if let Some(url) = url {
            builder = builder.set(key, url);
        }
    }
    if args.no_spool {
        builder = builder.without_spool();
    } else if builder.load().is_ok_and(|loaded| loaded.provenance("spool.dir") == Provenance::Default) {
        builder = builder.spool(SPOOL);
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
    builder.init().map_err(|error| Failure::telemetry(error, &OPTIONS))
}

fn profile_counts(profile: Option<&Profile>) -> ProfileCounts {
    profile.map_or_else(ProfileCounts::default, |p| ProfileCounts {
        samples: p.count(),
        with_span: p.samples.iter().filter(|s| s.span_id.is_some()).map(|s| s.count).sum(),
    })
}

/// Draws the flame graphs and lists everything that this run wrote; what an earlier run left in the folder is not its.
fn artifacts(
    args: &RunArgs,
    request: &RunRequest,
    scored: bool,
    ledger: &LedgerSnapshot,
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
    let file = |signal| ledger.signal(signal).destinations.get("file");
    let mut artifacts: BTreeMap<&'static str, PathBuf> = [
        ("scores", "scores.csv", scored),
        ("episodes", "episodes.csv", scored),
        ("analytics", "analytics.json", scored),
        ("trace", "trace.otlp.json", file(Signal::Trace).is_some()),
        ("metrics", "metrics.txt", file(Signal::Metric).is_some_and(|f| f.delivered > 0)),
        ("profile", "profile.pb.gz", file(Signal::Profile).is_some_and(|f| f.delivered > 0)),
        ("flamegraph", "flamegraph.svg", true),
        ("flamegraph_slowest_span", "flamegraph.slowest-span.svg", true),
    ]
    .into_iter()
    .map(|(name, file, written)| (name, args.out.join(file), written))
    .filter(|(_, path, written)| *written && path.exists())
    .map(|(name, path, _)| (name, path))
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
