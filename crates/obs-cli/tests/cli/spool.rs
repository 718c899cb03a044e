//! Back ends that are down: what they do not get now, a later run delivers.

use crate::command::{Workplace, fan_rows};
use crate::ledger::is_balanced;
use obs_testing::{LokiServer, OtlpServer, PyroscopeServer, Reply};
use std::time::Duration;

const SIGNALS: [(&str, &str); 4] =
    [("trace", "otlp"), ("metric", "otlp"), ("log", "loki"), ("profile", "pyroscope")];

fn workplace() -> Workplace {
    Workplace::new().with_file("fan.csv", fan_rows(1500))
}

/// The URL of a server that is no more.
fn gone() -> String {
    OtlpServer::start().unwrap().url()
}

#[test]
fn the_next_run_delivers_what_the_first_one_could_not() {
    let (workplace, nobody) = (workplace(), gone());
    let to = |url: &str| ["--otlp", url, "--loki", url, "--pyroscope", url].map(str::to_owned);
    let args = ["fan.csv".to_owned(), "--json".to_owned()];
    let first = workplace.run(args.iter().cloned().chain(to(&nobody)));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let first = first.card();
    for (signal, destination) in SIGNALS {
        let row = &first["ledger"][signal]["destinations"][destination];
        assert_eq!(row["spooled"], row["created"], "{signal}: {row}");
        assert_eq!(first["ledger"][signal]["dropped"], serde_json::json!({}));
    }

    let (otlp, loki, pyroscope) =
        (OtlpServer::start().unwrap(), LokiServer::start().unwrap(), PyroscopeServer::start().unwrap());
    let there = ["--otlp", &otlp.url(), "--loki", &loki.url(), "--pyroscope", &pyroscope.url()];
    let second = workplace.run(args.into_iter().chain(there.map(str::to_owned)));
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    let second = second.card();
    for (signal, destination) in SIGNALS {
        let inherited = &second["ledger"][signal]["inherited"];
        assert_eq!(inherited["delivered"], first["ledger"][signal]["destinations"][destination]["created"]);
        assert!(is_balanced(inherited), "{signal}: {inherited}");
    }
    let runs = [&first["run_id"], &second["run_id"]];
    let of = |run: &serde_json::Value| {
        let lines = loki.lines();
        lines.iter().filter(|line| line.line.contains(run.as_str().unwrap())).count()
    };
    assert!(runs.iter().all(|run| of(run) > 10), "both runs are in Loki");
    let names = otlp.spans().into_iter().filter(|seen| seen.span.name == "pipeline.run").count();
    assert_eq!(names, 2, "both traces are in Tempo");
    assert!(
        !workplace.path("obs-spool/acm").read_dir().unwrap().any(|e| e.unwrap().path().is_dir()),
        "nothing waits"
    );
}

#[test]
fn a_server_that_hangs_costs_a_second_and_loses_nothing() {
    let loki = LokiServer::start().unwrap();
    loki.http().script(std::iter::repeat_n(Reply::Hang, 64));
    let (workplace, clock) = (workplace(), obs::obs_core::Clock::system());
    let started = clock.now();
    let ended = workplace.run(["fan.csv", "--json", "--loki", &loki.url()]);
    let took = Duration::from_nanos(clock.now() - started);
    let row = &ended.card()["ledger"]["log"]["destinations"]["loki"];
    assert_eq!(row["spooled"], row["created"], "{row}");
    assert!(took < Duration::from_secs(8), "the deadline is ten: {took:?}");
}

#[test]
fn the_spool_is_where_it_is_asked_to_be_and_nowhere_without_a_receiver() {
    let workplace = workplace();
    let nobody = gone();
    for (args, folder) in [
        (vec!["fan.csv", "--json"], None),
        (vec!["fan.csv", "--json", "--no-spool", "--loki", nobody.as_str()], None),
        (vec!["fan.csv", "--json", "--spool", "kept", "--loki", nobody.as_str()], Some("kept")),
    ] {
        let ended = workplace.run(&args);
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.stderr);
        assert!(!workplace.path("obs-spool").exists(), "{args:?}");
        if let Some(folder) = folder {
            assert!(workplace.path(folder).join("acm").is_dir());
        }
    }
    let ended = workplace.run(["fan.csv", "--json", "--spool", "fan.csv", "--loki", &nobody]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("fan.csv"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn the_environment_says_where_the_spool_is_unless_an_option_does() {
    let workplace = workplace().with_env("OBS_SPOOL_DIR", "from-env");
    let nobody = gone();
    workplace.run(["fan.csv", "--json", "--loki", &nobody]);
    assert!(workplace.path("from-env/acm").is_dir());
}
