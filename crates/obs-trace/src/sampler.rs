//! [`Sampler`]: which traces are recorded.

use obs_core::{Clock, TraceId};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Decides on a trace when its first span of this process begins. Children follow.
///
/// A trace that comes from elsewhere is recorded if its sender recorded it (unless [`Sampler::without_parent`]). Else the
/// share for the root's name decides, or the general one; then the rate limit. A share compares the last eight bytes of the
/// trace id with a bound, so that every process that sees the trace decides alike (OpenTelemetry's `TraceIdRatioBased`).
///
/// With [`Sampler::keep`], traces that were not chosen are recorded all the same, held back until their root ends, and then
/// delivered if one of the rules says so, else counted as sampled out.
///
/// ```
/// use obs_trace::{Keep, Sampler};
/// use std::time::Duration;
/// let sampler = Sampler::ratio(0.1)
///     .name("pipeline.run", 1.0)
///     .keep(Keep { errors: true, slower_than: Some(Duration::from_secs(5)), ..Keep::default() });
/// ```
#[derive(Debug)]
pub struct Sampler {
    root: Share,
    names: Vec<(String, Share)>,
    parent_based: bool,
    rate: Option<Rate>,
    keep: Option<Keep>,
}

/// What is kept of traces that were not chosen when they began.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    /// Those with a span that failed; default `false`.
    pub errors: bool,
    /// Those with a root that took at least so long; default none.
    pub slower_than: Option<Duration>,
    /// Those with a span that was flagged by [`Span::keep`](crate::Span::keep); default `true`.
    pub flagged: bool,
    /// Bytes of spans that may be held back; beyond that the oldest trace is decided on as it is. Default 16 MiB.
    pub max_bytes: usize,
    /// How long a trace may be held back. Default 60 s.
    pub max_age: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            errors: false,
            slower_than: None,
            flagged: true,
            max_bytes: 16 << 20,
            max_age: Duration::from_mins(1),
        }
    }
}

/// What becomes of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not recorded.
    Drop,
    /// Recorded, and held back.
    HoldBack,
    /// Recorded and delivered.
    Sample,
}

/// A share of all trace ids.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Share {
    bound: u64,
    all: bool,
}

impl Share {
    fn new(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 1.0 } else { ratio.clamp(0.0, 1.0) };
        // The conversion saturates, and 1.0 is handled apart, so that no trace is lost to rounding.
        Self { bound: (ratio * u64::MAX as f64) as u64, all: ratio >= 1.0 }
    }

    fn has(self, trace_id: TraceId) -> bool {
        self.all || (trace_id.get() as u64) < self.bound
    }
}

/// A token bucket: full after a second without a root.
#[derive(Debug)]
struct Rate {
    per_second: f64,
    /// Tokens, and when they were counted.
    bucket: Mutex<(f64, u64)>,
}

impl Rate {
    fn allows(&self, now: u64) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(bucket.1) as f64 / 1e9;
        let tokens = (bucket.0 + passed * self.per_second).min(self.per_second.max(1.0));
        let allowed = tokens >= 1.0;
        *bucket = (if allowed { tokens - 1.0 } else { tokens }, now);
        allowed
    }
}

impl Sampler {
    /// Records `ratio` of the traces; values outside 0 to 1 (and NaN) count as the nearer end (1).
    pub fn ratio(ratio: f64) -> Self {
        Self { root: Share::new(ratio), names: Vec::new(), parent_based: true, rate: None, keep: None }
    }

    /// Another share for roots of this name: `pipeline.run`, or `sql.*` for all that begin with `sql.`. The first that fits
    /// counts.
    #[must_use]
    pub fn name(mut self, pattern: impl Into<String>, ratio: f64) -> Self {
        self.names.push((pattern.into(), Share::new(ratio)));
        self
    }

    /// Decides on traces that come from elsewhere as on its own.
    #[must_use]
    pub fn without_parent(mut self) -> Self {
        self.parent_based = false;
        self
    }

    /// Records at most so many traces a second that begin here; one is always allowed after a pause of its length.
    #[must_use]
    pub fn rate_limit(mut self, per_second: f64) -> Self {
        let per_second = per_second.max(0.0);
        self.rate = Some(Rate { per_second, bucket: Mutex::new((per_second.max(1.0), 0)) });
        self
    }

    /// Keeps some of the traces that were not chosen.
    #[must_use]
    pub fn keep(mut self, rules: Keep) -> Self {
        self.keep = Some(rules);
        self
    }

    pub(crate) fn rules(&self) -> Option<&Keep> {
        self.keep.as_ref()
    }

    /// Decides on a trace. `parent` says whether a parent elsewhere recorded it, if there is one; `name` is the root's.
    pub(crate) fn decide<'a>(
        &self,
        trace_id: TraceId,
        parent: Option<bool>,
        name: impl FnOnce() -> &'a str,
        clock: &Clock,
    ) -> Decision {
        let chosen = match parent.filter(|_| self.parent_based) {
            Some(sampled) => sampled,
            None => {
                self.share(name).has(trace_id) && self.rate.as_ref().is_none_or(|r| r.allows(clock.now()))
            }
        };
        match &self.keep {
            _ if chosen => Decision::Sample,
            Some(_) => Decision::HoldBack,
            None => Decision::Drop,
        }
    }

    fn share<'a>(&self, name: impl FnOnce() -> &'a str) -> Share {
        if self.names.is_empty() {
            return self.root;
        }
        let name = name();
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(front) => name.starts_with(front),
            None => name == pattern,
        };
        self.names.iter().find(|(pattern, _)| fits(pattern)).map_or(self.root, |(_, share)| *share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::Ids;

    fn decide(sampler: &Sampler, trace_id: TraceId, parent: Option<bool>, name: &str) -> Decision {
        sampler.decide(trace_id, parent, || name, &Clock::manual(0))
    }

    #[test]
    fn the_ends_keep_everything_and_nothing() {
        for id in [1, u128::MAX] {
            let id = TraceId::new(id).unwrap();
            assert_eq!(decide(&Sampler::ratio(1.0), id, None, "x"), Decision::Sample);
            assert_eq!(decide(&Sampler::ratio(f64::NAN), id, None, "x"), Decision::Sample);
            assert_eq!(decide(&Sampler::ratio(0.0), id, None, "x"), Decision::Drop);
        }
    }

    /// SB-16, TRC-09
    #[test]
    fn a_tenth_of_ten_thousand_roots_is_kept() {
        let sampler = Sampler::ratio(0.1);
        let kept = (0..10_000)
            .filter(|_| decide(&sampler, Ids::Random.trace_id(), None, "x") == Decision::Sample)
            .count();
        assert!((900..=1100).contains(&kept), "{kept}");
    }

    #[test]
    fn a_trace_from_elsewhere_is_recorded_if_its_sender_did() {
        let id = TraceId::new(u128::MAX).unwrap();
        assert_eq!(decide(&Sampler::ratio(0.0), id, Some(true), "x"), Decision::Sample);
        assert_eq!(decide(&Sampler::ratio(1.0), id, Some(false), "x"), Decision::Drop);
        assert_eq!(decide(&Sampler::ratio(1.0).without_parent(), id, Some(false), "x"), Decision::Sample);
    }

    #[test]
    fn names_have_shares_of_their_own() {
        let sampler = Sampler::ratio(0.0).name("pipeline.run", 1.0).name("sql.*", 1.0);
        let id = TraceId::new(u128::MAX).unwrap();
        for (name, decision) in [
            ("pipeline.run", Decision::Sample),
            ("pipeline.runs", Decision::Drop),
            ("sql.insert", Decision::Sample),
            ("sqlite", Decision::Drop),
        ] {
            assert_eq!(decide(&sampler, id, None, name), decision, "{name}");
        }
    }

    #[test]
    fn a_rate_is_kept_to_with_a_second_of_burst() {
        let clock = Clock::manual(5_000_000_000);
        let sampler = Sampler::ratio(1.0).rate_limit(10.0);
        let id = TraceId::new(1).unwrap();
        let burst =
            || (0..100).filter(|_| sampler.decide(id, None, || "x", &clock) == Decision::Sample).count();
        assert_eq!(burst(), 10);
        clock.advance(Duration::from_millis(250));
        assert_eq!(burst(), 2);
        clock.advance(Duration::from_secs(9));
        assert_eq!(burst(), 10);
    }
}
