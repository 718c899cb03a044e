//! Analysis, detectors, the agent and its model.

use crate::{only, own, text};
use obs_core::keys;
use obs_core::names::{SpanKind, registry};
use obs_trace::Tracer;
use obs_trace::operations::{self, Operation};

/// SPAN-23, SPAN-24
#[test]
fn an_analysis_counts_its_issues_and_holds_the_reading_of_data() {
    let tracer = Tracer::for_tests();
    {
        let mut analysis = operations::analyze_query(&tracer, "job-1").start();
        drop(operations::fetch_data(&tracer).start());
        analysis.issues_detected(2);
    }
    let spans = tracer.take_finished();
    assert_eq!((spans[0].name.as_ref(), spans[0].parent), ("analysis.fetch_data", Some(spans[1].span_id)));
    assert_eq!(spans[1].name, "analysis.analyze_query");
    assert_eq!(own(&spans[1]), [("acm.issues_detected", 2.into()), ("acm.job_id", text("job-1"))].into());
}

/// SPAN-23
#[test]
fn an_analysis_without_issues_says_so() {
    let tracer = Tracer::for_tests();
    drop(operations::analyze_query(&tracer, "job-1").start());
    assert_eq!(own(&only(&tracer))["acm.issues_detected"], 0.into());
}

/// SPAN-25
#[test]
fn a_detector_tells_of_an_issue_only_when_it_found_one() {
    let tracer = Tracer::for_tests();
    drop(operations::detector(&tracer, "data_skew").start());
    let span = only(&tracer);
    assert_eq!(span.name, "detector.data_skew");
    assert_eq!(own(&span), [("acm.detector_type", text("data_skew"))].into());
    operations::detector(&tracer, "stale_index").start().found("high");
    let span = only(&tracer);
    assert_eq!(span.name, "detector.stale_index");
    assert_eq!(own(&span)["acm.issue_detected"], true.into());
    assert_eq!(own(&span)["acm.severity"], text("high"));
}

/// SPAN-26
#[test]
fn a_call_of_the_agent_has_its_job_and_number_of_issues() {
    let tracer = Tracer::for_tests();
    drop(operations::call_optimizer(&tracer, "job-1", 3).start());
    let span = only(&tracer);
    assert_eq!(span.name, "agent.call_optimizer");
    assert_eq!(own(&span), [("acm.issues_count", 3.into()), ("acm.job_id", text("job-1"))].into());
}

fn names_of_a_call(messages: &[&str]) -> Vec<String> {
    let tracer = Tracer::for_tests();
    {
        let _call = operations::call_optimizer(&tracer, "job-1", 1).start();
        if let Some(step) = operations::build_context(&tracer, messages) {
            drop(step.start());
        }
        drop(operations::llm(&tracer, "gpt-5").start());
    }
    tracer.take_finished().into_iter().map(|span| span.name.into_owned()).collect()
}

/// SPAN-27
#[test]
fn context_is_built_only_when_there_are_no_messages() {
    assert_eq!(names_of_a_call(&[]), ["agent.build_context", "agent.llm_invocation", "agent.call_optimizer"]);
    assert_eq!(names_of_a_call(&["hello"]), ["agent.llm_invocation", "agent.call_optimizer"]);
}

/// SPAN-28, NAME-30
#[test]
fn a_request_to_a_model_has_the_source_s_names_and_those_of_the_conventions() {
    let tracer = Tracer::for_tests();
    {
        let mut call = operations::llm(&tracer, "gpt-5").provider("openai").messages(4).start();
        call.tokens(1200, 350);
        call.tool_calls(2);
    }
    let span = only(&tracer);
    assert_eq!((span.name.as_ref(), span.kind), ("agent.llm_invocation", SpanKind::Client));
    let expected = [
        ("acm.has_tool_calls", true.into()),
        ("acm.messages_count", 4.into()),
        ("acm.model", text("gpt-5")),
        ("acm.tool_calls_count", 2.into()),
        ("gen_ai.operation.name", text("chat")),
        ("gen_ai.provider.name", text("openai")),
        ("gen_ai.request.model", text("gpt-5")),
        ("gen_ai.usage.input_tokens", 1200.into()),
        ("gen_ai.usage.output_tokens", 350.into()),
    ];
    assert_eq!(own(&span), expected.into());
}

/// SPAN-28
#[test]
fn what_is_not_known_of_a_model_s_answer_is_left_out() {
    let tracer = Tracer::for_tests();
    drop(operations::llm(&tracer, "m").asks_for("embeddings").start());
    let span = only(&tracer);
    let own = own(&span);
    assert_eq!(own["gen_ai.operation.name"], text("embeddings"));
    assert_eq!(own["acm.has_tool_calls"], false.into());
    assert!(!own.contains_key("gen_ai.usage.input_tokens") && !own.contains_key("gen_ai.provider.name"));
}

/// Content is people's words: it is recorded where that was asked for, and only so much of it.
#[test]
fn content_is_recorded_only_where_that_was_asked_for_and_up_to_a_limit() {
    let tracer = Tracer::for_tests();
    {
        let mut call = operations::llm(&tracer, "m").start();
        call.input("secret question");
        call.output("secret answer");
    }
    assert!(!format!("{:?}", only(&tracer)).contains("secret"));
    {
        let mut call = operations::llm(&tracer, "m").capture_content(9).start();
        call.input("ääääää");
        call.output("[\"yes\"]");
    }
    let span = only(&tracer);
    assert_eq!(own(&span)[keys::GEN_AI_INPUT_MESSAGES], text("ääää…"));
    assert_eq!(own(&span)[keys::GEN_AI_OUTPUT_MESSAGES], text("[\"yes\"]"));
}

#[test]
fn a_tool_is_named_and_its_arguments_are_not() {
    let tracer = Tracer::for_tests();
    drop(operations::tool(&tracer, "explain_query").start());
    let span = only(&tracer);
    assert_eq!(span.name, "agent.tool_call");
    let expected =
        [("gen_ai.operation.name", text("execute_tool")), ("gen_ai.tool.name", text("explain_query"))];
    assert_eq!(own(&span), expected.into());
}

/// SPAN-21: what helpers record is what the registry says.
#[test]
fn helpers_record_registered_names_and_keys_only() {
    let tracer = Tracer::for_tests();
    {
        let _server = operations::http_server(&tracer, "GET").path("/a").route("/{a}").start();
        operations::http_client(&tracer, "GET").server("a", 1).path("/").start().status(404);
        let mut query = operations::db(&tracer, "insert", "t").statement("x").start();
        query.rows(1);
        operations::cache(&tracer, "get", "t", 1).start().hit(true);
        let mut call = operations::llm(&tracer, "m").provider("p").capture_content(100).start();
        call.tokens(1, 1);
        call.input("i");
        call.output("o");
        drop(operations::tool(&tracer, "t").start());
        operations::detector(&tracer, "data_skew").start().found("low");
        drop(operations::analyze_query(&tracer, "j").start());
        drop(operations::fetch_data(&tracer).start());
        drop(operations::call_optimizer(&tracer, "j", 1).start());
        drop(operations::build_context::<()>(&tracer, &[]).map(Operation::start));
    }
    let spans = tracer.take_finished();
    assert_eq!(spans.len(), 11);
    for span in spans {
        let entry = registry::find(&span.name).unwrap_or_else(|| panic!("{}", span.name));
        assert_eq!(span.kind, entry.kind(), "{}", span.name);
        for (key, _) in span.own_attributes() {
            let bare = key.strip_prefix("acm.").unwrap_or(key);
            let mut known = entry.attributes.iter().chain(registry::COMMON);
            assert!(known.any(|a| a.key == bare || a.key == key), "{}: {key}", span.name);
        }
    }
}
