//! [`Local`]: what a thread keeps for each tracer that it records for.

use super::layout;
use super::open::{Name, OpenSpan};
use super::ring::{Producer, Pushed};
use crate::tracer::Inner;
use obs_core::active::{Place, set_place};
use obs_core::ids::ThreadIds;
use obs_core::{SharedContext, SpanId};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Spans that a thread keeps for reuse.
const POOL: usize = 128;

/// What a thread keeps for one tracer.
pub(crate) struct Local {
    tracer: Arc<Inner>,
    /// A number that no other thread has.
    pub(crate) thread: u64,
    pub(crate) output: Output,
    pub(crate) ids: ThreadIds,
    /// Where the trace of the last span is counted.
    pub(crate) trace_hint: usize,
    #[expect(clippy::vec_box, reason = "a span moves between guard and pool as one word")]
    pool: Vec<Box<OpenSpan>>,
}

/// Where a thread's records go.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) producer: Producer,
    /// The context of the last record, and its number.
    context: Option<Arc<SharedContext>>,
    context_id: u64,
}

impl Output {
    pub(crate) fn new(producer: Producer) -> Self {
        Self { producer, context: None, context_id: 0 }
    }

    /// Appends the record of a finished span.
    #[inline]
    pub(crate) fn push(&mut self, open: &OpenSpan) -> Pushed {
        if self.context_id != open.context_id && !self.change_context(open) {
            return self.lost();
        }
        match self.producer.push(&open.words) {
            Pushed::Lost => self.lost(),
            pushed => pushed,
        }
    }

    /// Tells the collector that records are of another context from here on.
    #[cold]
    fn change_context(&mut self, open: &OpenSpan) -> bool {
        self.producer.ring.push_context(open.context.clone());
        let told = self.producer.push(&[layout::head(1, layout::CONTEXT, 0, 0, 0)]) != Pushed::Lost;
        if told {
            self.context.clone_from(&open.context);
            self.context_id = open.context_id;
        } else {
            self.producer.ring.take_back_context();
        }
        told
    }

    #[cold]
    fn lost(&self) -> Pushed {
        self.producer.ring.counts.lost.add_one();
        Pushed::Lost
    }
}

impl Local {
    /// A span from the pool, at work in `place`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a place passed through memory is slow to read back")]
    pub(crate) fn begin(&mut self, name: Name<'_>, place: Place, parent: u64, flags: u8) -> Box<OpenSpan> {
        self.output.producer.ring.counts.begun.add_one();
        let mut open = self.pool.pop().unwrap_or_else(|| OpenSpan::new(Arc::clone(&self.tracer)));
        open.begin(name, place, parent, flags);
        open
    }

    /// The id of another span.
    #[inline]
    pub(crate) fn span_id(&mut self) -> SpanId {
        self.ids.span_id(&self.tracer.ids)
    }

    /// A span from the pool that is only a place for its children to be.
    #[inline]
    pub(crate) fn begin_unrecorded(&mut self, place: Place) -> Box<OpenSpan> {
        let mut open = self.pool.pop().unwrap_or_else(|| OpenSpan::new(Arc::clone(&self.tracer)));
        open.place = place;
        open
    }

    /// Hands over a finished span.
    #[inline]
    fn end(&mut self, mut open: Box<OpenSpan>, is_recording: bool) {
        if is_recording && self.output.push(&open) != Pushed::Done {
            self.tracer.nudge();
        }
        if self.pool.len() < POOL {
            open.tidy();
            self.pool.push(open);
        }
    }
}

/// What a thread keeps, for every tracer.
#[derive(Default)]
struct Locals {
    list: Vec<Local>,
    /// The one that was used last.
    last: usize,
}

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals { list: Vec::new(), last: 0 }) };
}

static THREADS: AtomicU64 = AtomicU64::new(1);

/// Calls `f` with what this thread keeps for `tracer`. `None` when the thread is being torn down, or there is no room for
/// another thread's records.
#[inline]
pub(crate) fn with<R>(tracer: &Arc<Inner>, f: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCALS
        .try_with(|cell| {
            let mut locals = cell.try_borrow_mut().ok()?;
            let last = locals.last;
            if let Some(local) = locals.list.get_mut(last)
                && local.tracer.id == tracer.id
            {
                return Some(f(local));
            }
            locals.find(tracer).map(f)
        })
        .ok()
        .flatten()
}

/// Ends the span that its thread is in, and takes the thread back to where it was.
#[inline(never)]
pub(crate) fn end_entered(open: Box<OpenSpan>) {
    let previous = open.previous;
    end_now(open);
    set_place(previous);
}

/// Ends a span: completes its record and hands it over.
#[inline(never)]
pub(crate) fn end(open: Box<OpenSpan>) {
    end_now(open);
}

#[inline]
fn end_now(mut open: Box<OpenSpan>) {
    let is_recording = open.is_recording();
    if is_recording {
        let end = open.tracer.clock.ticks();
        if open.tracer.is_closed() || open.tracer.is_left_behind() {
            // Entered as unfinished when the tracer closed; or the account is another process's.
            return;
        }
        open.conclude(end);
    } else {
        open.tracer.end_unrecorded(open.place);
    }
    let rest = LOCALS.try_with(|cell| {
        let Ok(mut locals) = cell.try_borrow_mut() else { return Some(open) };
        let last = locals.last;
        let known = match locals.list.get_mut(last) {
            Some(local) if local.tracer.id == open.tracer.id => Some(local),
            _ => locals.find(&Arc::clone(&open.tracer)),
        };
        let Some(local) = known else { return Some(open) };
        local.end(open, is_recording);
        None
    });
    if let Ok(Some(open)) = rest
        && is_recording
    {
        end_stray(&open);
    }
}

/// Ends a span on a thread that keeps nothing any longer.
#[cold]
fn end_stray(open: &OpenSpan) {
    open.tracer.with_stray(|output| {
        output.push(open);
    });
}

impl Locals {
    #[cold]
    fn find(&mut self, tracer: &Arc<Inner>) -> Option<&mut Local> {
        let known = self.list.iter().position(|l| l.tracer.id == tracer.id);
        self.last = match known {
            Some(at) => at,
            None => self.add(tracer)?,
        };
        self.list.get_mut(self.last)
    }

    fn add(&mut self, tracer: &Arc<Inner>) -> Option<usize> {
        let output = Output::new(tracer.connect()?);
        // Those of tracers that have closed are of no use; a thread that outlives many tracers must not collect them.
        self.list.retain(|local| !local.tracer.is_closed());
        let thread = THREADS.fetch_add(1, Ordering::Relaxed);
        self.list.push(Local {
            tracer: Arc::clone(tracer),
            thread,
            output,
            ids: ThreadIds::new(&tracer.ids),
            trace_hint: 0,
            pool: Vec::new(),
        });
        Some(self.list.len() - 1)
    }
}
