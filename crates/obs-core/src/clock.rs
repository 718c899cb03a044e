//! [`Clock`]: where times come from; injected, so that tests can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock of nanoseconds since the Unix epoch that never runs backwards within a process.
///
/// The system clock is anchored to wall time once and advances with the monotonic clock, so that a step of the wall
/// clock during a run cannot give a span a negative length.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System { wall: u64, anchor: Instant },
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock, anchored now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    pub fn system() -> Self {
        let anchor = Instant::now();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        Self(Inner::System { wall, anchor })
    }

    /// A clock that stands at `nanos` until [`Clock::advance`] moves it.
    pub fn manual(nanos: u64) -> Self {
        Self(Inner::Manual(Arc::new(AtomicU64::new(nanos))))
    }

    /// Nanoseconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        match &self.0 {
            Inner::System { wall, anchor } => wall + anchor.elapsed().as_nanos() as u64,
            Inner::Manual(nanos) => nanos.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock on; a system clock moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Inner::Manual(nanos) = &self.0 {
            nanos.fetch_add(by.as_nanos() as u64, Ordering::SeqCst);
        }
    }
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
    fn the_system_clock_shows_a_plausible_time_and_never_runs_backwards() {
        let clock = Clock::system();
        let first = clock.now();
        assert!(first > 1_700_000_000_000_000_000, "{first}");
        assert!(clock.now() >= first);
    }
}
