//! `#[traced]` on functions that are done when they return: name, arguments, outcome.

use obs_core::names::SpanKind;
use obs_trace::{Outcome, SpanRecord, Status, Tracer, Value, span, traced};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn only(tracer: &Tracer) -> SpanRecord {
    let mut spans = tracer.take_finished();
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

fn text<'a>(span: &'a SpanRecord, key: &str) -> Option<&'a str> {
    span.attribute(key).and_then(Value::as_str)
}

/// Keys of what the attribute recorded of the arguments.
fn arguments(span: &SpanRecord) -> Vec<&str> {
    span.attributes.iter().filter_map(|(key, _)| key.strip_prefix("arg.")).collect()
}

#[traced("process_batch", tracer = tracer)]
fn process(tracer: &Tracer, rows: u32) -> u32 {
    drop(span!(tracer, "fit.pca"));
    rows * 2
}

/// TRC-01, TRC-02
#[test]
fn a_call_is_a_span_around_what_it_does() {
    let tracer = Tracer::for_tests();
    assert_eq!(process(&tracer, 7), 14);
    let spans = tracer.take_finished();
    assert_eq!([&spans[0].name, &spans[1].name], ["fit.pca", "process_batch"]);
    assert_eq!(spans[0].parent, Some(spans[1].span_id));
    assert_eq!(text(&spans[1], "function.name"), Some("traced::process"));
    assert_eq!(spans[1].attribute("arg.rows"), Some(&Value::I64(7)));
    assert_eq!(text(&spans[1], "acm.status"), Some("success"));
    assert_eq!((spans[1].outcome, &spans[1].status), (Outcome::Success, &Status::Unset));
}

mod inner {
    use super::{Tracer, traced};

    #[traced(tracer = tracer)]
    pub(crate) fn r#fetch(tracer: &Tracer) {}
}

#[test]
fn without_a_name_it_is_the_functions() {
    let tracer = Tracer::for_tests();
    inner::r#fetch(&tracer);
    let span = only(&tracer);
    assert_eq!((span.name.as_ref(), text(&span, "function.name")), ("fetch", Some("traced::inner::fetch")));
    assert_eq!(span.kind, SpanKind::Client);
}

#[expect(clippy::too_many_arguments, reason = "one of each type")]
#[traced("fit.all", tracer = tracer)]
fn every_type(
    tracer: &Tracer,
    flag: bool,
    small: i8,
    large: u64,
    huge: u128,
    ratio: f32,
    letter: char,
    word: &str,
    owned: String,
    r#type: &String,
    maybe: Option<&'static str>,
    nothing: Option<u8>,
    list: &[u8],
    pair: (u8, u8),
    (left, right): (u8, u8),
    mut changed: i64,
) -> i64 {
    changed += 1;
    let _ = (flag, small, large, huge, ratio, letter, word, r#type, maybe, nothing, list, pair, left, right);
    changed + owned.len() as i64
}

/// TRC-02, SEC-09
#[test]
fn arguments_written_as_primitives_are_recorded_and_no_others() {
    let tracer = Tracer::for_tests();
    let owned = "owned".to_owned();
    let changed = every_type(
        &tracer,
        true,
        -1,
        5,
        1 << 100,
        0.5,
        'ü',
        "word",
        owned.clone(),
        &owned,
        Some("some"),
        None,
        &[1],
        (1, 2),
        (3, 4),
        9,
    );
    assert_eq!(changed, 15);
    let span = only(&tracer);
    let expected: [(&str, Value<'_>); 11] = [
        ("arg.flag", true.into()),
        ("arg.small", Value::I64(-1)),
        ("arg.large", Value::I64(5)),
        ("arg.huge", "1267650600228229401496703205376".into()),
        ("arg.ratio", Value::F64(0.5)),
        ("arg.letter", "ü".into()),
        ("arg.word", "word".into()),
        ("arg.owned", "owned".into()),
        ("arg.type", "owned".into()),
        ("arg.maybe", "some".into()),
        ("arg.changed", Value::I64(9)),
    ];
    for (key, value) in &expected {
        assert_eq!(span.attribute(key), Some(value), "{key}");
    }
    assert_eq!(arguments(&span).len(), expected.len(), "{span:?}");
}

#[traced(tracer = tracer)]
fn login(tracer: &Tracer, user: &str, password: &str, api_key: Option<String>, token: u32, max_tokens: u32) {}

/// SEC-09
#[test]
fn secrets_are_redacted_and_long_text_is_cut() {
    let tracer = Tracer::for_tests();
    login(&tracer, &"ä".repeat(500), "hunter2", Some("sk-1".to_owned()), 1234, 100);
    let span = only(&tracer);
    for key in ["arg.password", "arg.api_key", "arg.token"] {
        assert_eq!(text(&span, key), Some("[redacted]"), "{key}");
    }
    assert_eq!(span.attribute("arg.max_tokens"), Some(&Value::I64(100)));
    let user = text(&span, "arg.user").unwrap();
    assert!(user.len() <= 256 && user.starts_with("ää") && user.ends_with('…'), "{user}");
    let told = format!("{span:?}");
    assert!(!told.contains("hunter2") && !told.contains("sk-1") && !told.contains("1234"), "{told}");
}

#[traced("load.some", skip(path, rows), fields(n_samples = rows * 2, "db.system.name" = "sqlite", query = query.trim()), kind = consumer, tracer = tracer)]
fn load(tracer: &Tracer, path: &str, rows: u32, query: String) -> usize {
    path.len() + rows as usize + query.len()
}

#[traced(skip_all, tracer = tracer)]
fn score(tracer: &Tracer, rows: u32) -> u32 {
    rows
}

/// TRC-02
#[test]
fn what_to_record_can_be_chosen() {
    let tracer = Tracer::for_tests();
    assert_eq!(load(&tracer, "a", 3, " x ".to_owned()), 7);
    let span = only(&tracer);
    assert_eq!(arguments(&span), ["query"]);
    assert_eq!(span.attribute("acm.n_samples"), Some(&Value::I64(6)));
    assert_eq!((text(&span, "db.system.name"), text(&span, "acm.query")), (Some("sqlite"), Some("x")));
    assert_eq!(span.kind, SpanKind::Consumer);
    score(&tracer, 1);
    assert!(arguments(&only(&tracer)).is_empty());
}

#[test]
fn with_a_tracer_that_is_off_nothing_but_the_body_is_evaluated() {
    fn evaluated() -> u32 {
        panic!("evaluated")
    }
    #[traced("fit.pca", fields(rows = evaluated()), tracer = tracer)]
    fn fit(tracer: &Tracer, rows: u32) -> u32 {
        rows
    }
    assert_eq!(fit(&Tracer::off(), 3), 3);
}

#[test]
fn without_a_tracer_it_is_the_processs() {
    #[traced("fit.pca")]
    fn fit(rows: u32) -> Result<u32, String> {
        Ok(rows)
    }
    assert_eq!(fit(3), Ok(3));
}

// How calls fail.

#[derive(Debug, PartialEq)]
struct NotFound(std::num::ParseIntError);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not found")
    }
}

impl std::error::Error for NotFound {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[traced(tracer = tracer)]
fn find(tracer: &Tracer, number: &str, early: bool) -> Result<u32, NotFound> {
    if early {
        return Ok(0);
    }
    let number = number.parse().map_err(NotFound)?;
    Ok(number)
}

/// TRC-03, TRC-04, SB-33
#[test]
fn an_error_fails_the_span_and_is_returned_unchanged() {
    let tracer = Tracer::for_tests();
    let error = find(&tracer, "x", false).unwrap_err();
    assert_eq!(error, NotFound("x".parse::<u32>().unwrap_err()));
    let span = only(&tracer);
    assert_eq!((span.outcome, &span.status), (Outcome::Fail, &Status::Error("not found".into())));
    assert_eq!(text(&span, "acm.status"), Some("error"));
    assert_eq!(text(&span, "error.type"), Some("traced::NotFound"));
    assert_eq!(text(&span, "error.message"), Some("not found"));
    let event = &span.events[0];
    let field = |key| event.attributes.iter().find(|(k, _)| k == key).and_then(|(_, value)| value.as_str());
    assert_eq!((event.name.as_ref(), field("exception.type")), ("exception", Some("traced::NotFound")));
    assert_eq!(field("exception.message"), Some("not found"));
    assert!(field("exception.stacktrace").unwrap().contains("invalid digit"), "{event:?}");

    for early in [true, false] {
        find(&tracer, "1", early).unwrap();
        let span = only(&tracer);
        assert_eq!((text(&span, "acm.status"), span.outcome), (Some("success"), Outcome::Success));
        assert_eq!(text(&span, "error.type"), None);
    }
}

/// TRC-03
#[test]
fn a_panic_fails_the_span_and_goes_on() {
    #[traced(tracer = tracer)]
    fn stop(tracer: &Tracer, result: bool) -> Result<(), String> {
        if result { Err("no panic".to_owned()) } else { std::panic::resume_unwind(Box::new("stopped")) }
    }
    #[traced(tracer = tracer)]
    fn halt(tracer: &Tracer) {
        std::panic::resume_unwind(Box::new("halted"))
    }
    let tracer = Tracer::for_tests();
    let stopped = catch_unwind(AssertUnwindSafe(|| stop(&tracer, false))).unwrap_err();
    assert_eq!(stopped.downcast_ref(), Some(&"stopped"));
    let halted = catch_unwind(AssertUnwindSafe(|| halt(&tracer))).unwrap_err();
    assert_eq!(halted.downcast_ref(), Some(&"halted"));
    for span in tracer.take_finished() {
        assert_eq!((span.outcome, text(&span, "acm.status")), (Outcome::Fail, Some("error")));
        assert!(matches!(span.status, Status::Error(_)), "{span:?}");
    }
}

#[test]
fn a_call_during_a_panic_that_goes_well_is_a_success() {
    struct Cleanup<'a>(&'a Tracer);
    impl Drop for Cleanup<'_> {
        fn drop(&mut self) {
            process(self.0, 1);
        }
    }
    let tracer = Tracer::for_tests();
    catch_unwind(AssertUnwindSafe(|| {
        let _cleanup = Cleanup(&tracer);
        std::panic::resume_unwind(Box::new(()));
    }))
    .unwrap_err();
    let span = &tracer.take_finished()[1];
    assert_eq!((span.outcome, text(span, "acm.status")), (Outcome::Success, Some("success")));
}

/// Points to an error, as `anyhow::Error` does.
#[derive(Debug)]
struct Report(Box<dyn std::error::Error + Send + Sync>);

impl std::ops::Deref for Report {
    type Target = dyn std::error::Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug)]
struct Mute;

type Outcomes<T> = Result<T, String>;

/// TRC-03, NAME-28
#[test]
fn errors_of_every_type_are_recorded_as_well_as_they_can_tell() {
    #[traced(tracer = tracer)]
    fn boxed(tracer: &Tracer) -> Result<(), Box<dyn std::error::Error>> {
        Err(NotFound("x".parse::<u32>().unwrap_err()))?
    }
    #[traced(tracer = tracer)]
    fn report(tracer: &Tracer) -> Result<(), Report> {
        Err(Report(Box::new(NotFound("x".parse::<u32>().unwrap_err()))))
    }
    #[traced(tracer = tracer)]
    fn owned(tracer: &Tracer) -> Result<(), String> {
        Err("text".to_owned())
    }
    #[traced(tracer = tracer)]
    fn mute(tracer: &Tracer) -> Result<(), Mute> {
        Err(Mute)
    }
    #[traced(tracer = tracer)]
    fn generic<E: fmt::Display>(tracer: &Tracer, error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(err, tracer = tracer)]
    fn alias(tracer: &Tracer) -> Outcomes<()> {
        Err("alias".to_owned())
    }
    #[traced(tracer = tracer)]
    fn io(tracer: &Tracer) -> std::io::Result<()> {
        Err(std::io::ErrorKind::NotFound.into())
    }
    let tracer = Tracer::for_tests();
    boxed(&tracer).unwrap_err();
    report(&tracer).unwrap_err();
    owned(&tracer).unwrap_err();
    mute(&tracer).unwrap_err();
    generic(&tracer, 'e').unwrap_err();
    alias(&tracer).unwrap_err();
    io(&tracer).unwrap_err();
    let expected = [
        ("dyn core::error::Error", Some("not found"), true),
        ("traced::Report", Some("not found"), true),
        ("alloc::string::String", Some("text"), false),
        ("traced::Mute", None, false),
        ("char", Some("e"), false),
        ("alloc::string::String", Some("alias"), false),
        ("std::io::error::Error", Some("entity not found"), true),
    ];
    for (span, (kind, message, has_causes)) in tracer.take_finished().iter().zip(expected) {
        assert_eq!(
            (text(span, "error.type"), text(span, "acm.error_type")),
            (Some(kind), Some(kind)),
            "{span:?}"
        );
        assert_eq!((text(span, "error.message"), text(span, "acm.status")), (message, Some("error")));
        assert!(matches!(span.status, Status::Error(_)), "{span:?}");
        let causes = |key: &str| key == "exception.stacktrace";
        let told = span.events.iter().any(|event| event.attributes.iter().any(|(key, _)| causes(key)));
        assert_eq!(told, has_causes, "{span:?}");
    }
}

#[test]
fn an_error_that_is_a_value_like_others_fails_nothing() {
    #[traced(err = false, tracer = tracer)]
    fn check(tracer: &Tracer) -> Result<(), String> {
        Err("expected".to_owned())
    }
    let tracer = Tracer::for_tests();
    check(&tracer).unwrap_err();
    let span = only(&tracer);
    assert_eq!((span.outcome, text(&span, "acm.status")), (Outcome::Success, Some("success")));
}
