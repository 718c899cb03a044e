//! Back ends that are down or hang: the run succeeds all the same, ends in time, and the ledger says what was lost.

use crate::command::{Ended, Workplace, fan_rows};
use crate::ledger::is_balanced;
use obs::obs_core::Clock;
use obs_testing::{LokiServer, OtlpServer, Reply};
use serde_json::Value;
use std::time::Duration;

/// The shutdown waits ten seconds; the batch itself and a slow machine get the rest.
const PATIENCE: Duration = Duration::from_secs(14);

fn timed(workplace: &Workplace, args: &[&str]) -> (Ended, Duration) {
    let clock = Clock::system();
    let started = clock.now();
    let ended = workplace.run(args);
    (ended, Duration::from_nanos(clock.now() - started))
}

fn lost(account: &Value) -> bool {
    let dropped = account["dropped"].as_object().unwrap();
    !dropped.is_empty() && dropped.keys().all(|r| r == "shutdown_deadline" || r == "retry_exhausted")
}

/// What stays true whatever happens to the network.
fn done_all_the_same(workplace: &Workplace, ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ledger = ended.card()["ledger"].clone();
    assert_eq!(ended.card()["outcome"], "success");
    assert_eq!(workplace.query("obs.db", "SELECT Outcome FROM ACM_Runs"), [["success"]]);
    for signal in ["trace", "log", "metric", "profile"] {
        let account = &ledger[signal];
        for row in account["destinations"].as_object().unwrap().values().chain([account]) {
            assert!(is_balanced(row), "{signal}: {row}");
        }
    }
    for (signal, local) in [("trace", "file"), ("metric", "file"), ("log", "sqlite"), ("log", "stderr")] {
        let row = &ledger[signal]["destinations"][local];
        assert_eq!(row["created"], row["delivered"], "{signal}/{local} does not suffer: {row}");
    }
    ledger
}

#[test]
fn a_port_that_refuses_costs_its_own_items_and_no_more_than_the_shutdown_deadline() {
    let closed = OtlpServer::start().unwrap().url();
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let (ended, took) = timed(&workplace, &["fan.csv", "--json", "--no-spool", "--otlp", &closed]);
    let ledger = done_all_the_same(&workplace, &ended);
    for signal in ["trace", "metric"] {
        let row = &ledger[signal]["destinations"]["otlp"];
        assert!(lost(row) && row["delivered"] == 0, "{signal}: {row}");
    }
    assert_eq!(ledger["log"]["dropped"], serde_json::json!({}), "logs have another way");
    assert!(ended.stderr.contains("obs: trace/otlp is down"), "{}", ended.stderr);
    assert!(took < PATIENCE, "{took:?}");
}

#[test]
fn servers_that_hang_cost_no_more_than_the_shutdown_deadline() {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    for http in [otlp.http(), loki.http()] {
        http.script(std::iter::repeat_n(Reply::Hang, 64));
    }
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let args = ["fan.csv", "--json", "--no-spool", "--otlp", &otlp.url(), "--loki", &loki.url()];
    let (ended, took) = timed(&workplace, &args);
    let ledger = done_all_the_same(&workplace, &ended);
    for (signal, destination) in [("trace", "otlp"), ("metric", "otlp"), ("log", "loki")] {
        let row = &ledger[signal]["destinations"][destination];
        assert!(lost(row), "{signal}: {row}");
    }
    assert!(took < PATIENCE, "{took:?}");
}

/// A back end that answers again in time loses nothing.
#[test]
fn a_server_that_is_busy_at_first_gets_everything_once() {
    let loki = LokiServer::start().unwrap();
    loki.http().script([Reply::status(503), Reply::status(429), Reply::Close]);
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let ended = workplace.run(["fan.csv", "--json", "--loki", &loki.url()]);
    let ledger = done_all_the_same(&workplace, &ended);
    let row = &ledger["log"]["destinations"]["loki"];
    assert_eq!(row["delivered"].as_u64(), Some(loki.lines().len() as u64), "{row}");
    assert_eq!(row["created"], row["delivered"]);
}
