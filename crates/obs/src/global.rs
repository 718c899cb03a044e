//! The process's own telemetry: the handles that [`init`](crate::init) installed, and what stands in for them before
//! and after.

use crate::error::InitError;
use crate::telemetry::Telemetry;
use obs_core::{Ledger, ServiceIdentity};
use obs_logs::Logs;
use obs_metrics::{Metrics, Status};
use obs_trace::Tracer;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

#[derive(Clone, Debug)]
struct Handles {
    tracer: Tracer,
    logs: Option<Logs>,
    metrics: Metrics,
}

static CLAIMED: AtomicBool = AtomicBool::new(false);
static INSTALLED: RwLock<Option<Handles>> = RwLock::new(None);
static OFF: OnceLock<Handles> = OnceLock::new();

pub(crate) fn claim() -> Result<(), InitError> {
    if CLAIMED.swap(true, Ordering::SeqCst) { Err(InitError::AlreadyRunning) } else { Ok(()) }
}

pub(crate) fn release() {
    *INSTALLED.write().unwrap_or_else(PoisonError::into_inner) = None;
    CLAIMED.store(false, Ordering::SeqCst);
}

pub(crate) fn install(telemetry: &mut Telemetry) {
    let handles = Handles {
        tracer: telemetry.tracer().clone(),
        logs: Some(telemetry.logs().clone()),
        metrics: telemetry.metrics().clone(),
    };
    *INSTALLED.write().unwrap_or_else(PoisonError::into_inner) = Some(handles);
    telemetry.owns_globals();
}

fn with<T>(f: impl FnOnce(&Handles) -> T) -> T {
    let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
    match &*installed {
        Some(handles) => f(handles),
        None => f(OFF.get_or_init(|| Handles {
            tracer: Tracer::off(),
            logs: None,
            metrics: Metrics::new(ServiceIdentity::default(), Arc::new(Ledger::default())),
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
