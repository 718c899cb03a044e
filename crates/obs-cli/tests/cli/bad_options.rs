//! Options and variables with values that are not accepted: told by name, with the value and what is accepted.

use crate::command::{Workplace, fan_rows};
use crate::refusal::refused;

#[test]
fn option_values_out_of_range_are_refused() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(300));
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--train-fraction", "2"], &["'2'", "--train-fraction", "above 0 and below 1"]),
        (&["--train-fraction", "NaN"], &["'NaN'", "--train-fraction", "above 0 and below 1"]),
        (&["--train-rows", "0"], &["'0'", "--train-rows", "1.."]),
        (&["--run-id", "x"], &["'x'", "--run-id", "8-4-4-4-12 hex digits"]),
        (&["--batch-num", "0", "--batch-total", "2"], &["'0'", "--batch-num", "1..="]),
        (&["--batch-num", "3", "--batch-total", "2"], &["--batch-num 3", "expected 1 to 2"]),
        (&["--batch-num", "3"], &["--batch-total"]),
        (&["--nope"], &["'--nope'"]),
        (&["--label-column", "nope"], &["fan.csv", "--label-column `nope`", "`Vibration DE (mm/s)`"]),
    ];
    for (args, told) in cases {
        let ended = workplace.run(["fan.csv"].iter().chain(args));
        refused(&ended, told);
    }
    refused(&workplace.run::<&str>([]), &["<INPUT>"]);
}

#[test]
fn endpoints_that_are_none_are_refused_by_the_option_that_gave_them() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(300));
    for option in ["--otlp", "--loki", "--pyroscope"] {
        let ended = workplace.run(["fan.csv", option, "localhost:4318"]);
        refused(&ended, &[option, "`localhost:4318`", "http://"]);
    }
}

/// CORE-13
#[test]
fn a_refused_endpoint_does_not_show_its_password() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(300));
    let long = format!("http://me:s3cret{}@collector:99999", "x".repeat(100));
    for url in ["http://me:s3cret@collector:99999", "ftp://me:s3cret@collector", &long] {
        let ended = workplace.run(["fan.csv", "--otlp", url]);
        refused(&ended, &["--otlp", "http://"]);
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
}

#[test]
fn variables_with_bad_values_are_refused_by_name() {
    let cases: [(&'static str, &str, &[&str]); 6] = [
        ("ACM_LOG_LEVEL", "loud", &["`loud`", "trace, debug, info, warn, error or critical"]),
        ("ACM_LOG_FORMAT", "xml", &["`xml`", "json or console"]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", &["`localhost:4318`", "http:// or https:// URL"]),
        ("ACM_PYROSCOPE_ENDPOINT", "nowhere", &["`nowhere`", "http:// or https:// URL"]),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s", &["`1s`", "whole milliseconds from 100"]),
        ("OBS_PROFILE_HZ", "0", &["`0`", "1 to 1000"]),
    ];
    for (name, value, told) in cases {
        let workplace = Workplace::new().with_env(name, value).with_file("fan.csv", fan_rows(300));
        let ended = workplace.run(["fan.csv"]);
        refused(&ended, told);
        assert!(ended.stderr.starts_with(&format!("error: {name} = ")), "{}", ended.stderr);
    }
}

#[test]
fn a_settings_file_that_is_missing_or_wrong_is_named() {
    let workplace = Workplace::new()
        .with_file("fan.csv", fan_rows(300))
        .with_file("key.toml", "[log]\ncolour = \"red\"\n")
        .with_file("syntax.toml", "[log\n");
    for (file, told) in
        [("gone.toml", "No such file"), ("key.toml", "`log.colour`"), ("syntax.toml", "not valid TOML")]
    {
        refused(&workplace.run(["fan.csv", "--config", file]), &[file, told]);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for flag in ["--help", "--version"] {
        let ended = Workplace::new().run([flag]);
        let expected = if flag == "--help" { (Some(0), true) } else { (Some(2), false) };
        assert_eq!((ended.code, ended.stdout.contains("Usage: obs run")), expected, "{ended:?}");
    }
}
