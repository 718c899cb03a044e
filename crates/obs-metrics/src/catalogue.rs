//! Every metric that obs itself records: the one list of names, types, labels, help and buckets.
//!
//! Names follow <https://prometheus.io/docs/practices/naming/>; `run_id` is never a label (see [`crate::Exemplar`]).

use crate::snapshot::Kind;
use obs_core::ledger::EXPORT_BUCKETS;

/// One built-in metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Def<const N: usize> {
    /// Name without the suffix of its type (`_total`, `_info`); it ends in its unit.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// One sentence.
    pub help: &'static str,
    /// Labels, in the order handles take their values.
    pub labels: [&'static str; N],
    /// Upper bounds of the buckets without `+Inf`; empty for anything but histograms.
    pub buckets: &'static [f64],
    /// Smallest and largest value accepted; what lies outside is refused and counted.
    pub accept: (f64, f64),
}

impl<const N: usize> Def<N> {
    const fn counter(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { name, kind: Kind::Counter, help, labels, buckets: &[], accept: (0.0, f64::MAX) }
    }

    const fn gauge(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        accept: (f64, f64),
    ) -> Self {
        Self { name, kind: Kind::Gauge, help, labels, buckets: &[], accept }
    }

    const fn seconds(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        buckets: &'static [f64],
    ) -> Self {
        Self { name, kind: Kind::Histogram, help, labels, buckets, accept: (0.0, f64::MAX) }
    }

    const fn info(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Info, help, labels: [""; N], buckets: &[], accept: (1.0, 1.0) }
    }

    /// The entry for lists.
    pub const fn entry(&'static self) -> Entry {
        Entry {
            name: self.name,
            kind: self.kind,
            help: self.help,
            labels: &self.labels,
            buckets: self.buckets,
            accept: self.accept,
        }
    }
}

/// A [`Def`] of any number of labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// See [`Def::name`].
    pub name: &'static str,
    /// See [`Def::kind`].
    pub kind: Kind,
    /// See [`Def::help`].
    pub help: &'static str,
    /// See [`Def::labels`].
    pub labels: &'static [&'static str],
    /// See [`Def::buckets`].
    pub buckets: &'static [f64],
    /// See [`Def::accept`].
    pub accept: (f64, f64),
}

/// Bounds for work of one stage or detector: 1 ms to 1 min, in seconds.
pub const STAGE_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Bounds for a whole batch or run: 100 ms to 1 h, in seconds.
pub const RUN_BUCKETS: &[f64] =
    &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

const SCORE: (f64, f64) = (0.0, 100.0);
const FLAG: (f64, f64) = (0.0, 1.0);
const NOT_NEGATIVE: (f64, f64) = (0.0, f64::MAX);

macro_rules! catalogue {
    ($($(#[$doc:meta])* $id:ident: $n:literal = $def:expr;)*) => {
        $($(#[$doc])* pub static $id: Def<$n> = $def;)*

        /// All of them, in the order of this file.
        pub static ALL: &[Entry] = &[$($id.entry()),*];
    };
}

catalogue! {
    /// Seconds of each stage: `stage` is the whole span name, `parent` its category.
    STAGE_DURATION: 3 = Def::seconds(
        "acm_stage_duration_seconds",
        "Time a stage of a run took.",
        ["stage", "parent", "equipment"],
        STAGE_BUCKETS,
    );
    /// Seconds of each call of a function that `#[timed]` stands on.
    FUNCTION_DURATION: 1 = Def::seconds(
        "acm_function_duration_seconds", "Time a call of a timed function took.", ["function"], STAGE_BUCKETS,
    );
    /// Seconds of whole runs.
    RUN_DURATION: 2 = Def::seconds(
        "acm_run_duration_seconds", "Time a run took.", ["equipment", "outcome"], RUN_BUCKETS,
    );
    /// Batches processed.
    BATCHES: 2 = Def::counter("acm_batches", "Batches processed.", ["equipment", "status"]);
    /// Seconds of each batch.
    BATCH_DURATION: 2 = Def::seconds(
        "acm_batch_duration_seconds", "Time a batch took.", ["equipment", "status"], RUN_BUCKETS,
    );
    /// Rows of the batches processed.
    BATCH_ROWS: 2 = Def::counter(
        "acm_batch_rows", "Rows of the batches processed.", ["equipment", "status"],
    );
    /// Rows by what became of them: `read`, `train`, `scored`, `dropped`.
    ROWS: 2 = Def::counter("acm_rows", "Rows by what became of them.", ["equipment", "state"]);
    /// Seconds of each detector's work.
    DETECTOR_DURATION: 2 = Def::seconds(
        "acm_detector_duration_seconds",
        "Time a detector took on one batch.",
        ["detector", "equipment"],
        STAGE_BUCKETS,
    );
    /// Health index, 0 to 100.
    HEALTH_SCORE: 1 = Def::gauge(
        "acm_health_score", "Health index of the equipment, 0 (failed) to 100 (as trained).", ["equipment"], SCORE,
    );
    /// Episodes found, by severity: `info`, `warning`, `critical`.
    EPISODES: 2 = Def::counter("acm_episodes", "Anomalous episodes found.", ["equipment", "severity"]);
    /// Cells that had no value and were filled in.
    IMPUTED_CELLS: 1 = Def::counter(
        "acm_imputed_cells", "Cells without a value that were filled in.", ["equipment"],
    );
    /// Remaining life in seconds by percentile: `p10`, `p50`, `p90`.
    REMAINING_LIFE: 2 = Def::gauge(
        "acm_remaining_life_seconds",
        "Estimated time until the equipment fails, by percentile of the estimate.",
        ["equipment", "percentile"],
        NOT_NEGATIVE,
    );
    /// One of `stable`, `drifting`, `fault` is 1, the others are 0.
    DRIFT_STATE: 2 = Def::gauge(
        "acm_drift_state", "Whether the fused score drifts; 1 for the state at hand.", ["equipment", "state"], FLAG,
    );
    /// Quality of the input, 0 to 100.
    DATA_QUALITY: 1 = Def::gauge(
        "acm_data_quality_score", "Quality of the input data, 0 (unusable) to 100 (complete).", ["equipment"], SCORE,
    );
    /// Queries that took as long as the limit of slow ones, or longer. `operation` is the verb in upper case.
    SLOW_QUERIES: 2 = Def::counter(
        "acm_slow_queries", "Queries that took longer than allowed.", ["operation", "table"],
    );
    /// Items handed over, by signal and sink; `sink="all"` is the row of the signal itself. Not `obs_items_created`:
    /// OpenMetrics reserves that name for the creation time of `obs_items`.
    CREATED_ITEMS: 2 = Def::counter(
        "obs_created_items",
        "Items that came into being (sink=\"all\") or were handed to a sink.",
        ["signal", "sink"],
    );
    /// Items by outcome that is final: `delivered`, `sampled_out`, `dropped`, the last with its reason.
    ITEMS: 4 = Def::counter(
        "obs_items",
        "Items by final outcome: delivered, sampled_out, dropped for a reason; sink=\"all\" counts an item once, by its \
         worst outcome over all sinks.",
        ["signal", "sink", "outcome", "reason"],
    );
    /// Items of this process that are on disk: created, and without a final outcome yet.
    SPOOLED_ITEMS: 2 = Def::gauge(
        "obs_spooled_items",
        "Items of this process that wait on disk; sink=\"all\" counts an item once, unless a sink has dropped it.",
        ["signal", "sink"],
        NOT_NEGATIVE,
    );
    /// Items of earlier processes by outcome that is final. Only a signal has this row, as in the ledger.
    INHERITED_ITEMS: 3 = Def::counter(
        "obs_items_inherited",
        "Items that earlier processes left on disk, by final outcome: delivered, dropped for a reason.",
        ["signal", "outcome", "reason"],
    );
    /// Items of earlier processes that are still on disk.
    SPOOLED_INHERITED_ITEMS: 1 = Def::gauge(
        "obs_spooled_items_inherited",
        "Items that earlier processes left on disk and that still wait there.",
        ["signal"],
        NOT_NEGATIVE,
    );
    /// Entries waiting in memory; the queue does not look into them, so a whole collection of metrics is one.
    QUEUE_ITEMS: 2 = Def::gauge(
        "obs_queue_items",
        "Entries that wait in memory for a sink; a collection of metrics or a profile is one.",
        ["signal", "sink"],
        NOT_NEGATIVE,
    );
    /// Bytes waiting in memory.
    QUEUE_BYTES: 2 = Def::gauge(
        "obs_queue_bytes", "Bytes of the entries that wait in memory for a sink.", ["signal", "sink"], NOT_NEGATIVE,
    );
    /// Items waiting on disk, whoever left them.
    SPOOL_ITEMS: 2 = Def::gauge(
        "obs_spool_items",
        "Items that wait on disk for a sink, those of earlier processes included.",
        ["signal", "sink"],
        NOT_NEGATIVE,
    );
    /// Bytes waiting on disk, whoever left them.
    SPOOL_BYTES: 2 = Def::gauge(
        "obs_spool_bytes",
        "Bytes on disk of the items that wait there for a sink.",
        ["signal", "sink"],
        NOT_NEGATIVE,
    );
    /// Age of what has waited longest on disk; 0 when nothing waits.
    SPOOL_OLDEST_AGE: 2 = Def::gauge(
        "obs_spool_oldest_age_seconds",
        "Time since the oldest item that waits on disk for a sink was recorded; 0 when none waits.",
        ["signal", "sink"],
        NOT_NEGATIVE,
    );
    /// Seconds of each attempt to export, failed ones included.
    EXPORT_DURATION: 2 = Def::seconds(
        "obs_export_duration_seconds",
        "Time an attempt to export took, failed ones included.",
        ["signal", "sink"],
        &EXPORT_BUCKETS,
    );
    /// Attempts that failed and are made again, by cause.
    EXPORT_FAILURES: 3 = Def::counter(
        "obs_export_failures",
        "Attempts to export that failed and may succeed later, by cause.",
        ["signal", "sink", "cause"],
    );
    /// CPU time of the threads that deliver.
    EXPORTER_CPU: 2 = Def::counter(
        "obs_exporter_cpu_seconds",
        "CPU time of the threads that deliver to a sink, in seconds.",
        ["signal", "sink"],
    );
    /// Values that a metric refused: NaN, infinite, negative durations, out of range.
    REJECTED_VALUES: 1 = Def::counter(
        "obs_rejected_values", "Values refused because they cannot be right.", ["metric"],
    );
    /// Lookups beyond the series limit of a metric.
    SERIES_OVERFLOW: 1 = Def::counter(
        "obs_series_overflow", "Lookups of series beyond the limit of their metric.", ["metric"],
    );
    /// CPU time of the process.
    PROCESS_CPU: 0 = Def::counter(
        "process_cpu_seconds", "User and system CPU time spent, in seconds.", [],
    );
    /// Memory of the process in RAM.
    PROCESS_MEMORY: 0 = Def::gauge(
        "process_resident_memory_bytes", "Resident memory size in bytes.", [], NOT_NEGATIVE,
    );
    /// When the process started.
    PROCESS_START: 0 = Def::gauge(
        "process_start_time_seconds", "Start of the process, in seconds since the Unix epoch.", [], NOT_NEGATIVE,
    );
    /// Open file descriptors.
    PROCESS_FDS: 0 = Def::gauge("process_open_fds", "Number of open file descriptors.", [], NOT_NEGATIVE);
    /// Threads.
    PROCESS_THREADS: 0 = Def::gauge("process_threads", "Number of threads.", [], NOT_NEGATIVE);
    /// The resource attributes and the run at work, as labels.
    TARGET_INFO: 0 = Def::info("target", "Who is speaking: resource attributes and the run at work.");
    /// Version of obs, as a label.
    BUILD_INFO: 1 = Def { labels: ["version"], ..Def::info("obs_build", "Version of obs.") };
}
