//! Propagators: which formats, what is extracted, what is injected.

use super::*;
use std::collections::HashMap;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn headers<const N: usize>(headers: [(&str, &str); N]) -> Vec<(String, String)> {
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// `OTEL_PROPAGATORS`.
#[test]
fn the_names_of_opentelemetry_are_read_once_each_and_in_any_case() {
    let only = |trace_context, baggage| Propagators { trace_context, baggage };
    for (value, expected) in [
        ("tracecontext,baggage", only(true, true)),
        ("baggage, tracecontext ,baggage", only(true, true)),
        ("tracecontext", only(true, false)),
        ("TraceContext,tracecontext,", only(true, false)),
        (" baggage", only(false, true)),
        ("none", Propagators::NONE),
        ("None,none", Propagators::NONE),
        ("", Propagators::default()),
        (" , ", Propagators::default()),
    ] {
        assert_eq!(Propagators::parse(value), Ok(expected), "{value:?}");
        assert_eq!(Propagators::parse(&expected.to_string()), Ok(expected));
    }
}

#[test]
fn other_names_are_one_error_that_names_variable_value_and_what_is_accepted() {
    for name in ["b3", "b3multi", "jaeger", "xray", "ottrace", "trace context", "\0", &"x".repeat(10_000)] {
        let value = format!("tracecontext,{name},jaeger");
        let error = Propagators::parse(&value).unwrap_err().to_string();
        assert!(error.starts_with("OTEL_PROPAGATORS `tracecontext,") && error.len() < 300, "{error}");
        assert!(error.contains("is not supported; accepted: tracecontext and baggage"), "{error}");
        assert!(!error.contains('\0'));
    }
    let error = Propagators::parse("none,baggage").unwrap_err().to_string();
    assert!(error.contains("`none,baggage`: `none` contradicts"), "{error}");
}

/// Promise CTX-05.
#[test]
fn a_parent_is_extracted_with_its_state_and_baggage() {
    let carrier = headers([
        ("Traceparent", PARENT),
        ("TRACESTATE", "a=1"),
        ("tracestate", "b=2"),
        ("baggage", "k=1"),
        ("Baggage", "l=2"),
    ]);
    let extracted = Propagators::default().try_extract(&carrier).unwrap();
    let parent = extracted.parent.unwrap();
    assert_eq!((parent.traceparent().as_str(), parent.trace_state.as_str()), (PARENT, "a=1,b=2"));
    assert!(parent.is_remote);
    assert_eq!(extracted.baggage.to_string(), "k=1,l=2");
}

#[test]
fn nothing_is_extracted_where_nothing_is_and_nothing_is_told() {
    let empty = Extracted::default();
    assert_eq!(Propagators::default().try_extract(&headers([])), Ok(empty.clone()));
    let state_alone = headers([("tracestate", "a=1"), ("tracestate", "NOT VALID")]);
    assert_eq!(Propagators::default().try_extract(&state_alone), Ok(empty), "a trace state without a parent");
}

#[test]
fn a_bad_parent_begins_a_new_trace_and_leaves_baggage_alone() {
    let carrier = headers([("traceparent", "00-bad"), ("tracestate", "NOT VALID"), ("baggage", "k=1")]);
    let Unreadable { usable, errors } = Propagators::default().try_extract(&carrier).unwrap_err();
    assert_eq!((usable.parent.clone(), usable.baggage.get("k")), (None, Some("1")));
    assert_eq!(errors.len(), 1, "without a parent the trace state is not read: {errors:?}");
    assert_eq!(errors[0].name(), "traceparent");
    assert_eq!(Propagators::default().extract(&carrier), usable);
}

#[test]
fn two_parents_are_none() {
    let carrier = headers([("traceparent", PARENT), ("Traceparent", PARENT)]);
    let Unreadable { usable, errors } = Propagators::default().try_extract(&carrier).unwrap_err();
    assert_eq!(usable, Extracted::default());
    assert!(errors[0].to_string().contains("there is more than one"), "{errors:?}");
}

#[test]
fn a_bad_trace_state_does_not_touch_the_parent_and_bad_baggage_touches_nothing() {
    let carrier =
        headers([("traceparent", PARENT), ("tracestate", "a=1,B"), ("baggage", "k=1,my secret,l=2")]);
    let unreadable = Propagators::default().try_extract(&carrier).unwrap_err();
    let told = unreadable.to_string();
    let parent = unreadable.usable.parent.unwrap();
    assert_eq!((parent.traceparent().as_str(), parent.trace_state.is_empty()), (PARENT, true));
    assert_eq!(unreadable.usable.baggage.to_string(), "k=1,l=2");
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("tracestate `B`: "), "{told}");
    assert!(lines[1].contains("kept 2, dropped 1 (1 malformed") && !told.contains("secret"), "{told}");
}

#[test]
fn formats_that_are_off_are_neither_read_nor_written_nor_removed() {
    let mut carrier = headers([("traceparent", PARENT), ("tracestate", "a=1"), ("baggage", "k=1")]);
    let before = carrier.clone();
    assert_eq!(Propagators::NONE.extract(&carrier), Extracted::default());
    Propagators::NONE.inject(None, &Baggage::new(), &mut carrier);
    assert_eq!(carrier, before);

    let baggage_only = Propagators::parse("baggage").unwrap();
    assert_eq!(baggage_only.extract(&carrier).parent, None);
    baggage_only.inject(None, &Baggage::new(), &mut carrier);
    assert_eq!(carrier, before[..2]);
    assert_eq!(baggage_only.fields().collect::<Vec<_>>(), ["baggage"]);
    assert_eq!(Propagators::default().fields().count(), 3);
}

#[test]
fn what_is_injected_replaces_what_another_span_left() {
    let mut carrier: HashMap<String, String> =
        headers([("Traceparent", PARENT), ("tracestate", "old=1"), ("BAGGAGE", "old=1")])
            .into_iter()
            .collect();
    let span = SpanContext { sampled: false, ..SpanContext::from_traceparent(PARENT).unwrap() };
    Propagators::default().inject(&span, &Baggage::new(), &mut carrier);
    assert_eq!(carrier, HashMap::from([("traceparent".to_owned(), span.traceparent())]));

    let (baggage, _) = Baggage::parse("k=1");
    let with_state = SpanContext { trace_state: super::super::TraceState::parse("a=1").unwrap(), ..span };
    Propagators::default().inject(Some(&with_state), &baggage, &mut carrier);
    assert_eq!((carrier["tracestate"].as_str(), carrier["baggage"].as_str()), ("a=1", "k=1"));
    let again = Propagators::default().extract(&carrier);
    assert_eq!(again, Extracted { parent: Some(with_state), baggage });

    Propagators::default().inject(None, &Baggage::new(), &mut carrier);
    assert!(carrier.is_empty());
}

#[test]
fn carriers_may_be_trait_objects() {
    let mut carrier = headers([("traceparent", PARENT)]);
    let injector: &mut dyn Injector = &mut carrier;
    Propagators::default().inject(None, &Baggage::new(), injector);
    let extractor: &dyn Extractor = &carrier;
    assert_eq!(Propagators::default().extract(extractor), Extracted::default());
}
