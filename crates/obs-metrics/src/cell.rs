//! The numbers behind the handles: [`Counter`], [`Gauge`], [`Histogram`].

mod counter;
mod gauge;
mod histogram;

pub use counter::Counter;
pub use gauge::Gauge;
pub use histogram::Histogram;

use sealed::Sealed;

/// A kind of instrument: what a [`crate::Family`] is made of.
pub trait Instrument: Clone + std::fmt::Debug + Sealed {}

pub(crate) mod sealed {
    use crate::family::{AnyFamily, Inner};
    use crate::snapshot::{Kind, Value};
    use obs_core::Clock;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Closed: every encoder must know every kind.
    pub trait Sealed: Sized + Send + Sync + 'static {
        const KIND: Kind;

        fn make(rules: &Arc<Rules>) -> Self;

        fn read(&self) -> Value;

        fn erase(family: Arc<Inner<Self>>) -> AnyFamily;

        fn recover(family: &AnyFamily) -> Option<Arc<Inner<Self>>>;
    }

    /// What all series of a family share.
    #[derive(Debug)]
    pub struct Rules {
        pub(crate) clock: Clock,
        /// Smallest and largest value accepted, both included.
        pub(crate) accept: (f64, f64),
        /// Upper bounds of the buckets without `+Inf`; empty for anything but histograms.
        pub(crate) bounds: Arc<[f64]>,
        /// Values refused so far.
        pub(crate) rejected: AtomicU64,
    }

    impl Rules {
        /// Whether the value may be recorded; a refusal is counted. NaN is inside no range.
        pub(crate) fn accepts(&self, value: f64) -> bool {
            let ok = value >= self.accept.0 && value <= self.accept.1;
            if !ok {
                self.rejected.fetch_add(1, Ordering::Relaxed);
            }
            ok
        }
    }
}
