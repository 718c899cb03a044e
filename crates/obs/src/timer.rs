//! [`timer`]: a section of the program, as a span and as a duration.

use crate::global;
use obs_core::active;
use obs_core::names::{canonical, prefix};
use obs_metrics::Metrics;
use obs_trace::SpanGuard;
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

/// Starts a section that ends when the timer drops. It is a span of this name, and the series
/// `acm_stage_duration_seconds{stage="<name>"}`: one name for both, whether or not the span is recorded.
///
/// ```
/// let mut section = obs::timer("features.build");
/// section.set("n_features", 9);
/// drop(section);
/// ```
pub fn timer(name: impl Into<Cow<'static, str>>) -> Timer {
    let name = name.into();
    let span = global::tracer().start_named(name.clone());
    // The end of a recorded span feeds the series.
    let unrecorded = (!span.is_recording()).then(|| {
        let metrics = global::metrics();
        Unrecorded { start: metrics.now(), name, metrics }
    });
    Timer { span, unrecorded }
}

/// A section at work; see [`timer`]. It is the guard of its span.
#[must_use = "the section ends as soon as the timer drops"]
#[derive(Debug)]
pub struct Timer {
    span: SpanGuard,
    unrecorded: Option<Unrecorded>,
}

/// A section whose span is not recorded.
#[derive(Debug)]
struct Unrecorded {
    name: Cow<'static, str>,
    metrics: Metrics,
    start: u64,
}

impl Deref for Timer {
    type Target = SpanGuard;

    fn deref(&self) -> &SpanGuard {
        &self.span
    }
}

impl DerefMut for Timer {
    fn deref_mut(&mut self) -> &mut SpanGuard {
        &mut self.span
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(Unrecorded { name, metrics, start }) = self.unrecorded.take() {
            let seconds = metrics.now().saturating_sub(start) as f64 / 1e9;
            let (stage, context) = (canonical(&name), active::context());
            let equipment = context.as_ref().and_then(|c| c.equipment.as_deref()).unwrap_or_default();
            metrics.observe_stage(stage, prefix(stage), equipment, seconds, None);
        }
    }
}
