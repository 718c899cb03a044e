//! [`Exemplar`]: one update of a metric that leads to the trace it happened in.

use obs_core::active::{self, ActiveSpan};
use obs_core::{RunId, SpanId, TraceId};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// One update and the sampled span it happened in. As OpenMetrics labels (`trace_id`, `span_id`, `run_id`) it takes
/// 105 characters of the 128 the format allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exemplar {
    /// Trace of the span.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The run the span belonged to, when the context named one.
    pub run_id: Option<RunId>,
    /// The value added or observed.
    pub value: f64,
    /// When, in nanoseconds since the Unix epoch.
    pub time: u64,
}

/// The last exemplar of a counter or a bucket: written and read without a lock.
///
/// A sequence lock: the version is odd while a write is under way. A writer that meets another one gives up, because
/// the other's exemplar is as good; a reader that meets a writer tries again and then reports none.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    version: AtomicU64,
    words: [AtomicU64; WORDS],
}

const WORDS: usize = 7;
const READ_ATTEMPTS: usize = 64;

impl Slot {
    /// Sets it, of the run at work on this thread.
    pub(crate) fn set(&self, span: ActiveSpan, value: f64, time: u64) {
        self.set_of(span, value, current_run(), time);
    }

    /// Sets it, of the run with this number.
    pub(crate) fn set_of(&self, span: ActiveSpan, value: f64, run: u128, time: u64) {
        let version = self.version.load(Ordering::Relaxed);
        let trace = span.trace_id.get();
        if version % 2 == 1
            || self
                .version
                .compare_exchange(version, version + 1, Ordering::Acquire, Ordering::Relaxed)
                .is_err()
        {
            return;
        }
        // Readers that see one of the words below must also see the odd version.
        fence(Ordering::Release);
        let words = [
            (trace >> 64) as u64,
            trace as u64,
            span.span_id.get(),
            value.to_bits(),
            time,
            (run >> 64) as u64,
            run as u64,
        ];
        for (cell, word) in self.words.iter().zip(words) {
            cell.store(word, Ordering::Relaxed);
        }
        self.version.store(version + 2, Ordering::Release);
    }

    pub(crate) fn get(&self) -> Option<Exemplar> {
        for _ in 0..READ_ATTEMPTS {
            let before = self.version.load(Ordering::Acquire);
            if before == 0 {
                return None;
            }
            let words: [u64; WORDS] = std::array::from_fn(|i| self.words[i].load(Ordering::Relaxed));
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before {
                return decode(words);
            }
            std::hint::spin_loop();
        }
        None
    }
}

fn decode(words: [u64; WORDS]) -> Option<Exemplar> {
    let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
    Some(Exemplar {
        trace_id: TraceId::new(wide(words[0], words[1]))?,
        span_id: SpanId::new(words[2])?,
        run_id: run_id(wide(words[5], words[6])),
        value: f64::from_bits(words[3]),
        time: words[4],
    })
}

/// A run id from its number; zero stands for none. Goes through text because a run id of any UUID version is kept.
fn run_id(n: u128) -> Option<RunId> {
    if n == 0 {
        return None;
    }
    let hex = format!("{n:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).parse().ok()
}

thread_local! {
    /// Number of the context seen last on this thread, and its run: contexts never change and their numbers are never
    /// used again, so a run is looked up once per context and thread.
    static RUN: Cell<(u64, u128)> = const { Cell::new((0, 0)) };
}

pub(crate) fn current_run() -> u128 {
    let id = active::context_id();
    if id == 0 {
        return 0;
    }
    let known = RUN.try_with(Cell::get).unwrap_or_default();
    if known.0 == id {
        return known.1;
    }
    let Some(context) = active::context() else { return 0 };
    let run = context.run_id.map_or(0, RunId::get);
    let _ = RUN.try_with(|cell| cell.set((context.id(), run)));
    run
}

/// This thread's span if its trace is kept: an exemplar of any other would lead nowhere.
pub(crate) fn sampled_span() -> Option<ActiveSpan> {
    active::span().filter(|span| span.sampled)
}

#[cfg(test)]
pub(crate) fn test_span(n: u64, sampled: bool) -> ActiveSpan {
    ActiveSpan {
        trace_id: TraceId::new(u128::from(n) << 64 | 0xA).unwrap(),
        span_id: SpanId::new(n).unwrap(),
        sampled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::RunContext;

    #[test]
    fn a_slot_gives_back_what_was_last_set() {
        let slot = Slot::default();
        assert_eq!(slot.get(), None);
        slot.set(test_span(1, true), 0.5, 7);
        slot.set(test_span(2, true), 1.5, 8);
        let exemplar = slot.get().unwrap();
        assert_eq!((exemplar.span_id.get(), exemplar.value, exemplar.time), (2, 1.5, 8));
    }

    /// MET-07, CTX-01
    #[test]
    fn an_exemplar_carries_the_run_of_its_moment() {
        let runs: [RunId; 2] =
            ["0190b6e4-5c1a-7d1e-9f3a-2b7c8d9e0f10", "00000000-0000-4000-8000-000000000001"]
                .map(|s| s.parse().unwrap());
        let slot = Slot::default();
        for run in runs {
            let context = RunContext { run_id: Some(run), ..RunContext::default() }.share();
            let _scope = active::attach_context(Some(context));
            slot.set(test_span(1, true), 1.0, 1);
            assert_eq!(slot.get().unwrap().run_id, Some(run));
        }
    }

    #[test]
    fn readers_never_see_half_an_exemplar() {
        let slot = Slot::default();
        std::thread::scope(|scope| {
            for writer in 1..=2_u64 {
                let slot = &slot;
                scope.spawn(move || {
                    for i in 0..20_000_u64 {
                        let n = writer * 1_000_000 + i;
                        slot.set(test_span(n, true), n as f64, n);
                    }
                });
            }
            for _ in 0..20_000 {
                if let Some(e) = slot.get() {
                    assert_eq!(e.time, e.span_id.get());
                    assert_eq!(e.value.to_bits(), (e.time as f64).to_bits());
                    assert_eq!((e.trace_id.get() >> 64) as u64, e.time);
                }
            }
        });
        assert!(slot.get().is_some());
    }
}
