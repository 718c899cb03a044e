//! [`Telemetry`]: the four signals at work, and the guard that delivers them.

use crate::builder::Builder;
use crate::delivery;
use crate::error::InitError;
use crate::sinks::{self, Announced};
use obs_core::active::ActiveSpan;
use obs_core::config::Loaded;
use obs_core::names::prefix;
use obs_core::{Clock, Diag, Ledger, ServiceIdentity, Signal};
use obs_export::{Engine, FlushReport, Limits, ShutdownReport, Stream};
use obs_logs::{Level, Logs};
use obs_metrics::{MetricReader, Metrics};
use obs_profile::{Profile, ProfileItem, Profiler, ProfilerOptions};
use obs_trace::{SpanRecord, Tracer};
use std::sync::Arc;
use std::time::Duration;

/// How long dropping a guard may take; [`Telemetry::shutdown`] takes a deadline of the caller's.
const DROP_DEADLINE: Duration = Duration::from_secs(5);

/// The four signals at work. Dropping it delivers what was recorded, within five seconds.
#[must_use = "telemetry stops as soon as the guard drops"]
#[derive(Debug)]
pub struct Telemetry {
    tracer: Tracer,
    logs: Logs,
    metrics: Metrics,
    identity: ServiceIdentity,
    engine: Engine,
    reader: Option<MetricReader>,
    profiler: Option<Profiler>,
    profiles: Stream<ProfileItem>,
    global: bool,
    finished: bool,
}

/// What a shutdown leaves.
#[derive(Debug)]
pub struct Finished {
    /// What became of every item.
    pub report: ShutdownReport,
    /// What the profiler took; `None` when it did not run.
    pub profile: Option<Profile>,
}

impl Telemetry {
    pub(crate) fn start(builder: &Builder, loaded: &Loaded) -> Result<Self, InitError> {
        let config = &loaded.config;
        let identity = config.identity();
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
        let engine = delivery::engine(config, Arc::clone(&ledger), clock.clone(), diag, spooling)?;
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
            Some(
                MetricReader::start(metrics.clone(), config.metric_interval, push)
                    .map_err(InitError::Thread)?,
            )
        };

        let spans = engine.stream(Signal::Trace, trace_sinks, Limits::default());
        let tracer = if config.sdk_disabled || (spans.is_off() && builder.on_span_end.is_none()) {
            Tracer::off()
        } else {
            let stages = metrics.clone();
            let mut tracer = Tracer::builder()
                .clock(clock.clone())
                .sample_ratio(config.sample_ratio)
                .export(Arc::clone(&ledger), spans)
                .on_end(move |span| observe_stage(&stages, span));
            if let Some(observer) = builder.on_span_end.clone() {
                tracer = tracer.on_end(move |span| observer(span));
            }
            tracer.build()
        };

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
        let telemetry = Self {
            tracer,
            logs,
            metrics,
            identity,
            engine,
            reader,
            profiler,
            profiles,
            global: false,
            finished: false,
        };
        if !builder.silent {
            telemetry.announce(loaded, &announced);
        }
        Ok(telemetry)
    }

    /// One line per destination, and one per setting that could not be used: where to look when something is missing.
    fn announce(&self, loaded: &Loaded, announced: &Announced) {
        let log = self.logs.logger("obs.init");
        for (signal, to, protocol) in announced {
            obs_logs::cfg!(log, "{signal} initialized";
                "endpoint" => to, "protocol" => protocol, "sample_ratio" => loaded.config.sample_ratio);
        }
        for warning in &loaded.warnings {
            obs_logs::cfg!(warn: log, "{warning}");
        }
    }

    /// The tracer: `span!(telemetry.tracer(), "fit.pca")`.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// The logs: their level, their counts.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// A logger named `name`, such as `acm.pipeline`.
    pub fn logger(&self, name: &str) -> slog::Logger {
        self.logs.logger(name)
    }

    /// The metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The account of every item so far.
    pub fn ledger(&self) -> obs_core::LedgerSnapshot {
        self.engine.ledger().snapshot()
    }

    /// Who is speaking, in all four signals.
    pub fn identity(&self) -> &ServiceIdentity {
        &self.identity
    }

    /// Delivers what was recorded before the call; waits at most `deadline`.
    pub fn flush(&self, deadline: Duration) -> FlushReport {
        self.tracer.flush();
        if let Some(reader) = &self.reader {
            reader.collect_now();
        }
        if let Some(profiler) = &self.profiler {
            self.push_profile(profiler.take());
        }
        self.engine.flush(deadline)
    }

    /// Stops all signals, delivers what was recorded, and says what became of it; returns by `deadline`.
    pub fn shutdown(self, deadline: Duration) -> ShutdownReport {
        self.finish(deadline).report
    }

    /// [`Telemetry::shutdown`], with the profile that was taken.
    pub fn finish(mut self, deadline: Duration) -> Finished {
        self.stop(deadline)
    }

    pub(crate) fn owns_globals(&mut self) {
        self.global = true;
    }

    fn push_profile(&self, profile: Profile) {
        if profile.count() > 0 {
            self.profiles.push_one(ProfileItem(profile));
        }
    }

    /// Profiles first: samples of the shutdown itself are nobody's. Metrics last, so that they count the others.
    fn stop(&mut self, deadline: Duration) -> Finished {
        self.finished = true;
        if self.global {
            crate::global::release();
        }
        let profile = self.profiler.take().map(Profiler::stop);
        if let Some(profile) = &profile {
            self.push_profile(profile.clone());
        }
        self.tracer.close();
        if let Some(reader) = self.reader.take() {
            reader.shutdown();
        }
        Finished { report: self.engine.shutdown(deadline), profile }
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if !self.finished {
            self.stop(DROP_DEADLINE);
        }
    }
}

fn observe_stage(metrics: &Metrics, span: &SpanRecord) {
    let equipment = span.context.as_ref().and_then(|c| c.equipment.as_deref()).unwrap_or_default();
    let exemplar = ActiveSpan { trace_id: span.trace_id, span_id: span.span_id, sampled: true };
    metrics.observe_stage(&span.name, prefix(&span.name), equipment, span.seconds(), Some(exemplar));
}
