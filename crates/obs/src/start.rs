//! [`start`]: from settings to the four signals at work.

use crate::builder::Builder;
use crate::delivery;
use crate::error::InitError;
use crate::shared::Shared;
use crate::sinks::{self, Announced};
use crate::slow_queries::slow_queries;
use obs_core::config::{Config, Loaded, Propagator};
use obs_core::{Clock, Diag, Ledger, ServiceIdentity, Signal, fork};
use obs_export::Limits;
use obs_logs::{Level, Logs};
use obs_metrics::{MetricReader, Metrics, StageTimes};
use obs_profile::{Profiler, ProfilerOptions};
use obs_trace::propagation::env::{self, EnvReader};
use obs_trace::propagation::{Propagators, SpanContext};
use obs_trace::{Sampler, Tracer};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long delivery may take when a signal or an aborting panic ends the process, unless
/// [`Builder::signal_deadline`] says otherwise.
const SIGNAL_DEADLINE: Duration = Duration::from_secs(5);

pub(crate) fn start(
    builder: &Builder,
    loaded: &Loaded,
    identity: ServiceIdentity,
    parent: Option<SpanContext>,
) -> Result<Shared, InitError> {
    let config = &loaded.config;
    let (clock, ledger) = (Clock::system(), Arc::new(Ledger::default()));
    let diag = Diag::stderr().with_level(config.diag_level);
    let mut announced = Announced::new();
    // Everything that can fail comes before the first thread starts.
    let log_sinks = sinks::logs(builder, config, &identity, &mut announced)?;
    let trace_sinks = sinks::traces(builder, config, &identity, &mut announced)?;
    let metric_sinks = sinks::metrics(builder, config, &mut announced)?;
    let profile_sinks = sinks::profiles(builder, config, &identity, &mut announced)?;

    let any_remote = log_sinks.iter().any(|s| s.is_remote())
        || trace_sinks.iter().any(|s| s.is_remote())
        || metric_sinks.iter().any(|s| s.is_remote())
        || profile_sinks.iter().any(|s| s.is_remote());
    let spooling = any_remote && !builder.without_spool;
    let engine = delivery::engine(config, Arc::clone(&ledger), clock.clone(), diag.clone(), spooling)?;
    let lines = engine.stream(Signal::Log, log_sinks, delivery::line_limits());
    let logs = Logs::builder(&identity)
        .level(Level::parse(config.log_level.as_str()).unwrap_or(Level::Info))
        .clock(clock.clone())
        .build(move |line| lines.push_one(line));

    let metrics = Metrics::with_clock(identity.clone(), Arc::clone(&ledger), clock.clone());
    let collections = engine.stream(Signal::Metric, metric_sinks, Limits::default());
    let reader = if collections.is_off() {
        None
    } else {
        let push = move |item| collections.push_one(item);
        Some(MetricReader::start(metrics.clone(), config.metric_interval, push).map_err(InitError::Thread)?)
    };

    let spans = engine.stream(Signal::Trace, trace_sinks, delivery::span_limits(&config.span_batch));
    let tracer = if !config.records_traces() || (spans.is_off() && builder.on_span_end.is_none()) {
        Tracer::off()
    } else {
        let mut stages = StageTimes::new(metrics.clone());
        let mut tracer = Tracer::builder()
            .clock(clock.clone())
            .identity(identity.clone())
            .names(builder.names.clone())
            .sampler(Sampler::new(&config.sampler))
            .limits(config.span_limits)
            .batch_spans(config.span_batch.batch as u32)
            .parent(parent)
            .export(Arc::clone(&ledger), spans)
            .on_stage(move |stage| stages.observe(stage));
        if let Some(observer) = builder.on_span_end.clone() {
            tracer = tracer.on_end(move |span| observer(span));
        }
        tracer.build()
    };
    // Stages are observed in batches: a reading shows all that ended before it.
    metrics.before_reading(tracer.catch_up());
    let tracer = tracer.with_slow_queries(slow_queries(config, clock.clone(), &logs, &metrics));

    let profiles = engine.stream(Signal::Profile, profile_sinks, Limits::default());
    let profiler = if profiles.is_off() {
        None
    } else {
        Some(Profiler::start(ProfilerOptions {
            hz: config.profile_hz,
            clock,
            ledger: Some(ledger),
            ..ProfilerOptions::default()
        })?)
    };
    let shared = Shared {
        tracer,
        logs,
        metrics,
        identity,
        engine,
        diag,
        timer: Clock::system(),
        generation: fork::watch(),
        reads_metrics: reader.is_some(),
        reader: Mutex::new(reader),
        profiler: Mutex::new(profiler),
        profiles,
        has_destination: !announced.is_empty(),
        signal_deadline: builder.signals.deadline.unwrap_or(SIGNAL_DEADLINE),
        life: Mutex::default(),
        ended: Condvar::new(),
    };
    if !builder.silent {
        announce(&shared.logs, loaded, &announced);
    }
    Ok(shared)
}

/// The span that the process which started this one was in, when it says so in the environment.
pub(crate) fn parent_of_process(config: &Config) -> Option<SpanContext> {
    let formats = Propagators {
        trace_context: config.propagators.contains(&Propagator::TraceContext),
        baggage: config.propagators.contains(&Propagator::Baggage),
    };
    EnvReader { propagators: formats, ..EnvReader::default() }.extract(&env::variable).parent
}

/// One line per destination, and one per setting that could not be used: where to look when something is missing.
fn announce(logs: &Logs, loaded: &Loaded, announced: &Announced) {
    let log = logs.logger("obs.init");
    for (signal, to, protocol) in announced {
        obs_logs::cfg!(log, "{signal} initialized";
            "endpoint" => to, "protocol" => protocol, "sample_ratio" => loaded.config.sampler.ratio());
    }
    for warning in &loaded.warnings {
        obs_logs::cfg!(warn: log, "{warning}");
    }
}
