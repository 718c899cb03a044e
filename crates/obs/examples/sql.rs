//! Statements of a database: how many rows, how long, which were slow.
//!
//! Each statement is a client span with table, operation and rows; the text is recorded where that is asked for, without its
//! literals. One that takes as long as `OBS_SLOW_QUERY_THRESHOLD_MS` (1000 by default) or longer gets `acm.slow`, a warning
//! in the log and a count in `acm_slow_queries_total`. Try it with `OBS_SLOW_QUERY_THRESHOLD_MS=0`. The database is a list in
//! memory; with a real one the calls are the same.

use std::error::Error;
use std::time::Duration;

/// What stands for a database.
#[derive(Default)]
struct Scenarios(Vec<(u32, String)>);

impl Scenarios {
    fn insert(&mut self, names: &[&str]) {
        let sql = "INSERT INTO scenario (id, name) VALUES (1, 'north'), (2, 'south')";
        let _insert = obs::db_query("insert", "scenario")
            .system("sqlite")
            .tenant("t1")
            .rows(names.len() as u64)
            .statement(sql)
            .start();
        self.0.extend((1..).zip(names.iter().map(|name| (*name).to_owned())));
    }

    fn find(&self, id: u32) -> Result<&str, NotFound> {
        let mut select = obs::db_query("select", "scenario").system("sqlite").start();
        let found = self.0.iter().find(|(known, _)| *known == id);
        select.rows(found.iter().len() as u64);
        select.record_result(found.map(|(_, name)| name.as_str()).ok_or(NotFound(id)))
    }
}

#[derive(Debug)]
struct NotFound(u32);

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no scenario {}", self.0)
    }
}

impl Error for NotFound {}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = obs::init("scenarios")?;
    let log = obs::logger("scenarios.sql");
    {
        let mut work = obs::operation("scenario", "import").tenant("t1").start();
        let mut scenarios = Scenarios::default();
        scenarios.insert(&["north", "south"]);
        work.set("n_rows", 2);
        obs::log::sql!(log, "imported"; "first" => scenarios.find(1)?);
        if let Err(error) = scenarios.find(3) {
            obs::log::sql!(warn: log, "{error}");
        }
    }
    for line in obs::metrics().text().lines().filter(|line| line.starts_with("acm_slow_queries_total")) {
        obs::log::perf!(log, "slow queries so far"; "series" => line);
    }
    let report = telemetry.shutdown(Duration::from_secs(5));
    if report.is_clean() { Ok(()) } else { Err(report.to_string().into()) }
}
