//! What an exporter of the SDK gets, and how its answers are understood.

use super::*;
use crate::propagation::SpanContext;
use crate::value::Value;
use crate::{Tracer, span};
use obs_core::{Diag, Ledger, Signal};
use obs_export::{Engine, Limits, Record};
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, KeyValue};
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;
use std::sync::Mutex;

/// What an exporter was told.
#[derive(Debug, Default)]
struct Seen {
    spans: Vec<SpanData>,
    /// Names of the services whose resource it was told.
    services: Vec<String>,
    flushes: u32,
    shutdowns: Vec<Duration>,
    /// What it answers, before it says that all is well.
    answers: VecDeque<OTelSdkError>,
}

#[derive(Clone, Debug, Default)]
struct Exporter(Arc<Mutex<Seen>>);

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        std::future::ready(()).await;
        let mut seen = self.0.lock().unwrap();
        if let Some(error) = seen.answers.pop_front() {
            return Err(error);
        }
        seen.spans.extend(batch);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.lock().unwrap().shutdowns.push(timeout);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.lock().unwrap().flushes += 1;
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let name = resource.get(&"service.name".into()).map(|v| v.to_string());
        self.0.lock().unwrap().services.extend(name);
    }
}

fn identity(name: &str) -> ServiceIdentity {
    ServiceIdentity { name: name.to_owned(), ..ServiceIdentity::default() }
}

/// Spans through an engine to an exporter.
fn exported(answers: Vec<OTelSdkError>, work: impl FnOnce(&Tracer)) -> (Arc<Ledger>, Exporter) {
    let exporter = Exporter::default();
    exporter.0.lock().unwrap().answers.extend(answers);
    let ledger = Arc::new(Ledger::default());
    let engine = Engine::new(
        Arc::clone(&ledger),
        obs_core::Clock::system(),
        Diag::to(Box::new(std::io::sink()), obs_core::Clock::system()),
    );
    let sink = ExporterSink::new(exporter.clone(), identity("press-line"));
    let spans = engine.stream(Signal::Trace, vec![Box::new(sink)], Limits::default());
    let tracer = Tracer::builder().export(Arc::clone(&ledger), spans).build();
    work(&tracer);
    tracer.close();
    engine.shutdown(Duration::from_secs(20));
    (ledger, exporter)
}

/// TRC-06: export by any `SpanExporter`.
#[test]
fn everything_of_a_span_arrives_at_an_exporter() {
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let caller = SpanContext {
        trace_state: crate::propagation::TraceState::parse("rojo=1").unwrap(),
        ..SpanContext::from_traceparent(header).unwrap()
    };
    let (_, exporter) = exported(vec![], |tracer| {
        let mut span = tracer
            .span("http.request")
            .parent(&caller)
            .kind(obs_core::names::SpanKind::Server)
            .link_with(&caller, [("x.why".into(), Value::from("retry"))])
            .start_time(1_000)
            .detached();
        for (key, value) in [
            ("x.int", Value::from(1)),
            ("x.float", Value::from(0.5)),
            ("x.bool", Value::from(true)),
            ("x.text", Value::from("text")),
            ("x.ints", Value::from(&[1, 2][..])),
            ("x.floats", Value::from(&[0.5][..])),
            ("x.bools", Value::from(&[true][..])),
            ("x.texts", Value::from(&["a"][..])),
            ("x.mixed", Value::Array(vec![Value::from(1), Value::from("a"), Value::from(&[0.5][..])])),
        ] {
            span.set(key, value);
        }
        span.event("tick", &[("x.n", Value::from(1))]);
        span.error("no disk");
        drop(span);
    });
    let seen = exporter.0.lock().unwrap();
    assert_eq!(seen.spans.len(), 1);
    let span = &seen.spans[0];
    assert_eq!(span.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert!(span.parent_span_is_remote && span.span_context.is_sampled() && !span.span_context.is_remote());
    assert_eq!(span.span_context.trace_state().header(), "rojo=1");
    assert_eq!((span.name.as_ref(), &span.span_kind), ("http.request", &SpanKind::Server));
    assert_eq!(span.start_time, std::time::UNIX_EPOCH + Duration::from_micros(1));
    assert!(span.end_time > span.start_time);
    assert_eq!(span.status, Status::error("no disk"));
    assert_eq!(span.instrumentation_scope.name(), "obs");
    let array = opentelemetry::Value::Array;
    let own: Vec<_> =
        span.attributes.iter().filter(|kv| kv.key.as_str().starts_with("x.")).cloned().collect();
    let expected = [
        KeyValue::new("x.int", 1),
        KeyValue::new("x.float", 0.5),
        KeyValue::new("x.bool", true),
        KeyValue::new("x.text", "text"),
        KeyValue::new("x.ints", array(Array::I64(vec![1, 2]))),
        KeyValue::new("x.floats", array(Array::F64(vec![0.5]))),
        KeyValue::new("x.bools", array(Array::Bool(vec![true]))),
        KeyValue::new("x.texts", array(Array::String(vec!["a".into()]))),
        KeyValue::new("x.mixed", array(Array::String(vec!["1".into(), "a".into(), "[0.5]".into()]))),
    ];
    assert_eq!(own, expected);
    assert_eq!(
        (span.events[0].name.as_ref(), &span.events[0].attributes[0]),
        ("tick", &KeyValue::new("x.n", 1))
    );
    let link = &span.links[0];
    assert!(link.span_context.is_remote() && link.span_context.is_sampled());
    assert_eq!(link.span_context.trace_state().header(), "rojo=1");
    assert_eq!(link.attributes, [KeyValue::new("x.why", "retry")]);
    assert_eq!(seen.services, ["press-line"], "told once");
    assert!(seen.flushes >= 1);
    assert_eq!(seen.shutdowns, [SHUTDOWN]);
}

/// TRC-06
#[test]
fn what_an_exporter_could_not_do_is_tried_again_and_accounted_for() {
    let failure = OTelSdkError::InternalFailure("connection reset\nby peer".to_owned());
    let (ledger, exporter) = exported(vec![failure], |tracer| {
        drop(span!(tracer, "load.data"));
        drop(span!(tracer, "fit.pca"));
    });
    assert_eq!(exporter.0.lock().unwrap().spans.len(), 2);
    assert_eq!(ledger.snapshot().signal(Signal::Trace).account.delivered, 2);
}

#[test]
fn each_answer_of_an_exporter_has_its_outcome() {
    let sink = ExporterSink::new(Exporter::default(), identity("x")).named("zipkin").local();
    assert_eq!((sink.name(), sink.is_remote()), ("zipkin", false));
    assert_eq!(sink.outcome(Ok(())), Outcome::Delivered);
    let retry = |cause, message: &str| Outcome::Retry { cause, after: None, message: message.to_owned() };
    assert_eq!(
        sink.outcome(Err(OTelSdkError::Timeout(Duration::from_secs(1)))),
        retry(Cause::Timeout, "zipkin: Operation timed out after 1s")
    );
    assert_eq!(
        sink.outcome(Err(OTelSdkError::InternalFailure("reset\nby peer".to_owned()))),
        retry(Cause::Server, "zipkin: Operation failed: reset")
    );
    let message = "zipkin: Shutdown already invoked".to_owned();
    assert_eq!(
        sink.outcome(Err(OTelSdkError::AlreadyShutdown)),
        Outcome::Refused { reason: DropReason::AfterShutdown, message }
    );
}

#[test]
fn a_batch_of_another_process_is_exported_in_its_name() {
    let exporter = Exporter::default();
    let mut sink = ExporterSink::new(exporter.clone(), identity("this"));
    let other = SpanEncoder::new(identity("other"));
    for context in [other.context(), other.context(), sink.encoder().context()] {
        let records = [Record { bytes: &[], count: 1 }];
        assert_eq!(sink.send(&Batch { context: &context, records: &records }), Outcome::Delivered);
    }
    assert_eq!(exporter.0.lock().unwrap().services, ["other", "this"]);
}
