//! [`Clock`]: where times come from; injected, so that tests can set it.

mod cycles;
mod timeline;

pub use timeline::Timeline;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock of nanoseconds since the Unix epoch that never runs backwards within a process.
///
/// The system clock is anchored to wall time and advances with the monotonic clock, so that a step of the wall clock during
/// a run cannot give a span a negative length. A step, and the time that the machine slept, are followed when
/// [`Clock::follow_wall`] is called, which tracers do every few seconds: clones share the anchor.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System { wall: Arc<AtomicU64>, anchor: Instant, cycles: bool },
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock, anchored now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    pub fn system() -> Self {
        let anchor = Instant::now();
        let wall = Arc::new(AtomicU64::new(wall_nanos()));
        Self(Inner::System { wall, anchor, cycles: cycles::is_usable() })
    }

    /// A clock that stands at `nanos` until [`Clock::advance`] moves it.
    pub fn manual(nanos: u64) -> Self {
        Self(Inner::Manual(Arc::new(AtomicU64::new(nanos))))
    }

    /// Nanoseconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        match &self.0 {
            Inner::System { wall, anchor, .. } => {
                wall.load(Ordering::Relaxed).saturating_add(anchor.elapsed().as_nanos() as u64)
            }
            Inner::Manual(nanos) => nanos.load(Ordering::SeqCst),
        }
    }

    /// The cheapest time there is: the processor's cycle counter where the kernel trusts it, else [`Clock::now`]. A
    /// [`Timeline`] says which time it was.
    #[inline]
    pub fn ticks(&self) -> u64 {
        match &self.0 {
            Inner::System { cycles: true, .. } => cycles::read(),
            _ => self.now(),
        }
    }

    /// Whether ticks are cycles.
    #[inline]
    pub fn counts_cycles(&self) -> bool {
        matches!(self.0, Inner::System { cycles: true, .. })
    }

    /// Anchors a system clock anew when wall time is more than 50 ms away from it: it was set, or the machine slept. Says
    /// whether it was. Times of the same clock before and after then differ by more, or less, than what passed.
    pub fn follow_wall(&self) -> bool {
        let Inner::System { wall, anchor, .. } = &self.0 else { return false };
        let passed = anchor.elapsed().as_nanos() as u64;
        let due = wall_nanos().saturating_sub(passed);
        let is_off = wall.load(Ordering::Relaxed).abs_diff(due) > 50_000_000;
        if is_off {
            wall.store(due, Ordering::Relaxed);
        }
        is_off
    }

    /// Moves a manual clock on; a system clock moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Inner::Manual(nanos) = &self.0 {
            nanos.fetch_add(by.as_nanos() as u64, Ordering::SeqCst);
        }
    }
}

/// Wall time, nanoseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
fn wall_nanos() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(5);
        assert_eq!(clock.now(), 5);
        clock.clone().advance(Duration::from_nanos(2));
        assert_eq!(clock.now(), 7);
    }

    #[test]
    fn a_system_clock_that_was_set_wrong_follows_the_wall() {
        let clock = Clock::system();
        assert!(!clock.follow_wall());
        let Inner::System { wall, .. } = &clock.0 else { panic!("not a system clock") };
        wall.fetch_sub(3_600_000_000_000, Ordering::Relaxed);
        let wrong = clock.now();
        assert!(clock.clone().follow_wall());
        assert!(clock.now() - wrong > 3_599_000_000_000);
        assert!(!clock.follow_wall());
    }

    #[test]
    fn the_system_clock_shows_a_plausible_time_and_never_runs_backwards() {
        let clock = Clock::system();
        let first = clock.now();
        assert!(first > 1_700_000_000_000_000_000, "{first}");
        assert!(clock.now() >= first);
    }
}
