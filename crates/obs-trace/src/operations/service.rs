//! [`operation`]: what a service does in its own terms.

use super::kind::sealed::Recorded;
use super::operation::Operation;
use crate::span::Span;
use crate::tracer::Tracer;
use std::borrow::Cow;

/// An operation of a service: see [`operation`].
#[derive(Debug)]
pub struct Service {
    subject: Cow<'static, str>,
    id: Option<String>,
}

/// An operation of a service in its own terms: a span `<subject>.<action>`, such as `scenario.create`, with `acm.operation`
/// (the action) and, for [`Operation::id`], `acm.<subject>_id`. Log lines within it say `operation` as well.
///
/// Both parts are words of lower-case letters, digits and `_`.
pub fn operation(
    tracer: &Tracer,
    subject: impl Into<Cow<'static, str>>,
    action: impl Into<Cow<'static, str>>,
) -> Operation<Service> {
    let (subject, action) = (subject.into(), action.into());
    let name = format!("{subject}.{action}");
    let mut operation = Operation::new(tracer, name, Service { subject, id: None });
    operation.change.operation = Some(action);
    operation
}

impl Operation<Service> {
    /// Which one of its subjects it is about: `acm.scenario_id` for the subject `scenario`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.kind.id = Some(id.into());
        self
    }
}

impl Recorded for Service {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        if let Some(id) = &self.id
            && span.is_recording()
        {
            span.set_dynamic(&format!("{}_id", self.subject), id);
        }
    }
}
