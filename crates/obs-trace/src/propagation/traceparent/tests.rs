//! `traceparent`: every rule of the specification, and any bytes.

use super::*;
use proptest::prelude::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn problem(header: &str) -> String {
    parse(header).unwrap_err().to_string()
}

/// Promise CTX-05.
#[test]
fn version_00_is_read_in_its_exact_form() {
    let context = parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
    assert_eq!(context.trace_id.to_string(), TRACE);
    assert_eq!(context.span_id.to_string(), SPAN);
    assert!(context.sampled && context.is_remote && !context.random && context.trace_state.is_empty());
    assert!(!parse(&format!(" \t00-{TRACE}-{SPAN}-00 ")).unwrap().sampled);
    for (bad, told) in [
        (format!("00-{TRACE}-{SPAN}-01-"), "too long"),
        (format!("00-{TRACE}-{SPAN}-01-what"), "too long"),
        (format!("00-{TRACE}-{SPAN}-011"), "too long"),
        (format!("00-{TRACE}-{SPAN}-1"), "too short"),
        (format!("00-{TRACE}-{SPAN}"), "too short"),
        (String::new(), "too short"),
        (format!("0-{TRACE}-{SPAN}-0100"), "no version"),
        (format!("00-{TRACE}0-{SPAN}-0"), "trace id is not followed"),
        (format!("00-{TRACE}-0{SPAN}-0"), "span id is not followed"),
        (format!("00_{TRACE}-{SPAN}-01"), "no version"),
    ] {
        assert!(problem(&bad).contains(told), "{bad}: {}", problem(&bad));
    }
}

#[test]
fn higher_versions_are_read_as_far_as_they_are_known() {
    for good in [
        format!("cc-{TRACE}-{SPAN}-01"),
        format!("01-{TRACE}-{SPAN}-01-"),
        format!("fe-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
    ] {
        let context = parse(&good).unwrap();
        assert!(context.sampled, "{good}");
        assert_eq!(format(&context), format!("00-{TRACE}-{SPAN}-01"), "written as the version we know");
    }
    assert!(problem(&format!("cc-{TRACE}-{SPAN}-01.what")).contains("followed by a dash"));
    assert!(problem(&format!("cc-{TRACE}-{SPAN}-0")).contains("too short"));
    assert!(problem(&format!("ff-{TRACE}-{SPAN}-01")).contains("version ff"));
    assert!(problem(&format!("FE-{TRACE}-{SPAN}-01")).contains("version is not"));
    assert!(problem(&format!("ff-{TRACE}-{SPAN}-01-more")).contains("version ff"));
}

#[test]
fn upper_case_foreign_digits_and_zero_ids_are_refused() {
    let upper = TRACE.to_uppercase();
    let zeros = "0".repeat(32);
    for (bad, told) in [
        (format!("00-{upper}-{SPAN}-01"), "trace id is not 32"),
        (format!("00-{TRACE}-00F067AA0BA902B7-01"), "span id is not 16"),
        (format!("00-{TRACE}-{SPAN}-0A"), "flags are not 2"),
        (format!("00-{TRACE}-{SPAN}-.0"), "flags are not 2"),
        (format!("00-+{}-{SPAN}-01", &TRACE[1..]), "trace id is not 32"),
        (format!("00-{zeros}-{SPAN}-01"), "trace id is all zero"),
        (format!("00-{TRACE}-{}-01", &zeros[..16]), "span id is all zero"),
        (format!("00-{}é-{SPAN}-01", &TRACE[..30]), "trace id is not 32"),
    ] {
        assert!(problem(&bad).contains(told), "{bad}: {}", problem(&bad));
    }
}

#[test]
fn unknown_flags_are_ignored_and_never_passed_on() {
    let written = |flags: &str| {
        let context = parse(&format!("00-{TRACE}-{SPAN}-{flags}")).unwrap();
        format(&context)[53..].to_owned()
    };
    for (read, expected) in
        [("00", "00"), ("01", "01"), ("02", "02"), ("03", "03"), ("ff", "03"), ("fc", "00"), ("09", "01")]
    {
        assert_eq!(written(read), expected, "{read}");
    }
    let higher = parse(&format!("01-{TRACE}-{SPAN}-ff")).unwrap();
    assert!(higher.sampled && !higher.random, "no other flag of a higher version is known");
}

#[test]
fn an_error_names_header_value_and_what_is_accepted_and_holds_nothing_raw_or_long() {
    let told = problem(&format!("00-\0\n\"{}", "x".repeat(10 << 20)));
    assert!(told.starts_with("traceparent `00-\\0\\n\\\"xxx") && told.contains("…`: "), "{told}");
    assert!(told.contains("accepted: 00-<trace id>-<span id>-<flags>") && told.len() < 300, "{told}");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(trace in 1..=u128::MAX, span in 1..=u64::MAX, sampled: bool, random: bool) {
        let context = SpanContext {
            random,
            is_remote: true,
            ..SpanContext::new(TraceId::new(trace).unwrap(), SpanId::new(span).unwrap(), sampled)
        };
        prop_assert_eq!(parse(&format(&context)), Ok(context));
    }

    #[test]
    fn any_text_is_read_or_refused(text: String, near in "[0f][0f]-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,4})?") {
        let _ = parse(&text);
        if let Ok(context) = parse(&near) {
            prop_assert_eq!(&format(&context)[2..53], &near[2..53]);
        } else {
            prop_assert!(near.starts_with("ff") || near.starts_with("00") && near.len() > 55 || near.contains(&"0".repeat(16)));
        }
    }
}
