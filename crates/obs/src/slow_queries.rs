//! [`slow_queries`]: a log line and a count for each query that was slow.

use obs_core::{Clock, Config, keys};
use obs_logs::Logs;
use obs_metrics::Metrics;
use obs_trace::operations::SlowQueries;

/// What the settings `performance.*` say about slow queries, with the process's logs and metrics as those who are told.
pub(crate) fn slow_queries(config: &Config, clock: Clock, logs: &Logs, metrics: &Metrics) -> SlowQueries {
    let performance = &config.performance;
    if !performance.enabled {
        return SlowQueries::off();
    }
    let (log, metrics) = (logs.logger("obs.sql"), metrics.clone());
    SlowQueries::after(performance.slow_query).clock(clock).on_slow(move |query| {
        metrics.record_slow_query(query.operation, query.table);
        let millis = query.duration.as_secs_f64() * 1e3;
        obs_logs::sql!(warn: log, "slow query: {} {}", query.operation, query.table;
            keys::DB_SYSTEM_NAME => query.system,
            keys::DB_OPERATION_NAME => query.operation,
            keys::DB_COLLECTION_NAME => query.table,
            "rows" => query.rows,
            "threshold_ms" => query.threshold.as_secs_f64() * 1e3,
            "duration_ms" => millis,
        );
    })
}
