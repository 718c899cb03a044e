//! [`Logs`]: where loggers come from, and what stands behind each of them.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use obs_core::{Clock, Ids, ServiceIdentity, fork};
use slog::{Drain, Logger, Never, OwnedKVList, Record};

use crate::counts::{Counters, Counts};
use crate::encode::{Head, encode};
use crate::json;
use crate::level::Level;
use crate::line::LogLine;

/// Makes loggers whose records become [`LogLine`]s. Cheap to clone; clones are the same logs.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let output = Arc::clone(&lines);
/// let logs = obs_logs::Logs::builder(&obs_core::ServiceIdentity::default())
///     .build(move |line| output.lock().unwrap().push(line));
///
/// let logger = logs.logger("acm.Pipeline");
/// obs_logs::data!(logger, "rows read"; "rows" => 1500);
/// obs_logs::debug!(logger, "not worth a line");
///
/// let lines = lines.lock().unwrap();
/// assert_eq!(lines.len(), 1);
/// assert!(lines[0].json().contains(r#""message":"rows read","category":"DATA","component":"pipeline""#));
/// assert!(lines[0].json().ends_with(r#","rows":1500}"#));
/// ```
///
/// Loggers stay usable for ever: once the output has shut down it is the output that counts their lines as lost. In a forked
/// child the parent's loggers are silent.
#[derive(Clone)]
pub struct Logs {
    core: Arc<Core>,
    root: Logger,
}

/// Builds [`Logs`]; [`LogsBuilder::build`] finishes.
#[must_use = "no logger exists before `build`"]
#[derive(Debug)]
pub struct LogsBuilder {
    identity: ServiceIdentity,
    level: Level,
    clock: Clock,
    origin: u64,
}

/// What all loggers of one [`Logs`] share.
struct Core {
    /// Of the process that the output belongs to.
    generation: u32,
    identity: ServiceIdentity,
    level: AtomicU8,
    clock: Clock,
    origin: u64,
    lines: AtomicU64,
    counters: Counters,
    output: Box<dyn Fn(LogLine) + Send + Sync>,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("level", &self.level()).finish_non_exhaustive()
    }
}

impl Logs {
    /// Starts with the minimum level INFO, the machine's clock and random line ids.
    pub fn builder(identity: &ServiceIdentity) -> LogsBuilder {
        LogsBuilder {
            identity: identity.clone(),
            level: Level::default(),
            clock: Clock::system(),
            origin: Ids::Random.trace_id().get() as u64,
        }
    }

    /// A logger named `name`, such as `acm.pipeline`; its component is the part after the last dot, in lower case.
    /// slog's own macros and [`slog::o!`] work on it. An empty name makes another [`Logs::root`].
    pub fn logger(&self, name: &str) -> Logger {
        let name = Some(name).filter(|name| !name.is_empty());
        let component = name.and_then(|name| name.rsplit('.').find(|part| !part.is_empty()));
        Logger::root(Named::new(&self.core, name, component), slog::o!())
    }

    /// The logger without a name; its component is that of the run context.
    pub fn root(&self) -> &Logger {
        &self.root
    }

    /// The minimum level.
    pub fn level(&self) -> Level {
        Level::from_index(self.core.level.load(Ordering::Relaxed))
    }

    /// Changes the minimum level of every logger, from the next record on.
    pub fn set_level(&self, level: Level) {
        self.core.level.store(level as u8, Ordering::Relaxed);
    }

    /// How many lines were logged so far.
    pub fn counts(&self) -> Counts {
        self.core.counters.snapshot()
    }
}

impl LogsBuilder {
    /// The minimum level; default INFO.
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Where times come from; default the machine's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the random half of [`LogLine::id`] comes from; default random.
    pub fn ids(mut self, ids: &Ids) -> Self {
        self.origin = ids.trace_id().get() as u64;
        self
    }

    /// Finishes. `output` gets each line on the thread that logs it, and must not wait.
    pub fn build(self, output: impl Fn(LogLine) + Send + Sync + 'static) -> Logs {
        let core = Arc::new(Core {
            generation: fork::watch(),
            identity: self.identity,
            level: AtomicU8::new(self.level as u8),
            clock: self.clock,
            origin: self.origin,
            lines: AtomicU64::new(0),
            counters: Counters::default(),
            output: Box::new(output),
        });
        let root = Logger::root(Named::new(&core, None, None), slog::o!());
        Logs { core, root }
    }
}

/// The drain of one name.
struct Named {
    // A panic in the output leaves nothing half done here: the core holds counters only.
    core: AssertUnwindSafe<Arc<Core>>,
    head: Head,
}

impl Named {
    fn new(core: &Arc<Core>, logger: Option<&str>, component: Option<&str>) -> Self {
        let component = component.map(|component| {
            let mut text = Vec::new();
            json::string(&mut text, component);
            text.into_boxed_slice()
        });
        let mut names = Vec::new();
        let environment = &core.identity.environment;
        let members = [
            ("logger", logger),
            ("service", Some(core.identity.name.as_str())),
            ("environment", Some(environment.as_str()).filter(|e| !e.is_empty())),
        ];
        for (key, value) in members {
            if let Some(value) = value {
                json::plain(&mut names, format_args!(",\"{key}\":"));
                json::string(&mut names, value);
            }
        }
        Self { core: AssertUnwindSafe(Arc::clone(core)), head: Head { component, names: names.into() } }
    }

    fn passes(&self, level: slog::Level) -> bool {
        Level::from(level) as u8 >= self.core.level.load(Ordering::Relaxed)
            && !fork::is_child_of(self.core.generation)
    }
}

impl Drain for Named {
    type Ok = ();
    type Err = Never;

    fn log(&self, record: &Record<'_>, values: &OwnedKVList) -> Result<(), Never> {
        if !self.passes(record.level()) {
            return Ok(());
        }
        let core = &self.core;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&core.origin.to_be_bytes());
        id[8..].copy_from_slice(&core.lines.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let (line, met) = encode(&self.head, id, core.clock.now(), record, values);
        core.counters.count(line.level, line.category, met);
        (core.output)(line);
        Ok(())
    }

    fn is_enabled(&self, level: slog::Level) -> bool {
        self.passes(level)
    }
}
