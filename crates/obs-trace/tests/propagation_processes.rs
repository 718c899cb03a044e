//! A trace goes from process to process by the environment, and stops where there is no span (asks 24 and 33).
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use obs_core::Baggage;
use obs_trace::propagation::env::{self, CommandExt as _};
use obs_trace::propagation::{Extracted, SpanContext};
use std::process::Command;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// Which process of the chain this one is; the test itself is started without it.
const ROLE: &str = "OBS_TEST_ROLE";
/// What the lines begin with that the processes of the chain say.
const SAID: &str = "said: ";

/// The test binary again, so that it runs this one test in another role.
fn again(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "a_trace_goes_through_processes_and_stops_where_there_is_no_span",
        "--nocapture",
    ]);
    command.env(ROLE, role);
    command
}

#[expect(clippy::print_stdout, reason = "the process that started this one reads its standard output")]
fn say(extracted: &Extracted) {
    let parent = extracted.parent.as_ref();
    let parent =
        parent.map_or_else(|| "none".to_owned(), |p| format!("{} {}", p.traceparent(), p.trace_state));
    println!("\n{SAID}{parent} [{}]", extracted.baggage);
}

#[test]
fn a_trace_goes_through_processes_and_stops_where_there_is_no_span() {
    match std::env::var(ROLE).as_deref() {
        Ok("middle") => {
            let extracted = env::extract();
            say(&extracted);
            let parent = extracted.parent.unwrap();
            let here =
                SpanContext { span_id: "00000000000000aa".parse().unwrap(), is_remote: false, ..parent };
            assert!(again("leaf").trace_context(&here, &extracted.baggage).status().unwrap().success());
            assert!(again("leaf").trace_context(None, &Baggage::new()).status().unwrap().success());
        }
        Ok(_) => say(&env::extract()),
        Err(_) => {
            let mut span = SpanContext::from_traceparent(PARENT).unwrap();
            span.trace_state.insert("a", "1").unwrap();
            let (baggage, _) = Baggage::parse("user=Am%C3%A9lie");
            let output = again("middle").trace_context(&span, &baggage).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let output = String::from_utf8(output.stdout).unwrap();
            let said: Vec<&str> = output.lines().filter_map(|line| line.strip_prefix(SAID)).collect();
            let from_middle = PARENT.replace("00f067aa0ba902b7", "00000000000000aa");
            assert_eq!(
                said,
                [
                    format!("{PARENT} a=1 [user=Am%C3%A9lie]"),
                    format!("{from_middle} a=1 [user=Am%C3%A9lie]"),
                    "none []".to_owned(),
                ]
            );
        }
    }
}
