//! [`Timeline`]: from ticks of a clock to its times.

use super::Clock;

/// How often the clock is asked to follow the wall, nanoseconds.
const FOLLOW_EVERY: u64 = 10_000_000_000;
/// Moments kept; when there are more, every other old one goes.
const MOST: usize = 1024;

/// Turns [`Clock::ticks`] into [`Clock::now`].
///
/// It knows pairs of both, taken at moments of its own choosing ([`Timeline::mark`]), and draws straight lines between
/// them: so what lies between two moments is exact to within the time it takes to read both, whatever the counter's rate,
/// and a later tick never gets an earlier time. What is older than the first moment, or younger than the last, gets the
/// rate of the nearest line.
///
/// Every ten seconds a mark also lets the clock follow the wall ([`Clock::follow_wall`]). What lies on both sides of such a
/// step is as far apart as the wall clock says.
#[derive(Debug)]
pub struct Timeline {
    clock: Clock,
    /// Oldest first; at least one.
    moments: Vec<Moment>,
    /// The line through the last two.
    last: Line,
    /// When the clock last followed the wall, by its own time.
    followed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    ticks: u64,
    nanos: u64,
}

impl Timeline {
    /// A timeline of this clock that begins now.
    pub fn new(clock: &Clock) -> Self {
        let first = Moment::take(clock);
        let last = Line::through(first, first);
        Self { clock: clock.clone(), moments: vec![first], last, followed: clock.now() }
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Takes a pair of both times. Call it before [`Timeline::nanos`] on ticks that were taken since the last call.
    pub fn mark(&mut self) {
        if !self.clock.counts_cycles() {
            return;
        }
        let now = Moment::take(&self.clock);
        let last = self.moments.last().copied().unwrap_or(now);
        // Too close together the error of reading is a large share of the distance.
        let apart = now.ticks > last.ticks && now.nanos.saturating_sub(last.nanos) >= 1_000_000;
        if self.moments.len() < 2 || apart {
            self.push(now);
        }
        if now.nanos.abs_diff(self.followed) > FOLLOW_EVERY {
            if self.clock.follow_wall() {
                self.push(Moment::take(&self.clock));
            }
            self.followed = self.clock.now();
        }
    }

    fn push(&mut self, now: Moment) {
        if self.moments.len() >= MOST {
            let half = MOST / 2;
            let mut at = 0;
            self.moments.retain(|_| {
                at += 1;
                at > half || at % 2 == 1
            });
        }
        self.moments.push(now);
        let before = self.moments[self.moments.len().saturating_sub(2)];
        self.last = Line::through(before, now);
    }

    /// The time of a tick, nanoseconds since the Unix epoch.
    #[inline]
    pub fn nanos(&self, ticks: u64) -> u64 {
        if !self.clock.counts_cycles() {
            return ticks;
        }
        // Nearly always it lies on the last line.
        if ticks >= self.last.from.ticks {
            return self.last.nanos(ticks);
        }
        self.older(ticks)
    }

    #[cold]
    fn older(&self, ticks: u64) -> u64 {
        let last = self.moments.len() - 1;
        let end = match self.moments.iter().rposition(|m| m.ticks <= ticks) {
            Some(before) => (before + 1).min(last),
            None => 1.min(last),
        };
        Line::through(self.moments[end.saturating_sub(1)], self.moments[end]).nanos(ticks)
    }
}

/// A straight line from one moment through another.
#[derive(Clone, Copy, Debug)]
struct Line {
    from: Moment,
    /// Nanoseconds a tick.
    rate: f64,
}

impl Line {
    fn through(from: Moment, to: Moment) -> Self {
        let run = to.ticks.saturating_sub(from.ticks);
        let rise = to.nanos.saturating_sub(from.nanos);
        Self { from, rate: if run == 0 { 0.0 } else { rise as f64 / run as f64 } }
    }

    #[inline]
    fn nanos(self, ticks: u64) -> u64 {
        let away = ticks.wrapping_sub(self.from.ticks).cast_signed() as f64 * self.rate;
        self.from.nanos.saturating_add_signed(away as i64)
    }
}

impl Moment {
    /// Both times of the same moment, as nearly as they can be had: the best of a few tries.
    fn take(clock: &Clock) -> Self {
        let mut best = (u64::MAX, Self { ticks: 0, nanos: 0 });
        for _ in 0..4 {
            let (before, nanos, after) = (clock.ticks(), clock.now(), clock.ticks());
            let took = after.saturating_sub(before);
            if took < best.0 {
                best = (took, Self { ticks: before + took / 2, nanos });
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn ticks_of_a_manual_clock_are_its_times() {
        let clock = Clock::manual(70);
        let mut timeline = Timeline::new(&clock);
        clock.advance(Duration::from_nanos(5));
        timeline.mark();
        assert_eq!(timeline.nanos(clock.ticks()), 75);
    }

    #[test]
    fn ticks_of_the_system_clock_agree_with_its_times_and_keep_their_order() {
        let clock = Clock::system();
        let mut timeline = Timeline::new(&clock);
        let (mut seen, mut until) = (Vec::new(), clock.now() + 20_000_000);
        while clock.now() < until {
            let before = clock.now();
            let ticks = clock.ticks();
            let after = clock.now();
            seen.push((before, ticks, after));
            if seen.len() % 1000 == 0 {
                timeline.mark();
            }
            // A machine that stops for long between two readings only makes the test weaker.
            until = until.min(before + 40_000_000);
        }
        timeline.mark();
        let mut last = 0;
        for (before, ticks, after) in seen {
            let nanos = timeline.nanos(ticks);
            assert!(nanos + 2_000 >= before && nanos <= after + 2_000, "{before} {nanos} {after}");
            assert!(nanos >= last);
            last = nanos;
        }
    }

    #[test]
    fn old_moments_thin_out_and_still_lie_on_the_line() {
        let mut timeline = Timeline::new(&Clock::system());
        timeline.moments.clear();
        for i in 0..10_000 {
            timeline.push(Moment { ticks: 3_000 * i, nanos: 1_000 * i });
        }
        assert!(timeline.moments.len() <= MOST);
        if timeline.clock.counts_cycles() {
            assert_eq!(timeline.nanos(30_000), 10_000);
            assert_eq!(timeline.nanos(3_000 * 12_000), 12_000_000);
        }
    }
}
