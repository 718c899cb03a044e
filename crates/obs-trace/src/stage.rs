//! [`Stage`]: the end of a span as the duration metric sees it.

use obs_core::SharedContext;
use obs_core::active::ActiveSpan;
use std::sync::Arc;

/// A span that ended, as far as a metric of its duration is concerned.
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
    /// The span; `sampled` says whether it is exported, so that an exemplar may point to it.
    pub span: Option<ActiveSpan>,
}

/// Called at the end of every recorded span, on the collector's thread.
pub(crate) type StageObserver = Box<dyn FnMut(&Stage<'_>) + Send>;

impl<'a> Stage<'a> {
    pub(crate) fn new(
        (number, name, category): (u32, &'a str, &'a str),
        context: Option<&'a Arc<SharedContext>>,
        seconds: f64,
        span: Option<ActiveSpan>,
    ) -> Self {
        Self { number, name, category, context, seconds, span }
    }
}
