//! The process's own telemetry: the handles that [`init`](crate::init) installed, and what stands in for them before
//! and after.

use crate::error::InitError;
use crate::shared::Shared;
use obs_core::fork;
use obs_logs::Logs;
use obs_metrics::{Metrics, Status};
use obs_trace::Tracer;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

#[derive(Debug)]
struct Handles {
    /// Of the process that installed them.
    generation: u32,
    tracer: Tracer,
    logs: Option<Logs>,
    metrics: Metrics,
    shared: Weak<Shared>,
}

/// What one process has. A forked child gets a place of its own, because a thread of the parent may have held the lock of the
/// parent's at the fork.
struct Place {
    /// One more than the generation of the process that claimed it; zero when free.
    claimed: AtomicU32,
    installed: RwLock<Option<Arc<Handles>>>,
    off: OnceLock<Handles>,
}

/// By generation; they repeat only in a child of a child … of a child, this many forks down.
static PLACES: [Place; 8] =
    [const { Place { claimed: AtomicU32::new(0), installed: RwLock::new(None), off: OnceLock::new() } }; 8];

fn place() -> &'static Place {
    &PLACES[fork::generation() as usize % PLACES.len()]
}

pub(crate) fn claim() -> Result<(), InitError> {
    let claim = fork::watch().wrapping_add(1);
    let before = place().claimed.swap(claim, Ordering::SeqCst);
    if before == claim { Err(InitError::AlreadyRunning) } else { Ok(()) }
}

/// Lets another `init` come.
pub(crate) fn release() {
    place().claimed.store(0, Ordering::SeqCst);
}

pub(crate) fn install(shared: &Arc<Shared>) {
    replace(Some(Arc::new(Handles {
        generation: fork::generation(),
        tracer: shared.tracer.clone(),
        logs: Some(shared.logs.clone()),
        metrics: shared.metrics.clone(),
        shared: Arc::downgrade(shared),
    })));
    obs_trace::set_global(shared.tracer.clone());
    obs_metrics::set_global(Some(shared.metrics.clone()));
    shared.own_globals();
}

pub(crate) fn uninstall() {
    obs_trace::set_global(Tracer::off());
    obs_metrics::set_global(None);
    replace(None);
}

/// The old handles are dropped after the lock is free: what they hold is the program's, such as an observer of spans.
fn replace(handles: Option<Arc<Handles>>) {
    let mut installed = place().installed.write().unwrap_or_else(PoisonError::into_inner);
    let old = std::mem::replace(&mut *installed, handles);
    drop(installed);
    drop(old);
}

/// The lock is not held any longer than it takes to copy a pointer: a panic or a shutdown may come while they are used.
fn installed() -> Option<Arc<Handles>> {
    let installed = place().installed.read().unwrap_or_else(PoisonError::into_inner).clone();
    installed.filter(|handles| !fork::is_child_of(handles.generation))
}

/// The process's telemetry, from its start until its shutdown begins.
pub(crate) fn shared() -> Option<Arc<Shared>> {
    installed()?.shared.upgrade()
}

fn with<T>(f: impl FnOnce(&Handles) -> T) -> T {
    match installed() {
        Some(handles) => f(&handles),
        None => f(place().off.get_or_init(|| Handles {
            generation: fork::generation(),
            tracer: Tracer::off(),
            logs: None,
            metrics: obs_metrics::global(),
            shared: Weak::new(),
        })),
    }
}

/// The process's tracer; its spans are not recorded before `init`.
pub fn tracer() -> Tracer {
    with(|h| h.tracer.clone())
}

/// A logger of the process named `name`, such as `acm.pipeline`; its lines go nowhere before `init`.
pub fn logger(name: &str) -> slog::Logger {
    with(|h| match &h.logs {
        Some(logs) => logs.logger(name),
        None => slog::Logger::root(slog::Discard, slog::o!()),
    })
}

/// The process's metrics; before `init` they are kept but never leave.
pub fn metrics() -> Metrics {
    with(|h| h.metrics.clone())
}

/// Records a batch: how long it took, how many rows it had, and how it ended.
pub fn record_batch_processed(equipment: &str, duration_seconds: f64, rows: u64, status: Status) {
    with(|h| h.metrics.record_batch_processed(equipment, duration_seconds, rows, status));
}

/// Records how long a detector took on one batch.
pub fn record_detector_duration(detector: &str, equipment: &str, duration_seconds: f64) {
    with(|h| h.metrics.record_detector_duration(detector, equipment, duration_seconds));
}

/// Records an equipment's health, 0 to 100. `false` if the score was refused (NaN, out of range), which is counted.
#[expect(clippy::must_use_candidate, reason = "most callers record and go on")]
pub fn record_health_score(equipment: &str, score: f64) -> bool {
    with(|h| h.metrics.record_health_score(equipment, score))
}
