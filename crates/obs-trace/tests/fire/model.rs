//! [`Model`]: what must come out, as the code that made it knows.

use obs_trace::{Outcome, Span};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A span as its maker knows it: what its children are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    trace: u128,
    span: u64,
}

impl Node {
    /// That of a span at work.
    pub(crate) fn of(span: &Span) -> Self {
        let active = span.active().expect("everything is sampled");
        Self { trace: active.trace_id.get(), span: active.span_id.get() }
    }

    /// Where the thread is.
    pub(crate) fn here() -> Option<Self> {
        let active = obs_core::active::span()?;
        Some(Self { trace: active.trace_id.get(), span: active.span_id.get() })
    }
}

/// What a span must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    parent: Option<Node>,
    name: &'static str,
    outcome: &'static str,
}

/// Every span that was made. In shards, so that those who write to it do not keep to an order.
#[derive(Debug, Default)]
pub(crate) struct Model {
    shards: [Mutex<Vec<(Node, Entry)>>; 16],
    next: AtomicUsize,
}

impl Model {
    /// How many spans were made.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    /// A span has begun.
    pub(crate) fn begun(self: &Arc<Self>, span: &Span, parent: Option<Node>, name: &'static str) -> Expected {
        Expected {
            model: Arc::clone(self),
            node: Node::of(span),
            entry: Entry { parent, name, outcome: "success" },
            unwinding: std::thread::panicking(),
        }
    }

    /// Compares with what came out; returns the first few differences.
    pub(crate) fn differences(&self, spans: &[otlp::Span]) -> Vec<String> {
        let mut told = Vec::new();
        let mut rest = HashMap::new();
        for (node, entry) in self.shards.iter().flat_map(|shard| std::mem::take(&mut *shard.lock().unwrap()))
        {
            if rest.insert(node, entry).is_some() {
                told.push(format!("two spans were given the id {node:?}"));
            }
        }
        for span in spans {
            let (node, got) = decoded(span);
            match rest.remove(&node) {
                None => told.push(format!("came out twice or was never made: {node:?} {got:?}")),
                Some(expected) if expected != got => {
                    told.push(format!("{node:?}\n  expected {expected:?}\n  got      {got:?}"));
                }
                Some(_) => {}
            }
        }
        told.extend(rest.iter().take(5).map(|lost| format!("lost: {lost:?}")));
        told.truncate(10);
        told
    }
}

fn decoded(span: &otlp::Span) -> (Node, Entry) {
    let trace = u128::from_be_bytes(span.trace_id.as_slice().try_into().unwrap());
    let id = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap());
    let parent = (!span.parent_span_id.is_empty()).then(|| Node { trace, span: id(&span.parent_span_id) });
    let outcome = span.attributes.iter().find(|a| a.key == "acm.outcome").and_then(|a| a.value.as_ref());
    let outcome = match outcome.and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => known(text),
        other => panic!("outcome {other:?}"),
    };
    let failed = span.status.as_ref().is_some_and(|status| status.code == 2);
    assert_eq!(failed, outcome == "fail", "the status goes with the outcome: {span:?}");
    (Node { trace, span: id(&span.span_id) }, Entry { parent, name: known(&span.name), outcome })
}

/// Names of spans, and outcomes.
pub(crate) const NAMES: [&str; 6] =
    ["pipeline.run", "load.data", "fit.pca", "score.pca", "sql.query", "drift"];
const OUTCOMES: [&str; 4] = ["success", "fail", "noop", "skip"];

fn known(text: &str) -> &'static str {
    NAMES.into_iter().chain(OUTCOMES).find(|known| *known == text).unwrap_or("unknown")
}

/// What is known of a span at work. Enters it in the model when it drops, which must be when the span ends: declared before
/// the span, or owned by the future that runs in it.
#[derive(Debug)]
pub(crate) struct Expected {
    model: Arc<Model>,
    pub(crate) node: Node,
    entry: Entry,
    unwinding: bool,
}

impl Expected {
    /// Says how the work ended, to the span and to the model.
    pub(crate) fn outcome(&mut self, span: &mut Span, outcome: Outcome) {
        if outcome == Outcome::Fail {
            span.error("so it was said");
        } else {
            span.outcome(outcome);
        }
        self.entry.outcome = outcome.as_str();
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.unwinding {
            self.entry.outcome = "fail";
        }
        let shard = self.model.next.fetch_add(1, Ordering::Relaxed) % self.model.shards.len();
        self.model.shards[shard].lock().unwrap().push((self.node, self.entry.clone()));
    }
}
