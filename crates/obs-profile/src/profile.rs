//! [`Profile`]: what was sampled between two moments.

use crate::symbols::{self, Module, Symbols};
use obs_core::{SharedContext, SpanId, TraceId};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The CPU samples of a stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// When sampling began, in nanoseconds since the Unix epoch.
    pub start_ns: u64,
    /// When it ended, in nanoseconds since the Unix epoch.
    pub end_ns: u64,
    /// CPU time that one sample stands for, in nanoseconds.
    pub period_ns: u64,
    /// The samples, alike ones merged, in a fixed order.
    pub samples: Vec<Sample>,
    /// Samples that found no room; they are in the ledger as dropped for [`obs_core::DropReason::Limit`].
    pub dropped: u64,
    /// The files that the stacks point into, by address.
    pub modules: Vec<Module>,
    symbols: OnceLock<Arc<Symbols>>,
}

/// One stack and how often it was seen in one span.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Addresses, innermost first: the interrupted instruction, then the last byte of each call.
    pub stack: Vec<usize>,
    /// Periods of CPU time spent there.
    pub count: u64,
    /// The trace at work, if it is recorded.
    pub trace_id: Option<TraceId>,
    /// The span at work, if it is recorded.
    pub span_id: Option<SpanId>,
    /// The run at work.
    pub context: Option<Arc<SharedContext>>,
}

impl Profile {
    /// A profile of these samples, each standing for `period_ns` of CPU time.
    pub fn new(period_ns: u64, samples: Vec<Sample>) -> Self {
        Self { period_ns, samples, ..Self::default() }
    }

    /// A profile whose functions the caller names: for profiles of other processes.
    #[must_use]
    pub fn with_symbols(mut self, symbols: Symbols) -> Self {
        self.symbols = OnceLock::from(Arc::new(symbols));
        self
    }

    /// Periods of CPU time, all samples together.
    pub fn count(&self) -> u64 {
        self.samples.iter().map(|s| s.count).sum()
    }

    /// The names of all addresses. The first call looks them up, in this process: files are read, and it takes
    /// milliseconds; keep it off the hot path.
    pub fn symbols(&self) -> &Symbols {
        self.symbols.get_or_init(|| {
            let addresses: BTreeSet<usize> =
                self.samples.iter().flat_map(|s| s.stack.iter().copied()).collect();
            Arc::new(Symbols::resolve(&self.modules, addresses))
        })
    }

    /// The samples that a filter lets through.
    pub fn matching(&self, filter: Filter) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |s| filter.matches(s))
    }

    /// Name of the function around an address of one of the samples.
    pub(crate) fn function_name(&self, address: usize) -> &str {
        self.symbols().function(address).map_or("[unknown]", |f| &f.name)
    }

    /// The module that holds an address.
    pub(crate) fn module_of(&self, address: usize) -> Option<usize> {
        symbols::module_of(&self.modules, address)
    }
}

/// Which samples of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those of one trace.
    Trace(TraceId),
    /// Those of one span, its children not included.
    Span(SpanId),
}

impl Filter {
    /// Whether it lets a sample through.
    pub fn matches(self, sample: &Sample) -> bool {
        match self {
            Self::All => true,
            Self::Trace(id) => sample.trace_id == Some(id),
            Self::Span(id) => sample.span_id == Some(id),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("whole profile"),
            Self::Trace(id) => write!(f, "trace {id}"),
            Self::Span(id) => write!(f, "span {id}"),
        }
    }
}
