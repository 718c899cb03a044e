//! Recording into the built-in metrics, under the names that programs call.

use crate::catalogue as c;
use crate::cell::{Counter, Gauge, Histogram};
use crate::family::Family;
use crate::metrics::{Metrics, Store};
use crate::state::{DriftState, RowState, Severity, Status};
use obs_core::active::{self, ActiveSpan};

/// Handles of the families that are recorded into.
#[derive(Debug)]
pub(crate) struct Builtin {
    stage: Family<Histogram, 3>,
    function: Family<Histogram, 1>,
    run: Family<Histogram, 2>,
    batches: Family<Counter, 2>,
    batch: Family<Histogram, 2>,
    batch_rows: Family<Counter, 2>,
    rows: Family<Counter, 2>,
    detector: Family<Histogram, 2>,
    health: Family<Gauge, 1>,
    episodes: Family<Counter, 2>,
    imputed: Family<Counter, 1>,
    life: Family<Gauge, 2>,
    drift: Family<Gauge, 2>,
    quality: Family<Gauge, 1>,
    slow_queries: Family<Counter, 2>,
}

impl Builtin {
    pub(crate) fn new(store: &Store) -> Self {
        Self {
            stage: store.built_in(&c::STAGE_DURATION),
            function: store.built_in(&c::FUNCTION_DURATION),
            run: store.built_in(&c::RUN_DURATION),
            batches: store.built_in(&c::BATCHES),
            batch: store.built_in(&c::BATCH_DURATION),
            batch_rows: store.built_in(&c::BATCH_ROWS),
            rows: store.built_in(&c::ROWS),
            detector: store.built_in(&c::DETECTOR_DURATION),
            health: store.built_in(&c::HEALTH_SCORE),
            episodes: store.built_in(&c::EPISODES),
            imputed: store.built_in(&c::IMPUTED_CELLS),
            life: store.built_in(&c::REMAINING_LIFE),
            drift: store.built_in(&c::DRIFT_STATE),
            quality: store.built_in(&c::DATA_QUALITY),
            slow_queries: store.built_in(&c::SLOW_QUERIES),
        }
    }
}

/// Built-in metrics. Recording never blocks on I/O, never fails and never panics; values that cannot be right (NaN,
/// negative durations, a health of 101) are refused and counted in `obs_rejected_values_total`.
impl Metrics {
    /// Makes the series of this equipment whose labels are known, at zero: without it, the first episode or failed
    /// batch would appear as a jump from nothing, which `rate()` cannot see. Call it when a run starts.
    pub fn announce_equipment(&self, equipment: &str) {
        let b = self.builtin();
        for status in Status::ALL.map(Status::as_str) {
            b.batches.with([equipment, status]);
            b.batch_rows.with([equipment, status]);
        }
        for state in RowState::ALL {
            b.rows.with([equipment, state.as_str()]);
        }
        for severity in Severity::ALL {
            b.episodes.with([equipment, severity.as_str()]);
        }
        b.imputed.with([equipment]);
    }

    /// `acm_stage_duration_seconds`: a stage ended. `stage` is the whole span name, `parent` its category. `exemplar`
    /// is the span that measured it, which is no longer the active one.
    pub fn observe_stage(
        &self,
        stage: &str,
        parent: &str,
        equipment: &str,
        seconds: f64,
        exemplar: Option<ActiveSpan>,
    ) {
        self.stage(stage, parent, equipment).observe_in(seconds, exemplar);
    }

    /// The histogram that [`Metrics::observe_stage`] records into, for a caller that keeps it.
    pub fn stage(&self, stage: &str, parent: &str, equipment: &str) -> Histogram {
        self.builtin().stage.with([stage, parent, equipment])
    }

    /// `acm_function_duration_seconds`: a call of a timed function ended, in whichever way.
    pub fn observe_function(&self, function: &str, duration_seconds: f64) {
        self.builtin().function.with([function]).observe(duration_seconds);
    }

    /// `acm_run_duration_seconds`: a run ended.
    pub fn record_run(&self, equipment: &str, outcome: Status, duration_seconds: f64) {
        self.builtin().run.with([equipment, outcome.as_str()]).observe(duration_seconds);
    }

    /// `acm_batches_total`, `acm_batch_duration_seconds`, `acm_batch_rows_total`: a batch ended.
    pub fn record_batch_processed(&self, equipment: &str, duration_seconds: f64, rows: u64, status: Status) {
        let (b, labels, span) = (self.builtin(), [equipment, status.as_str()], active::span());
        b.batches.with(labels).inc_by_in(1, span);
        b.batch_rows.with(labels).inc_by_in(rows, span);
        b.batch.with(labels).observe_in(duration_seconds, span);
    }

    /// `acm_rows_total`: rows were read, used to train, scored or dropped.
    pub fn record_rows(&self, equipment: &str, state: RowState, rows: u64) {
        self.builtin().rows.with([equipment, state.as_str()]).inc_by(rows);
    }

    /// `acm_detector_duration_seconds`: a detector fitted or scored one batch.
    pub fn record_detector_duration(&self, detector: &str, equipment: &str, duration_seconds: f64) {
        self.builtin().detector.with([detector, equipment]).observe(duration_seconds);
    }

    /// `acm_health_score`, 0 to 100. `false` if the score was refused.
    #[expect(clippy::must_use_candidate, reason = "most callers record and go on")]
    pub fn record_health_score(&self, equipment: &str, score: f64) -> bool {
        set(&self.builtin().health, [equipment], score)
    }

    /// `acm_episodes_total`: episodes of this severity were found.
    pub fn record_episodes(&self, equipment: &str, severity: Severity, episodes: u64) {
        self.builtin().episodes.with([equipment, severity.as_str()]).inc_by(episodes);
    }

    /// `acm_imputed_cells_total`: cells without a value were filled in.
    pub fn record_imputed_cells(&self, equipment: &str, cells: u64) {
        self.builtin().imputed.with([equipment]).inc_by(cells);
    }

    /// `acm_remaining_life_seconds`: the 10th, 50th and 90th percentile of the estimate.
    pub fn record_remaining_life(&self, equipment: &str, [p10, p50, p90]: [f64; 3]) {
        let life = &self.builtin().life;
        for (percentile, seconds) in [("p10", p10), ("p50", p50), ("p90", p90)] {
            set(life, [equipment, percentile], seconds);
        }
    }

    /// `acm_drift_state`: 1 for this state, 0 for the others.
    pub fn record_drift_state(&self, equipment: &str, state: DriftState) {
        for other in DriftState::ALL {
            let value = f64::from(u8::from(other == state));
            set(&self.builtin().drift, [equipment, other.as_str()], value);
        }
    }

    /// `acm_slow_queries_total`: a query took longer than allowed.
    pub fn record_slow_query(&self, operation: &str, table: &str) {
        self.builtin().slow_queries.with([operation, table]).inc();
    }

    /// `acm_data_quality_score`, 0 to 100. `false` if the score was refused.
    #[expect(clippy::must_use_candidate, reason = "most callers record and go on")]
    pub fn record_data_quality(&self, equipment: &str, score: f64) -> bool {
        set(&self.builtin().quality, [equipment], score)
    }
}

/// Sets a gauge, and makes its series only for a value that is accepted: a refused first value must not read as zero.
fn set<const N: usize>(family: &Family<Gauge, N>, labels: [&str; N], value: f64) -> bool {
    family.0.rules.accepts(value) && family.with(labels).set(value)
}
