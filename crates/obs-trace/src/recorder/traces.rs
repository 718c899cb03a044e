//! [`Traces`]: how many spans each trace at work has begun, for the limit per trace.
//!
//! Counted when a span begins, not when it ends: so what is beyond the limit are the late spans and never the parents of
//! those that were kept.
//!
//! The table has a fixed number of places, found by the trace's id. The thread that began a trace counts its own spans
//! without a locked instruction; others have a counter of their own. When all places that a trace may have are taken, it is
//! counted in a map under a lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

const PLACES: usize = 1024;
/// How many places a trace may have.
const TRIES: usize = 8;

/// One trace. As large as a cache line, so that two threads at work on two traces do not share one.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Trace {
    /// The low half of the trace's id, never zero; zero when the place is free.
    id: AtomicU64,
    /// The thread that began it.
    owner: AtomicU64,
    /// Spans that the owner began.
    own: AtomicU32,
    /// Spans that others began.
    others: AtomicU32,
    /// Spans beyond the limit.
    over: AtomicU32,
    /// Roots at work: a process may have several of one trace, when the trace began elsewhere.
    roots: AtomicU32,
}

#[derive(Debug, Default)]
struct Crowded {
    spans: u32,
    over: u32,
    roots: u32,
}

#[derive(Debug)]
pub(crate) struct Traces {
    /// Spans that a trace may have; zero for any number.
    limit: u32,
    places: Box<[Trace]>,
    crowd: Mutex<HashMap<u64, Crowded>>,
    crowd_size: AtomicUsize,
}

/// The table's key of a trace: the half of its id that is random by W3C's rules.
fn key(trace_low: u64) -> u64 {
    trace_low.max(1)
}

impl Traces {
    pub(crate) fn new(limit: u32) -> Self {
        let places = if limit == 0 { 0 } else { PLACES };
        Self {
            limit,
            places: (0..places).map(|_| Trace::default()).collect(),
            crowd: Mutex::default(),
            crowd_size: AtomicUsize::new(0),
        }
    }

    fn crowd(&self) -> MutexGuard<'_, HashMap<u64, Crowded>> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn numbers(key: u64) -> impl Iterator<Item = usize> {
        // Ids need not be random in every bit: tests count them up.
        let first = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        (0..TRIES).map(move |i| (first + i) % PLACES)
    }

    #[inline]
    fn places(&self, key: u64) -> impl Iterator<Item = &Trace> {
        Self::numbers(key).map(|number| &self.places[number])
    }

    #[inline]
    fn find(&self, key: u64) -> Option<&Trace> {
        self.places(key).find(|place| place.id.load(Ordering::Acquire) == key)
    }

    /// A root begins on the thread `owner` (any number but zero). It counts as a span.
    pub(crate) fn begin(&self, trace_low: u64, owner: u64) {
        if self.limit == 0 {
            return;
        }
        let key = key(trace_low);
        if let Some(place) = self.find(key) {
            place.roots.fetch_add(1, Ordering::Relaxed);
            place.others.fetch_add(1, Ordering::Relaxed);
            return;
        }
        for place in self.places(key) {
            // Reserved by a key that no trace has, until the counters are set.
            if place.id.compare_exchange(0, u64::MAX, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                place.owner.store(owner, Ordering::Relaxed);
                place.own.store(1, Ordering::Relaxed);
                place.others.store(0, Ordering::Relaxed);
                place.over.store(0, Ordering::Relaxed);
                place.roots.store(1, Ordering::Relaxed);
                place.id.store(key, Ordering::Release);
                return;
            }
        }
        let mut crowd = self.crowd();
        let trace = crowd.entry(key).or_default();
        trace.roots += 1;
        trace.spans += 1;
        self.crowd_size.store(crowd.len(), Ordering::Relaxed);
    }

    /// A span that is not a root begins on the thread `thread`; false when it is one too many. Spans that outlive every root
    /// of their trace are not counted. `hint` is where the thread found its last trace.
    #[inline]
    pub(crate) fn add(&self, trace_low: u64, thread: u64, hint: &mut usize) -> bool {
        let key = key(trace_low);
        let place = match self.places.get(*hint) {
            Some(place) if place.id.load(Ordering::Acquire) == key => place,
            _ => match self.look_up(key, hint) {
                Some(place) => place,
                None => return self.add_to_crowd(key),
            },
        };
        let (own, others) = (place.own.load(Ordering::Relaxed), place.others.load(Ordering::Relaxed));
        if own.saturating_add(others) >= self.limit {
            place.over.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        if place.owner.load(Ordering::Relaxed) == thread {
            place.own.store(own + 1, Ordering::Relaxed);
        } else {
            place.others.fetch_add(1, Ordering::Relaxed);
        }
        true
    }

    #[cold]
    fn look_up(&self, key: u64, hint: &mut usize) -> Option<&Trace> {
        if self.limit == 0 {
            return None;
        }
        *hint = Self::numbers(key).find(|number| self.places[*number].id.load(Ordering::Acquire) == key)?;
        self.places.get(*hint)
    }

    #[cold]
    fn add_to_crowd(&self, key: u64) -> bool {
        if self.crowd_size.load(Ordering::Relaxed) == 0 {
            return true;
        }
        let mut crowd = self.crowd();
        let Some(trace) = crowd.get_mut(&key) else { return true };
        let fits = trace.spans < self.limit;
        *(if fits { &mut trace.spans } else { &mut trace.over }) += 1;
        fits
    }

    /// A span was told that it is beyond the limit, because its parent was.
    pub(crate) fn add_over(&self, trace_low: u64) {
        if self.limit == 0 {
            return;
        }
        let key = key(trace_low);
        if let Some(place) = self.find(key) {
            place.over.fetch_add(1, Ordering::Relaxed);
        } else if let Some(trace) = self.crowd().get_mut(&key) {
            trace.over += 1;
        }
    }

    /// A root ends; says how many spans of its trace were beyond the limit so far.
    pub(crate) fn end(&self, trace_low: u64) -> u32 {
        if self.limit == 0 {
            return 0;
        }
        let key = key(trace_low);
        if let Some(place) = self.find(key) {
            let over = place.over.load(Ordering::Relaxed);
            if place.roots.fetch_sub(1, Ordering::AcqRel) == 1 {
                place.id.store(0, Ordering::Release);
            }
            return over;
        }
        if self.crowd_size.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        let mut crowd = self.crowd();
        let Some(trace) = crowd.get_mut(&key) else { return 0 };
        let over = trace.over;
        trace.roots = trace.roots.saturating_sub(1);
        if trace.roots == 0 {
            crowd.remove(&key);
        }
        self.crowd_size.store(crowd.len(), Ordering::Relaxed);
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TRC-11
    #[test]
    fn a_trace_has_as_many_spans_as_it_may_whoever_begins_them() {
        let traces = Traces::new(10);
        traces.begin(7, 1);
        let kept = (0..20).filter(|i| traces.add(7, 1 + i % 2, &mut 0)).count();
        assert_eq!(kept, 9, "the root is one of the ten");
        traces.add_over(7);
        assert_eq!(traces.end(7), 12);
        traces.begin(7, 2);
        assert!(traces.add(7, 2, &mut 0), "a new trace starts anew");
    }

    #[test]
    fn a_trace_with_two_roots_is_counted_until_both_have_ended() {
        let traces = Traces::new(3);
        traces.begin(7, 1);
        traces.begin(7, 2);
        assert_eq!(traces.end(7), 0);
        assert!(traces.add(7, 1, &mut 0));
        assert!(!traces.add(7, 1, &mut 0));
        assert_eq!(traces.end(7), 1);
        assert!((0..5).all(|_| traces.add(7, 1, &mut 0)), "without a root nothing is counted");
    }

    #[test]
    fn more_traces_than_places_are_all_counted() {
        let traces = Traces::new(2);
        // Fewer where each step is interpreted.
        let ids: Vec<u64> = (1..=if cfg!(miri) { 1_200 } else { 5_000 }).collect();
        for id in &ids {
            traces.begin(*id, 1);
        }
        for id in &ids {
            assert!(traces.add(*id, 1, &mut 0), "{id}");
            assert!(!traces.add(*id, 1, &mut 0), "{id}");
        }
        assert!(ids.iter().all(|id| traces.end(*id) == 1));
        assert!(traces.crowd().is_empty());
        assert!(traces.places.iter().all(|p| p.id.load(Ordering::Relaxed) == 0));
    }

    #[test]
    fn without_a_limit_nothing_is_kept() {
        let traces = Traces::new(0);
        traces.begin(1, 1);
        assert!((0..5_000).all(|_| traces.add(1, 1, &mut 0)));
        assert_eq!((traces.end(1), traces.places.len()), (0, 0));
    }
}
