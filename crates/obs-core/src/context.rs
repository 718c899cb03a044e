//! [`RunContext`]: what every item of every signal carries.

use crate::baggage::{Baggage, BaggagePolicy};
use crate::ids::RunId;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The identity of a run, set once and carried by every span, log line, sample and exemplar recorded after.
///
/// ```
/// use obs_core::RunContext;
/// let context = RunContext { equipment: Some("FD_FAN".into()), equip_id: Some(7), ..RunContext::default() };
/// assert_eq!(context.batch_num, None); // absent, not zero, when this is not a batch
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunContext {
    /// The run (`acm.run_id`).
    pub run_id: Option<RunId>,
    /// Name of the equipment (`acm.equipment`).
    pub equipment: Option<String>,
    /// Number of the equipment in the plant's register (`acm.equip_id`).
    pub equip_id: Option<i64>,
    /// Which batch of `batch_total` this is, from 1 (`acm.batch_num`).
    pub batch_num: Option<u32>,
    /// How many batches there are (`acm.batch_total`).
    pub batch_total: Option<u32>,
    /// The request this work answers.
    pub request_id: Option<String>,
    /// The tenant this work is for.
    pub tenant_id: Option<String>,
    /// The component at work.
    pub component: Option<String>,
    /// The operation at work.
    pub operation: Option<String>,
    /// What the caller sent along, which goes on to whoever is called. Nothing of it is recorded.
    pub baggage: Baggage,
    /// Entries of baggage that are recorded, under keys with the prefix `baggage.`: those that a policy allowed. See
    /// [`RunContext::with_baggage`].
    pub recorded_baggage: Vec<(String, String)>,
}

/// A [`RunContext`] in use: shared, and known by a number that a signal handler can read.
#[derive(Debug)]
pub struct SharedContext {
    id: u64,
    context: RunContext,
}

impl SharedContext {
    /// The number of this context in this process; never zero.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl std::ops::Deref for SharedContext {
    type Target = RunContext;

    fn deref(&self) -> &RunContext {
        &self.context
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);
static LIVE: Mutex<Live> = Mutex::new(Live { contexts: Vec::new(), prune_at: 64 });

/// The contexts in use, oldest first.
struct Live {
    contexts: Vec<Weak<SharedContext>>,
    /// How many there are when those no longer in use are next taken out: so a service that makes one per request pays for
    /// each only once.
    prune_at: usize,
}

impl Live {
    fn add(&mut self, context: &Arc<SharedContext>) {
        if self.contexts.len() >= self.prune_at {
            self.contexts.retain(|c| c.strong_count() > 0);
            self.prune_at = (2 * self.contexts.len()).max(64);
        }
        self.contexts.push(Arc::downgrade(context));
    }
}

impl RunContext {
    /// The same context with this baggage, of which what `policy` allows is recorded as well: attributes of spans and fields
    /// of log lines, `baggage.tenant` for the key `tenant`.
    ///
    /// ```
    /// use obs_core::{Baggage, BaggagePolicy, RunContext};
    /// let (baggage, _) = Baggage::parse("tenant=north,session=5f2c");
    /// let policy = BaggagePolicy { allow: vec!["tenant".into()] };
    /// let context = RunContext::default().with_baggage(baggage, &policy);
    /// assert_eq!(context.recorded_baggage, [("tenant".to_owned(), "north".to_owned())]);
    /// assert_eq!(context.baggage.len(), 2);
    /// ```
    #[must_use = "the context is returned, not changed in place"]
    pub fn with_baggage(self, baggage: Baggage, policy: &BaggagePolicy) -> Self {
        let recorded = policy.allowed(&baggage).map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self { recorded_baggage: recorded.collect(), baggage, ..self }
    }

    /// Puts the context to use.
    pub fn share(self) -> Arc<SharedContext> {
        let shared = Arc::new(SharedContext { id: NEXT.fetch_add(1, Ordering::Relaxed), context: self });
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).add(&shared);
        shared
    }
}

/// The context with this number, while anything still uses it.
pub fn by_id(id: u64) -> Option<Arc<SharedContext>> {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    live.contexts.iter().filter_map(Weak::upgrade).find(|c| c.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_found_by_number_while_in_use() {
        let shared = RunContext { equip_id: Some(3), ..RunContext::default() }.share();
        let id = shared.id();
        assert_eq!(by_id(id).and_then(|c| c.equip_id), Some(3));
        drop(shared);
        assert!(by_id(id).is_none());
    }
}
