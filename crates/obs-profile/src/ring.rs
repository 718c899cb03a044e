//! [`Ring`]: where the signal handler leaves its samples.
//!
//! Bounded, allocated once, many writers, one reader. Writers never wait: they claim a slot or count the sample as
//! dropped. The scheme is the array queue of Dmitry Vyukov (1024cores.net, "bounded MPMC queue"): each slot's `turn`
//! says whose turn it is, so that a writer interrupted half way delays the reader but corrupts nothing.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Frames a sample keeps; deeper stacks lose their outermost frames.
pub(crate) const MAX_FRAMES: usize = 128;

/// How often a writer tries to claim a slot before it gives up; only losing this many races in a row drops a sample.
const CLAIM_ATTEMPTS: usize = 64;

/// Everything is an atomic so that no `unsafe` is needed; `turn` orders the rest.
struct Slot {
    turn: AtomicUsize,
    depth: AtomicUsize,
    weight: AtomicU64,
    trace_high: AtomicU64,
    trace_low: AtomicU64,
    span: AtomicU64,
    context: AtomicU64,
    frames: [AtomicUsize; MAX_FRAMES],
}

/// One sample as the handler saw it: numbers only, zero for absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawSample {
    /// Addresses, innermost first: the interrupted instruction, then return addresses.
    pub(crate) stack: Vec<usize>,
    /// Periods of CPU time it stands for.
    pub(crate) weight: u64,
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) context_id: u64,
}

/// A bounded queue of samples.
pub(crate) struct Ring {
    slots: Box<[Slot]>,
    head: AtomicUsize,
    tail: Mutex<usize>,
    dropped: AtomicU64,
}

/// A slot being filled; others see it once this drops.
pub(crate) struct Claim<'a> {
    slot: &'a Slot,
    turn: usize,
    depth: usize,
}

impl Ring {
    /// `capacity` is at least 2.
    pub(crate) fn new(capacity: usize) -> Self {
        let slot = |turn| Slot {
            turn: AtomicUsize::new(turn),
            depth: AtomicUsize::new(0),
            weight: AtomicU64::new(0),
            trace_high: AtomicU64::new(0),
            trace_low: AtomicU64::new(0),
            span: AtomicU64::new(0),
            context: AtomicU64::new(0),
            frames: [const { AtomicUsize::new(0) }; MAX_FRAMES],
        };
        Self {
            slots: (0..capacity.max(2)).map(slot).collect(),
            head: AtomicUsize::new(0),
            tail: Mutex::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    fn slot(&self, position: usize) -> &Slot {
        &self.slots[position % self.slots.len()]
    }

    /// Claims a slot for a sample of this weight, or counts the weight as dropped. For signal handlers: no lock, no
    /// allocation, no unbounded loop.
    pub(crate) fn claim(&self, weight: u64) -> Option<Claim<'_>> {
        let mut head = self.head.load(Ordering::Relaxed);
        for _ in 0..CLAIM_ATTEMPTS {
            let slot = self.slot(head);
            let turn = slot.turn.load(Ordering::Acquire);
            if turn == head {
                let next = head.wrapping_add(1);
                match self.head.compare_exchange_weak(head, next, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => {
                        slot.weight.store(weight, Ordering::Relaxed);
                        return Some(Claim { slot, turn: next, depth: 0 });
                    }
                    Err(now) => head = now,
                }
            } else if (turn.wrapping_sub(head) as isize) < 0 {
                break; // the reader has not emptied this slot: full
            } else {
                head = self.head.load(Ordering::Relaxed);
            }
        }
        self.dropped.fetch_add(weight, Ordering::Relaxed);
        None
    }

    /// Hands over the finished samples, oldest first, and stops at the first one still being written.
    pub(crate) fn drain(&self, mut each: impl FnMut(RawSample)) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let slot = self.slot(*tail);
            if slot.turn.load(Ordering::Acquire) != tail.wrapping_add(1) {
                return;
            }
            let depth = slot.depth.load(Ordering::Relaxed).min(MAX_FRAMES);
            let sample = RawSample {
                stack: slot.frames[..depth].iter().map(|f| f.load(Ordering::Relaxed)).collect(),
                weight: slot.weight.load(Ordering::Relaxed),
                trace_id: u128::from(slot.trace_high.load(Ordering::Relaxed)) << 64
                    | u128::from(slot.trace_low.load(Ordering::Relaxed)),
                span_id: slot.span.load(Ordering::Relaxed),
                context_id: slot.context.load(Ordering::Relaxed),
            };
            slot.turn.store(tail.wrapping_add(self.slots.len()), Ordering::Release);
            *tail = tail.wrapping_add(1);
            each(sample);
        }
    }

    /// Whether every claimed slot has been handed over.
    pub(crate) fn is_empty(&self) -> bool {
        *self.tail.lock().unwrap_or_else(PoisonError::into_inner) == self.head.load(Ordering::Acquire)
    }

    /// Weight of the samples dropped since the last call.
    pub(crate) fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

impl Claim<'_> {
    /// Adds a frame, outwards; `false` once the slot is full.
    pub(crate) fn push(&mut self, address: usize) -> bool {
        let Some(frame) = self.slot.frames.get(self.depth) else { return false };
        frame.store(address, Ordering::Relaxed);
        self.depth += 1;
        true
    }

    /// Says whose sample it is; zero for absent.
    pub(crate) fn label(&self, trace_id: u128, span_id: u64, context_id: u64) {
        self.slot.trace_high.store((trace_id >> 64) as u64, Ordering::Relaxed);
        self.slot.trace_low.store(trace_id as u64, Ordering::Relaxed);
        self.slot.span.store(span_id, Ordering::Relaxed);
        self.slot.context.store(context_id, Ordering::Relaxed);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.slot.depth.store(self.depth, Ordering::Relaxed);
        self.slot.turn.store(self.turn, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(ring: &Ring, stack: &[usize], span_id: u64) -> bool {
        ring.claim(1).is_some_and(|mut claim| {
            claim.label(1 << 64 | 2, span_id, 3);
            stack.iter().all(|a| claim.push(*a))
        })
    }

    fn drain(ring: &Ring) -> Vec<RawSample> {
        let mut samples = Vec::new();
        ring.drain(|s| samples.push(s));
        samples
    }

    #[test]
    fn samples_come_out_whole_and_in_order() {
        let ring = Ring::new(4);
        for round in 0..10 {
            assert!(push(&ring, &[1, 2, 3], round + 1));
            assert!(push(&ring, &[4], round + 2));
            let samples = drain(&ring);
            assert_eq!(samples.len(), 2);
            assert_eq!(
                samples[0],
                RawSample {
                    stack: vec![1, 2, 3],
                    weight: 1,
                    trace_id: 1 << 64 | 2,
                    span_id: round + 1,
                    context_id: 3
                }
            );
            assert_eq!(samples[1].stack, [4]);
        }
    }

    #[test]
    fn a_full_ring_counts_what_it_drops_and_recovers() {
        let ring = Ring::new(4);
        let accepted = (0..7).filter(|n| push(&ring, &[*n], 1)).count();
        assert_eq!(accepted, 4);
        assert_eq!(ring.take_dropped(), 3);
        assert_eq!(drain(&ring).len(), 4);
        assert!(push(&ring, &[9], 1));
        assert_eq!(ring.take_dropped(), 0);
        assert_eq!(drain(&ring)[0].stack, [9]);
    }

    #[test]
    fn a_stack_keeps_its_innermost_frames() {
        let ring = Ring::new(2);
        let mut claim = ring.claim(1).unwrap();
        let pushed = (1..=MAX_FRAMES + 5).take_while(|n| claim.push(*n)).count();
        assert_eq!(pushed, MAX_FRAMES);
        drop(claim);
        assert_eq!(drain(&ring)[0].stack.last(), Some(&MAX_FRAMES));
    }

    #[test]
    fn a_half_written_sample_holds_back_those_behind_it() {
        let ring = Ring::new(4);
        let mut slow = ring.claim(1).unwrap();
        assert!(push(&ring, &[2], 1));
        assert!(drain(&ring).is_empty());
        assert!(!ring.is_empty());
        slow.push(1);
        drop(slow);
        assert_eq!(drain(&ring).iter().map(|s| s.stack[0]).collect::<Vec<_>>(), [1, 2]);
        assert!(ring.is_empty());
    }

    #[test]
    fn writers_on_many_threads_lose_nothing_uncounted() {
        let ring = Ring::new(8);
        let (threads, each) = (4, 5_000);
        let mut seen = 0;
        std::thread::scope(|scope| {
            let writers: Vec<_> = (1..=threads)
                .map(|t| {
                    let ring = &ring;
                    scope.spawn(move || {
                        for _ in 0..each {
                            push(ring, &[t, t, t], t as u64);
                        }
                    })
                })
                .collect();
            while writers.iter().any(|w| !w.is_finished()) {
                ring.drain(|s| {
                    assert_eq!(s.stack, [s.span_id as usize; 3]);
                    seen += 1;
                });
            }
        });
        seen += drain(&ring).len();
        assert_eq!(seen as u64 + ring.take_dropped(), (threads * each) as u64);
    }
}
