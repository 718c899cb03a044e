//! The run context of threads and of the process: which one is in force, and how it changes.

use super::SLOT;
use crate::context::{RunContext, SharedContext};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

thread_local! {
    static CONTEXT: RefCell<Option<Arc<SharedContext>>> = const { RefCell::new(None) };
}

static PROCESS_CONTEXT: RwLock<Option<Arc<SharedContext>>> = RwLock::new(None);
pub(super) static PROCESS_CONTEXT_ID: AtomicU64 = AtomicU64::new(0);

/// The context of this thread: the one attached to it, else the process's.
pub fn context() -> Option<Arc<SharedContext>> {
    attached().or_else(|| PROCESS_CONTEXT.read().unwrap_or_else(PoisonError::into_inner).clone())
}

/// The number of [`context`], zero without one: two loads, so that whoever keeps a context knows at no cost whether it is
/// still the one in force. Numbers are never used again.
#[inline]
pub fn context_id() -> u64 {
    let own = attached_id();
    if own == 0 { PROCESS_CONTEXT_ID.load(Ordering::Relaxed) } else { own }
}

/// The number of the context attached to this thread, zero without one: a load.
#[inline]
pub fn attached_id() -> u64 {
    SLOT.try_with(|slot| slot.context.load(Ordering::Relaxed)).unwrap_or(0)
}

/// The context attached to this thread.
pub(super) fn attached() -> Option<Arc<SharedContext>> {
    CONTEXT.try_with(|c| c.try_borrow().ok().and_then(|c| c.clone())).ok().flatten()
}

/// Sets the process's context: everything recorded from now on carries it, unless a thread attached its own.
pub fn set_context(context: RunContext) -> Arc<SharedContext> {
    let shared = context.share();
    let mut current = PROCESS_CONTEXT.write().unwrap_or_else(PoisonError::into_inner);
    *current = Some(Arc::clone(&shared));
    // Under the lock, so that of two threads that set one the number is of the context that stays.
    PROCESS_CONTEXT_ID.store(shared.id(), Ordering::Relaxed);
    drop(current);
    shared
}

/// Attaches a context to this thread until the scope drops.
#[must_use = "the previous context comes back as soon as the scope drops"]
pub fn attach_context(context: Option<Arc<SharedContext>>) -> ContextScope {
    ContextScope { previous: swap(context), _not_send: PhantomData }
}

/// Attaches a context to this thread; returns the one that was.
pub fn swap(context: Option<Arc<SharedContext>>) -> Option<Arc<SharedContext>> {
    let id = context.as_ref().map_or(0, |c| c.id());
    let previous = CONTEXT.try_with(|c| c.replace(context)).ok().flatten();
    let _ = SLOT.try_with(|slot| slot.context.store(id, Ordering::Relaxed));
    previous
}

/// Restores the previous context when dropped. `!Send`: it belongs to the thread that made it.
#[derive(Debug)]
pub struct ContextScope {
    previous: Option<Arc<SharedContext>>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for ContextScope {
    fn drop(&mut self) {
        swap(self.previous.take());
    }
}
