//! [`call_optimizer`] and [`build_context`]: an agent that is asked about issues.

use super::kind::sealed::Recorded;
use super::operation::Operation;
use crate::span::Span;
use crate::tracer::Tracer;

/// A call of an agent: see [`call_optimizer`].
#[derive(Debug)]
pub struct AgentCall {
    job_id: String,
    issues: usize,
}

/// A step without attributes of its own.
#[derive(Debug)]
pub struct Step;

/// A call of the agent, from issues to advice: a span `agent.call_optimizer` with `acm.job_id` and `acm.issues_count`.
pub fn call_optimizer(
    tracer: &Tracer,
    job_id: impl Into<String>,
    issues_count: usize,
) -> Operation<AgentCall> {
    let kind = AgentCall { job_id: job_id.into(), issues: issues_count };
    Operation::new(tracer, "agent.call_optimizer", kind)
}

/// The step that makes messages of issues: a span `agent.build_context`. `None` when there are messages already, because then
/// there is nothing to build.
///
/// ```
/// use obs_trace::{Tracer, operations};
/// let tracer = Tracer::for_tests();
/// let mut messages: Vec<&str> = Vec::new();
/// if let Some(step) = operations::build_context(&tracer, &messages) {
///     let _step = step.start();
///     messages.push("Three issues were found: …");
/// }
/// assert!(operations::build_context(&tracer, &messages).is_none());
/// assert_eq!(tracer.take_finished()[0].name, "agent.build_context");
/// ```
pub fn build_context<M>(tracer: &Tracer, messages: &[M]) -> Option<Operation<Step>> {
    messages.is_empty().then(|| Operation::new(tracer, "agent.build_context", Step))
}

impl Recorded for AgentCall {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        span.set("job_id", self.job_id.as_str());
        span.set("issues_count", self.issues);
    }
}

impl Recorded for Step {
    fn begin(&mut self, _span: &mut Span, _tracer: &Tracer) {}
}
