//! The thread's active span and context: one slot that spans write and that logs, exemplars and the profiler read.
//!
//! The slot is lock-free and holds plain numbers, so that a signal handler interrupting this very thread can read it:
//! see [`read_in_signal_handler`]. Scopes restore what was there before, and are `!Send`, because restoring another
//! thread's slot would be wrong.

use crate::context::{RunContext, SharedContext};
use crate::ids::{SpanId, TraceId};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, compiler_fence};
use std::sync::{Arc, PoisonError, RwLock};

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

struct Slot {
    /// Set while a write is under way: a signal handler that sees it set reads nothing.
    torn: AtomicBool,
    sampled: AtomicBool,
    trace_high: AtomicU64,
    trace_low: AtomicU64,
    span: AtomicU64,
    context: AtomicU64,
}

thread_local! {
    // `const` and without a destructor: the first access neither allocates nor registers anything, which is what makes
    // reading it from a signal handler sound in an executable's static TLS.
    static SLOT: Slot = const { Slot {
        torn: AtomicBool::new(false),
        sampled: AtomicBool::new(false),
        trace_high: AtomicU64::new(0),
        trace_low: AtomicU64::new(0),
        span: AtomicU64::new(0),
        context: AtomicU64::new(0),
    } };
    static CONTEXT: RefCell<Option<Arc<SharedContext>>> = const { RefCell::new(None) };
}

static PROCESS_CONTEXT: RwLock<Option<Arc<SharedContext>>> = RwLock::new(None);
static PROCESS_CONTEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Slot {
    /// Only this thread writes and only this thread's signal handler interrupts it, so ordering against the compiler
    /// is all that is needed.
    fn change(&self, write: impl FnOnce(&Self)) {
        self.torn.store(true, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        write(self);
        compiler_fence(Ordering::SeqCst);
        self.torn.store(false, Ordering::Relaxed);
    }

    fn set_span(&self, span: Option<ActiveSpan>) {
        let trace = span.map_or(0, |s| s.trace_id.get());
        self.change(|slot| {
            slot.trace_high.store((trace >> 64) as u64, Ordering::Relaxed);
            slot.trace_low.store(trace as u64, Ordering::Relaxed);
            slot.span.store(span.map_or(0, |s| s.span_id.get()), Ordering::Relaxed);
            slot.sampled.store(span.is_some_and(|s| s.sampled), Ordering::Relaxed);
        });
    }

    fn span(&self) -> Option<ActiveSpan> {
        let span_id = SpanId::new(self.span.load(Ordering::Relaxed))?;
        let trace = u128::from(self.trace_high.load(Ordering::Relaxed)) << 64
            | u128::from(self.trace_low.load(Ordering::Relaxed));
        Some(ActiveSpan {
            trace_id: TraceId::new(trace)?,
            span_id,
            sampled: self.sampled.load(Ordering::Relaxed),
        })
    }
}

/// The span at work on this thread. `None` outside spans, and while the thread is being torn down.
pub fn span() -> Option<ActiveSpan> {
    SLOT.try_with(Slot::span).ok().flatten()
}

/// Makes `span` the active one until the scope drops; `None` leaves the span for a while.
#[must_use = "the previous span comes back as soon as the scope drops"]
pub fn enter(span: Option<ActiveSpan>) -> SpanScope {
    let previous = self::span();
    let _ = SLOT.try_with(|slot| slot.set_span(span));
    SpanScope { previous, _not_send: PhantomData }
}

/// Restores the previous active span when dropped. `!Send`: it belongs to the thread that made it.
#[derive(Debug)]
pub struct SpanScope {
    previous: Option<ActiveSpan>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for SpanScope {
    fn drop(&mut self) {
        let _ = SLOT.try_with(|slot| slot.set_span(self.previous));
    }
}

/// The context of this thread: the one attached to it, else the process's.
pub fn context() -> Option<Arc<SharedContext>> {
    let own = CONTEXT.try_with(|c| c.try_borrow().ok().and_then(|c| c.clone())).ok().flatten();
    own.or_else(|| PROCESS_CONTEXT.read().unwrap_or_else(PoisonError::into_inner).clone())
}

/// Sets the process's context: everything recorded from now on carries it, unless a thread attached its own.
pub fn set_context(context: RunContext) -> Arc<SharedContext> {
    let shared = context.share();
    *PROCESS_CONTEXT.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&shared));
    PROCESS_CONTEXT_ID.store(shared.id(), Ordering::Relaxed);
    shared
}

/// Attaches a context to this thread until the scope drops.
#[must_use = "the previous context comes back as soon as the scope drops"]
pub fn attach_context(context: Option<Arc<SharedContext>>) -> ContextScope {
    let id = context.as_ref().map_or(0, |c| c.id());
    let previous = CONTEXT.try_with(|c| c.replace(context)).ok().flatten();
    let _ = SLOT.try_with(|slot| slot.context.store(id, Ordering::Relaxed));
    ContextScope { previous, _not_send: PhantomData }
}

/// Restores the previous context when dropped. `!Send`: it belongs to the thread that made it.
#[derive(Debug)]
pub struct ContextScope {
    previous: Option<Arc<SharedContext>>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for ContextScope {
    fn drop(&mut self) {
        let previous = self.previous.take();
        let id = previous.as_ref().map_or(0, |c| c.id());
        let _ = CONTEXT.try_with(|c| c.replace(previous));
        let _ = SLOT.try_with(|slot| slot.context.store(id, Ordering::Relaxed));
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
    span: Option<ActiveSpan>,
    context: Option<Arc<SharedContext>>,
}

/// Takes this thread's span and context along.
pub fn capture() -> Captured {
    Captured { span: span(), context: CONTEXT.try_with(|c| c.borrow().clone()).ok().flatten() }
}

impl Captured {
    /// Attaches both to this thread until the scope drops.
    #[must_use = "the thread's own span and context come back as soon as the scope drops"]
    pub fn attach(&self) -> CapturedScope {
        CapturedScope { _span: enter(self.span), _context: attach_context(self.context.clone()) }
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
        let torn = slot.torn.load(Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        Interrupted { span: if torn { None } else { slot.span() }, context_id }
    })
    .unwrap_or(Interrupted { span: None, context_id: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            slot.set_span(Some(active(7)));
            slot.change(|_| assert_eq!(read_in_signal_handler().span, None));
            assert_eq!(read_in_signal_handler().span, Some(active(7)));
            slot.set_span(None);
        });
    }
}
