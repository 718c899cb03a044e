//! The thread's active span and context: one slot that spans write and that logs, exemplars and the profiler read.
//!
//! The slot is lock-free and holds plain numbers, so that a signal handler interrupting this very thread can read it:
//! see [`read_in_signal_handler`]. Scopes restore what was there before, and are `!Send`, because restoring another
//! thread's slot would be wrong.

mod slot;
mod thread_context;

use crate::context::SharedContext;
use crate::ids::{SpanId, TraceId};
use slot::Slot;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use thread_context::PROCESS_CONTEXT_ID;

pub use slot::Place;
pub use thread_context::{
    ContextScope, attach_context, attached_id, context, context_id, set_context, swap as swap_context,
};

/// The span at work on a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveSpan {
    /// Its trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// Whether the trace is recorded; exemplars and links must not point to one that is not.
    pub sampled: bool,
}

thread_local! {
    // `const` and without a destructor: the first access neither allocates nor registers anything, which is what makes
    // reading it from a signal handler sound in an executable's static TLS.
    static SLOT: Slot = const { Slot::new() };
}

/// The span at work on this thread. `None` outside spans, and while the thread is being torn down.
pub fn span() -> Option<ActiveSpan> {
    place().active()
}

/// Where this thread is.
#[inline]
pub fn place() -> Place {
    SLOT.try_with(Slot::get).unwrap_or(Place::NOWHERE)
}

/// Moves this thread to another place; returns the one it was in. For tracers: [`enter`] restores by itself.
#[inline]
pub fn move_to(place: Place) -> Place {
    SLOT.try_with(|slot| {
        let previous = slot.get();
        slot.set(place);
        previous
    })
    .unwrap_or(Place::NOWHERE)
}

/// Moves this thread to another place, when the one it was in is known already.
#[inline]
pub fn set_place(place: Place) {
    let _ = SLOT.try_with(|slot| slot.set(place));
}

/// Makes `span` the active one until the scope drops; `None` leaves the span for a while.
#[must_use = "the previous span comes back as soon as the scope drops"]
pub fn enter(span: Option<ActiveSpan>) -> SpanScope {
    enter_place(span.into())
}

/// Moves this thread to `place` until the scope drops.
#[inline]
#[must_use = "the previous place comes back as soon as the scope drops"]
pub fn enter_place(place: Place) -> SpanScope {
    SpanScope { previous: move_to(place), _not_send: PhantomData }
}

/// Restores the previous active span when dropped. `!Send`: it belongs to the thread that made it.
#[derive(Debug)]
pub struct SpanScope {
    previous: Place,
    _not_send: PhantomData<*const ()>,
}

impl Drop for SpanScope {
    #[inline]
    fn drop(&mut self) {
        let _ = SLOT.try_with(|slot| slot.set(self.previous));
    }
}

/// The span and context of one thread, to be attached on another.
///
/// ```
/// let here = obs_core::active::capture();
/// std::thread::spawn(move || {
///     let _scope = here.attach();
///     // spans, log lines and samples of this thread now belong to the spawning span
/// })
/// .join()
/// .unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Captured {
    place: Place,
    context: Option<Arc<SharedContext>>,
}

/// Takes this thread's span and context along.
pub fn capture() -> Captured {
    Captured { place: place(), context: thread_context::attached() }
}

impl Captured {
    /// Where the thread was.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The context that was attached to it.
    pub fn context(&self) -> Option<&Arc<SharedContext>> {
        self.context.as_ref()
    }

    /// Attaches both to this thread until the scope drops.
    #[must_use = "the thread's own span and context come back as soon as the scope drops"]
    pub fn attach(&self) -> CapturedScope {
        CapturedScope { _span: enter_place(self.place), _context: attach_context(self.context.clone()) }
    }
}

/// What [`Captured::attach`] changed, restored when dropped.
#[derive(Debug)]
pub struct CapturedScope {
    _span: SpanScope,
    _context: ContextScope,
}

/// What a signal handler finds out about the thread it interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// The span at work; `None` outside spans and in the few instructions that change the slot.
    pub span: Option<ActiveSpan>,
    /// Number of the context (see [`crate::context::by_id`]); zero without one.
    pub context_id: u64,
}

/// Reads the slot of the interrupted thread: no lock, no allocation, no destructor, a dozen loads.
pub fn read_in_signal_handler() -> Interrupted {
    SLOT.try_with(|slot| {
        let own = slot.context.load(Ordering::Relaxed);
        let context_id = if own == 0 { PROCESS_CONTEXT_ID.load(Ordering::Relaxed) } else { own };
        Interrupted { span: if slot.is_torn() { None } else { slot.get().active() }, context_id }
    })
    .unwrap_or(Interrupted { span: None, context_id: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::RunContext;

    fn active(n: u64) -> ActiveSpan {
        ActiveSpan {
            trace_id: TraceId::new(u128::from(n) << 64 | 1).unwrap(),
            span_id: SpanId::new(n).unwrap(),
            sampled: true,
        }
    }

    #[test]
    fn scopes_nest_and_restore() {
        assert_eq!(span(), None);
        let outer = enter(Some(active(1)));
        {
            let _inner = enter(Some(active(2)));
            assert_eq!(span(), Some(active(2)));
            assert_eq!(read_in_signal_handler().span, Some(active(2)));
        }
        assert_eq!(span(), Some(active(1)));
        drop(outer);
        assert_eq!(span(), None);
    }

    #[test]
    fn a_captured_thread_continues_span_and_context() {
        let _context =
            attach_context(Some(RunContext { equip_id: Some(9), ..RunContext::default() }.share()));
        let _span = enter(Some(active(5)));
        let here = capture();
        std::thread::spawn(move || {
            assert_eq!(span(), None);
            let scope = here.attach();
            assert_eq!(span(), Some(active(5)));
            assert_eq!(context().and_then(|c| c.equip_id), Some(9));
            assert_ne!(read_in_signal_handler().context_id, 0);
            drop(scope);
            assert_eq!(span(), None);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_handler_that_interrupts_a_write_reads_no_span() {
        SLOT.with(|slot| {
            slot.set(Some(active(7)).into());
            slot.change(|_| assert_eq!(read_in_signal_handler().span, None));
            assert_eq!(read_in_signal_handler().span, Some(active(7)));
            slot.set(Place::NOWHERE);
        });
    }
}
