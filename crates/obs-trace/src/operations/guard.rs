//! [`WorkGuard`]: work that is the active one of its thread.

use super::kind::Kind;
use super::work::Work;
use obs_core::active::{self, ContextScope, SpanScope};
use std::ops::{Deref, DerefMut};

/// Work that is the active one of its thread until it drops, which ends it. `!Send`, as [`SpanGuard`](crate::SpanGuard) is,
/// for the same reason: in async code use [`Operation::scope`](super::Operation::scope).
#[must_use = "the work ends as soon as the guard drops"]
#[derive(Debug)]
pub struct WorkGuard<K: Kind> {
    // In this order: the work ends first, then its thread leaves it.
    work: Work<K>,
    _span: Option<SpanScope>,
    _context: Option<ContextScope>,
}

impl<K: Kind> WorkGuard<K> {
    pub(super) fn new(work: Work<K>) -> Self {
        let span = work.place().map(active::enter_place);
        let is_same = active::attached_id() == work.context().map_or(0, |context| context.id());
        let context = (!is_same).then(|| active::attach_context(work.context().cloned()));
        Self { work, _span: span, _context: context }
    }
}

impl<K: Kind> Deref for WorkGuard<K> {
    type Target = Work<K>;

    fn deref(&self) -> &Work<K> {
        &self.work
    }
}

impl<K: Kind> DerefMut for WorkGuard<K> {
    fn deref_mut(&mut self) -> &mut Work<K> {
        &mut self.work
    }
}
