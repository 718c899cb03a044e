//! [`Stage`]: the end of a span as the metric of durations sees it.

use crate::active::ActiveSpan;
use crate::context::SharedContext;
use std::sync::Arc;

/// A span that ended, as far as a metric of its duration is concerned: what the tracer tells, and the metrics take.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// A number that stands for the name for as long as the process runs; zero for a name that has none. Equal names have
    /// equal numbers, so that an observer can keep what it looked up.
    pub number: u32,
    /// The canonical name.
    pub name: &'a str,
    /// The part of the name before its first dot.
    pub category: &'a str,
    /// The run it belongs to.
    pub context: Option<&'a Arc<SharedContext>>,
    /// Its length.
    pub seconds: f64,
    /// When it ended, nanoseconds since the Unix epoch.
    pub end: u64,
    /// The span; `sampled` says whether it is exported, so that an exemplar may point to it.
    pub span: Option<ActiveSpan>,
}
