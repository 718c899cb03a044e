//! [`llm`] and [`tool`]: what is asked of a model, and what is done for it.

use super::kind::sealed::Recorded;
use super::operation::Operation;
use super::work::Work;
use crate::span::Span;
use crate::tracer::Tracer;
use obs_core::keys;
use std::borrow::Cow;

/// The version of OpenTelemetry's semantic conventions that the keys `gen_ai.*` are of: the first that has all of them. They
/// are not stable yet, so the source's own names (`acm.model`, `acm.messages_count`, …) stand beside them.
pub const GEN_AI_SEMCONV: &str = "1.37.0";

/// A request to a model: see [`llm`].
#[derive(Debug)]
pub struct Llm {
    model: Cow<'static, str>,
    asks: Cow<'static, str>,
    provider: Option<Cow<'static, str>>,
    messages: usize,
    content: Option<usize>,
}

/// A request to a model: a client span `agent.llm_invocation` with `acm.model`, `acm.messages_count`, `acm.has_tool_calls`,
/// `acm.tool_calls_count`, and beside them `gen_ai.operation.name`, `gen_ai.request.model` and what else is told of
/// OpenTelemetry's conventions for generative AI ([`GEN_AI_SEMCONV`]).
///
/// Neither questions nor answers are recorded, unless [`Operation::<Llm>::capture_content`](Operation::capture_content) says so.
///
/// ```
/// use obs_trace::{Tracer, operations};
/// let tracer = Tracer::for_tests();
/// {
///     let mut call = operations::llm(&tracer, "gpt-5").provider("openai").messages(4).start();
///     call.tokens(1200, 350);
///     call.tool_calls(1);
/// }
/// let span = &tracer.take_finished()[0];
/// assert_eq!(span.attribute("gen_ai.usage.input_tokens").and_then(|v| v.as_i64()), Some(1200));
/// assert_eq!(span.attribute("acm.has_tool_calls"), Some(&true.into()));
/// ```
pub fn llm(tracer: &Tracer, model: impl Into<Cow<'static, str>>) -> Operation<Llm> {
    let kind =
        Llm { model: model.into(), asks: Cow::Borrowed("chat"), provider: None, messages: 0, content: None };
    Operation::new(tracer, "agent.llm_invocation", kind)
}

impl Operation<Llm> {
    /// What is asked for (`gen_ai.operation.name`): `chat`, the default, `text_completion`, `generate_content`,
    /// `embeddings`.
    pub fn asks_for(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.kind.asks = operation.into();
        self
    }

    /// Who runs the model (`gen_ai.provider.name`): `openai`, `anthropic`, `aws.bedrock`, …
    pub fn provider(mut self, provider: impl Into<Cow<'static, str>>) -> Self {
        self.kind.provider = Some(provider.into());
        self
    }

    /// How many messages it gets (`acm.messages_count`); default 0.
    pub fn messages(mut self, count: usize) -> Self {
        self.kind.messages = count;
        self
    }

    /// Lets [`Work::<Llm>::input`](Work::input) and [`Work::<Llm>::output`](Work::output) record what was asked and answered,
    /// up to so many bytes of each. Off by default: people's words, and what they paste, end up in every place that traces go
    /// to.
    pub fn capture_content(mut self, most_bytes: usize) -> Self {
        self.kind.content = Some(most_bytes);
        self
    }
}

impl Work<Llm> {
    /// How many tokens question and answer had (`gen_ai.usage.input_tokens`, `gen_ai.usage.output_tokens`).
    pub fn tokens(&mut self, input: u64, output: u64) {
        self.set(keys::GEN_AI_USAGE_INPUT_TOKENS, input);
        self.set(keys::GEN_AI_USAGE_OUTPUT_TOKENS, output);
    }

    /// How many tools the answer asks for (`acm.has_tool_calls`, `acm.tool_calls_count`).
    pub fn tool_calls(&mut self, count: usize) {
        self.set("has_tool_calls", count > 0);
        self.set("tool_calls_count", count);
    }

    /// What was asked, as the conventions' JSON or as text (`gen_ai.input.messages`). Does nothing unless
    /// [`Operation::<Llm>::capture_content`](Operation::capture_content) was called; what is cut off ends in `…`.
    pub fn input(&mut self, messages: &str) {
        self.content(keys::GEN_AI_INPUT_MESSAGES, messages);
    }

    /// What was answered (`gen_ai.output.messages`), as [`Work::<Llm>::input`](Work::input).
    pub fn output(&mut self, messages: &str) {
        self.content(keys::GEN_AI_OUTPUT_MESSAGES, messages);
    }

    fn content(&mut self, key: &'static str, text: &str) {
        match self.kind.content {
            Some(most) if text.len() > most => {
                let kept = &text[..text.floor_char_boundary(most)];
                self.set(key, format!("{kept}…"));
            }
            Some(_) => self.set(key, text),
            None => {}
        }
    }
}

impl Recorded for Llm {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        if !span.is_recording() {
            return;
        }
        span.set("model", self.model.as_ref());
        span.set("messages_count", self.messages);
        span.set("has_tool_calls", false);
        span.set("tool_calls_count", 0);
        span.set(keys::GEN_AI_OPERATION_NAME, self.asks.as_ref());
        span.set(keys::GEN_AI_REQUEST_MODEL, self.model.as_ref());
        if let Some(provider) = &self.provider {
            span.set(keys::GEN_AI_PROVIDER_NAME, provider.as_ref());
        }
    }
}

/// A tool that runs for a model: see [`tool`].
#[derive(Debug)]
pub struct Tool {
    name: Cow<'static, str>,
}

/// A tool that runs for a model: a span `agent.tool_call` with `gen_ai.tool.name` and `gen_ai.operation.name`
/// (`execute_tool`). Arguments and result are not recorded.
pub fn tool(tracer: &Tracer, name: impl Into<Cow<'static, str>>) -> Operation<Tool> {
    Operation::new(tracer, "agent.tool_call", Tool { name: name.into() })
}

impl Recorded for Tool {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        if span.is_recording() {
            span.set(keys::GEN_AI_TOOL_NAME, self.name.as_ref());
            span.set(keys::GEN_AI_OPERATION_NAME, "execute_tool");
        }
    }
}
