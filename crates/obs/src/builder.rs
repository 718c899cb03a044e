//! [`Builder`]: from settings to a running [`Telemetry`].

use crate::error::InitError;
use crate::start::{parent_of_process, start};
use crate::telemetry::Telemetry;
use obs_core::Config;
use obs_core::config::{Loaded, Sources};
use obs_core::names::Names;
use obs_core::resource::{Surroundings, detect};
use obs_trace::SpanRecord;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where log lines go beside the sinks that have an endpoint or a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogOutput {
    /// Standard output; the default.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
    /// Nowhere.
    None,
}

/// Where finished spans go beside files: [`Builder::exporter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exporter {
    /// To the OTLP receiver, if one is set; the default.
    Otlp,
    /// To standard output, a line for each span.
    Console,
    /// Nowhere: nothing is sent, and without a file nothing is recorded.
    None,
}

impl Exporter {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Console => "console",
            Self::None => "none",
        }
    }
}

pub(crate) type SpanObserver = Arc<dyn Fn(&SpanRecord) + Send + Sync>;

/// Files that signals are written to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) sqlite: Option<PathBuf>,
    pub(crate) trace: Option<PathBuf>,
    pub(crate) metrics: Option<PathBuf>,
    pub(crate) profile_folder: Option<PathBuf>,
}

/// What signals do to the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    pub(crate) left_alone: bool,
    pub(crate) deadline: Option<Duration>,
}

/// Configures telemetry; [`Builder::init`] starts it. The default takes everything from the environment. Precedence: what is set here, then environment, then the file,
/// then defaults; see [`obs_core::config::SETTINGS`].
#[must_use = "init() or build() starts telemetry"]
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Builder {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) output: LogOutput,
    pub(crate) console: bool,
    pub(crate) colour: bool,
    pub(crate) files: Files,
    pub(crate) on_span_end: Option<SpanObserver>,
    pub(crate) names: Names,
    pub(crate) silent: bool,
    pub(crate) without_spool: bool,
    pub(crate) signals: Signals,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("output", &self.output)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets any setting by its key, such as `log.level` or `profile.hz`; a bad key or value is an error of
    /// [`Builder::init`].
    pub fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        self.settings.push((key.to_owned(), value.into()));
        self
    }

    /// Sends traces and metrics to this OTLP/HTTP receiver.
    pub fn otlp(self, url: impl Into<String>) -> Self {
        self.set("otlp.endpoint", url)
    }

    /// Where finished spans go; default [`Exporter::Otlp`]. Both at once: `.set("traces.exporter", "otlp,console")`.
    pub fn exporter(self, exporter: Exporter) -> Self {
        self.set("traces.exporter", exporter.as_str())
    }

    /// How spans and their attributes are named: kinds, old names, the prefix of keys.
    pub fn names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// Sends log lines to this Loki.
    pub fn loki(self, url: impl Into<String>) -> Self {
        self.set("loki.endpoint", url)
    }

    /// Sends profiles to this Pyroscope, and with that starts the profiler.
    pub fn pyroscope(self, url: impl Into<String>) -> Self {
        self.set("pyroscope.endpoint", url)
    }

    /// Keeps in this folder what a destination over the network does not take, until it does: also for the next process
    /// of this service. Off by default.
    pub fn spool(self, folder: impl Into<String>) -> Self {
        self.set("spool.dir", folder)
    }

    /// Has no spool, whatever the environment or the file say: what a destination does not take in time is dropped, and
    /// counted.
    pub fn without_spool(mut self) -> Self {
        self.without_spool = true;
        self
    }

    /// Reads settings from this TOML file.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Where log lines are printed; default stdout.
    pub fn logs(mut self, output: LogOutput) -> Self {
        self.output = output;
        self
    }

    /// Prints log lines for people unless the format is set otherwise, with colours if `colour`: what a command does
    /// on a terminal.
    pub fn console(mut self, colour: bool) -> Self {
        self.console = true;
        self.colour = colour;
        self
    }

    /// Writes log lines to the table `ACM_RunLogs` of this SQLite file.
    pub fn sqlite(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.sqlite = Some(path.into());
        self
    }

    /// Writes spans to this file, as one OTLP JSON document.
    pub fn trace_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.trace = Some(path.into());
        self
    }

    /// Writes the last collection of the metrics to this file, as OpenMetrics text.
    pub fn metrics_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.metrics = Some(path.into());
        self
    }

    /// Writes profiles to this folder as pprof, and with that starts the profiler.
    pub fn profile_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.profile_folder = Some(path.into());
        self
    }

    /// Calls `observer` at the end of each recorded span, on the span's thread: keep it short.
    pub fn on_span_end(mut self, observer: impl Fn(&SpanRecord) + Send + Sync + 'static) -> Self {
        self.on_span_end = Some(Arc::new(observer));
        self
    }

    /// Leaves out the lines that announce what was started.
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Whether [`Builder::init`] handles SIGTERM and SIGINT; default `true`. Then, on either of them, what was recorded is
    /// delivered and the process ends as it would have ended without. A second SIGINT ends it at once.
    ///
    /// A signal that is ignored or handled already is left alone. So handlers of your own go before `init`, or say `false`
    /// here, and then call [`Telemetry::shutdown`](crate::Telemetry::shutdown) when they have stopped the work. Linux
    /// only: elsewhere it cannot be seen what is handled, and nothing is. See `docs/guide/delivery.md`.
    pub fn handle_signals(mut self, handle: bool) -> Self {
        self.signals.left_alone = !handle;
        self
    }

    /// How long delivery may take when a signal, or a panic that aborts, ends the process; default 5 s.
    pub fn signal_deadline(mut self, deadline: Duration) -> Self {
        self.signals.deadline = Some(deadline);
        self
    }

    /// The settings as they would be in force, with where each came from.
    pub fn load(&self) -> Result<Loaded, InitError> {
        let variables: Vec<String> =
            std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        self.load_with(&|name| std::env::var(name).ok(), &variables)
    }

    fn load_with(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
        variables: &[String],
    ) -> Result<Loaded, InitError> {
        let file = self.config_file.as_deref().map(Path::new);
        Ok(Config::load(&Sources { builder: &self.settings, env, variables, file })?)
    }

    /// Starts telemetry as a value of its own; no global changes.
    pub fn build(self) -> Result<Telemetry, InitError> {
        let loaded = self.load()?;
        let identity =
            loaded.config.identity().with_attributes(detect(&loaded.config.detectors, &Surroundings::here()));
        let parent = parent_of_process(&loaded.config);
        Ok(Telemetry::new(start(&self, &loaded, identity, parent)?))
    }

    /// Starts telemetry without looking at the environment, or at where the process runs: for tests.
    pub fn build_isolated(self) -> Result<Telemetry, InitError> {
        let loaded = self.load_with(&|_| None, &[])?;
        let identity = loaded.config.identity();
        Ok(Telemetry::new(start(&self, &loaded, identity, None)?))
    }

    /// Starts telemetry and makes it the process's own: [`tracer`](crate::tracer), [`logger`](crate::logger) and
    /// [`metrics`](crate::metrics) are its handles until the guard drops. If any signal has a destination, panics become
    /// log lines, and SIGTERM and SIGINT deliver before they end the process ([`Builder::handle_signals`]).
    pub fn init(self) -> Result<Telemetry, InitError> {
        let left_alone = self.signals.left_alone;
        crate::global::claim()?;
        let telemetry = self.build().inspect_err(|_| crate::global::release())?;
        let shared = telemetry.shared();
        crate::global::install(shared);
        if shared.has_destination {
            crate::panics::install();
            if !left_alone {
                crate::signals::handle(shared);
            }
        }
        Ok(telemetry)
    }
}
