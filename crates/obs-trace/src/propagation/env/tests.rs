//! The environment as a carrier, without touching that of the tests.

use super::environment::variable_name;
use super::*;
use crate::propagation::carrier::{Extractor, Injector};
use crate::propagation::{SpanContext, TraceState};
use obs_core::{Baggage, RunContext, active};
use std::process::Command;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn variables<const N: usize>(set: [(&'static str, &'static str); N]) -> impl Fn(&str) -> Option<String> {
    move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

/// What a command sets (`Some`) and removes (`None`).
fn changes(command: &Command) -> Vec<(String, Option<String>)> {
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let mut changes: Vec<_> = command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect();
    changes.sort();
    changes
}

/// Asks 24 and 33.
#[test]
fn the_three_variables_are_read() {
    let set = variables([("TRACEPARENT", PARENT), ("TRACESTATE", "a=1"), ("BAGGAGE", "k=1")]);
    let extracted = EnvReader::default().try_extract(&set).unwrap();
    let parent = extracted.parent.unwrap();
    assert_eq!((parent.traceparent().as_str(), parent.trace_state.as_str()), (PARENT, "a=1"));
    assert!(parent.is_remote);
    assert_eq!(extracted.baggage.to_string(), "k=1");
}

#[test]
fn other_spellings_and_empty_variables_are_not_read() {
    let set = variables([("traceparent", PARENT), ("Baggage", "k=1")]);
    assert_eq!(EnvReader::default().extract(&set), Extracted::default());
    let set = variables([("TRACEPARENT", ""), ("TRACESTATE", ""), ("BAGGAGE", "")]);
    assert_eq!(EnvReader::default().try_extract(&set), Ok(Extracted::default()));
}

#[test]
fn baggage_that_is_not_trusted_and_formats_that_are_off_are_not_even_looked_at() {
    let set = variables([("TRACEPARENT", PARENT), ("BAGGAGE", "k=1,not valid")]);
    let reader = EnvReader { trust_baggage: false, ..EnvReader::default() };
    let extracted = reader.try_extract(&set).unwrap();
    assert!(extracted.parent.is_some() && extracted.baggage.is_empty());

    let reader = EnvReader { propagators: Propagators::NONE, ..EnvReader::default() };
    let never = |name: &str| -> Option<String> { panic!("{name} was read") };
    assert_eq!(reader.extract(&never), Extracted::default());
}

#[test]
fn errors_name_the_variable() {
    let set = variables([("TRACEPARENT", PARENT), ("TRACESTATE", "B"), ("BAGGAGE", "b")]);
    let unreadable = EnvReader::default().try_extract(&set).unwrap_err();
    assert!(unreadable.usable.parent.is_some());
    let names: Vec<&str> = unreadable.errors.iter().map(PropagationError::name).collect();
    assert_eq!(names, ["TRACESTATE", "BAGGAGE"]);
    let error = EnvReader::default().try_extract(&variables([("TRACEPARENT", "x")])).unwrap_err().to_string();
    assert!(error.starts_with("TRACEPARENT `x`: it is too short; accepted: "), "{error}");
}

#[test]
fn names_of_headers_become_names_of_variables() {
    for (header, variable) in [
        ("traceparent", "TRACEPARENT"),
        ("x-b3-traceid", "X_B3_TRACEID"),
        ("_a.é", "_A__"),
        ("1st", "_1ST"),
        ("", "_"),
    ] {
        assert_eq!(variable_name(header), variable);
        assert_eq!(variable_name(variable), variable, "a name that is one already stays");
    }
    let environment = Environment::read(Propagators::default(), &variables([("TRACEPARENT", "opaque")]));
    assert_eq!((environment.get("TraceParent"), environment.get("baggage")), (Some("opaque"), None));
}

#[test]
fn a_child_gets_what_there_is_and_loses_what_it_would_inherit() {
    let span = SpanContext {
        trace_state: TraceState::parse("a=1").unwrap(),
        ..SpanContext::from_traceparent(PARENT).unwrap()
    };
    let (baggage, _) = Baggage::parse("k=a b");
    let some = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let removed = |name: &str| (name.to_owned(), None);

    let mut command = Command::new("child");
    command.trace_context(&span, &baggage).env("OTHER", "kept");
    let all = [
        some("BAGGAGE", "k=a%20b"),
        some("OTHER", "kept"),
        some("TRACEPARENT", PARENT),
        some("TRACESTATE", "a=1"),
    ];
    assert_eq!(changes(&command), all);

    let plain = SpanContext { trace_state: TraceState::EMPTY, ..span };
    command.trace_context(Some(&plain), &Baggage::new());
    let expected =
        [removed("BAGGAGE"), some("OTHER", "kept"), some("TRACEPARENT", PARENT), removed("TRACESTATE")];
    assert_eq!(changes(&command), expected);

    command.trace_context(None, &baggage);
    let expected =
        [some("BAGGAGE", "k=a%20b"), some("OTHER", "kept"), removed("TRACEPARENT"), removed("TRACESTATE")];
    assert_eq!(changes(&command), expected);
}

/// CTX-05
#[test]
fn a_child_of_the_work_at_hand_gets_its_span_and_baggage() {
    let tracer = crate::Tracer::for_tests();
    let (baggage, _) = Baggage::parse("k=v");
    let _context = active::attach_context(Some(RunContext { baggage, ..RunContext::default() }.share()));
    let work = tracer.start_named("load.data");
    let mut command = Command::new("child");
    command.current_trace_context();
    let parent = work.context().map(|context| context.traceparent());
    assert!(changes(&command).contains(&("TRACEPARENT".to_owned(), parent)));
    assert!(changes(&command).contains(&("BAGGAGE".to_owned(), Some("k=v".to_owned()))));
    drop(work);
    command.current_trace_context();
    assert!(changes(&command).contains(&("TRACEPARENT".to_owned(), None)));
}

#[test]
fn values_with_a_nul_are_dropped_and_counted_and_nothing_is_inherited_in_their_place() {
    let mut command = Command::new("child");
    let mut carrier = CommandCarrier::new(&mut command);
    carrier.set("x-b3-traceid", "1".to_owned());
    carrier.set("x-b3-spanid", "1\0".to_owned());
    assert_eq!(carrier.dropped(), 1);
    let expected = [("X_B3_SPANID".to_owned(), None), ("X_B3_TRACEID".to_owned(), Some("1".to_owned()))];
    assert_eq!(changes(&command), expected);
}

#[test]
fn no_baggage_can_make_a_child_impossible_to_start() {
    let mut baggage = Baggage::new();
    baggage.insert("k", "a\0b").unwrap();
    let mut command = Command::new("child");
    let mut carrier = CommandCarrier::new(&mut command);
    Propagators::default().inject(None, &baggage, &mut carrier);
    assert_eq!(carrier.dropped(), 0);
    assert!(changes(&command).contains(&("BAGGAGE".to_owned(), Some("k=a%00b".to_owned()))));
}
