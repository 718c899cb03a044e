//! [`CommandExt`]: the environment of a child process; [`CommandCarrier`]: the same for formats of others.

use super::environment::variable_name;
use crate::propagation::carrier::Injector;
use crate::propagation::current::{current, current_baggage};
use crate::propagation::propagators::Propagators;
use crate::propagation::span_context::SpanContext;
use obs_core::Baggage;
use std::process::Command;

/// Hands trace and baggage to a child process.
pub trait CommandExt {
    /// Sets `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` for the child. What has no value is removed, also where the child
    /// would inherit it: it must not join the trace that this process was started in, or one that is over.
    ///
    /// `span` is a `&SpanContext`, an `Option` of one, or `None`.
    ///
    /// ```
    /// use obs_core::Baggage;
    /// use obs_trace::propagation::{SpanContext, env::CommandExt as _};
    ///
    /// let span = SpanContext::from_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")?;
    /// let mut step = std::process::Command::new("train-model");
    /// step.arg("--fast").trace_context(&span, &Baggage::new());
    /// step.trace_context(None, &Baggage::new()); // as if there never was a trace
    /// # Ok::<(), obs_trace::propagation::PropagationError>(())
    /// ```
    fn trace_context<'a>(&mut self, span: impl Into<Option<&'a SpanContext>>, baggage: &Baggage)
    -> &mut Self;

    /// [`CommandExt::trace_context`] with the active span of this thread and the baggage of its run context.
    fn current_trace_context(&mut self) -> &mut Self;
}

impl CommandExt for Command {
    fn trace_context<'a>(
        &mut self,
        span: impl Into<Option<&'a SpanContext>>,
        baggage: &Baggage,
    ) -> &mut Self {
        Propagators::default().inject(span, baggage, &mut CommandCarrier::new(self));
        self
    }

    fn current_trace_context(&mut self) -> &mut Self {
        self.trace_context(current().as_ref(), &current_baggage())
    }
}

/// The environment of a child process as a carrier: for single formats, and for formats of others. A header's name
/// becomes that of a variable: upper case, `_` for everything but letters and digits.
#[derive(Debug)]
pub struct CommandCarrier<'a> {
    command: &'a mut Command,
    dropped: u64,
}

impl<'a> CommandCarrier<'a> {
    /// The environment that `command` will start with.
    pub fn new(command: &'a mut Command) -> Self {
        Self { command, dropped: 0 }
    }

    /// How many values were dropped because no environment can hold them: those with a NUL. With one of them the child
    /// could not be started. What [`Propagators`] write never has any.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Injector for CommandCarrier<'_> {
    fn set(&mut self, name: &str, value: String) {
        if value.contains('\0') {
            self.dropped += 1;
            self.remove(name);
        } else {
            self.command.env(variable_name(name), value);
        }
    }

    fn remove(&mut self, name: &str) {
        self.command.env_remove(variable_name(name));
    }
}
