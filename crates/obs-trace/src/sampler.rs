//! [`Sampler`]: which traces are recorded.

use obs_core::sampling::{KeepRules, SamplerConfig, TailConfig};
use obs_core::{Clock, TraceId};
use std::sync::{Mutex, PoisonError};

/// Decides on a trace when its first span of this process begins, by a [`SamplerConfig`]. Children follow.
///
/// A trace that comes from elsewhere is recorded if its sender recorded it (when the configuration is parent based). Else
/// the share for the root's name decides, or the general one; then the rate limit. A share compares the last eight bytes of
/// the trace id with a bound, so that every process that sees the trace decides alike (OpenTelemetry's
/// `TraceIdRatioBased`).
///
/// With [`SamplerConfig::tail`], traces that were not chosen are recorded all the same, held back until their root ends, and
/// then delivered if one of the rules says so, else counted as sampled out.
///
/// ```
/// use obs_core::sampling::{KeepRules, SamplerConfig, TailConfig};
/// use obs_trace::{Sampler, Tracer};
/// let config = SamplerConfig { tail: Some(TailConfig::default()), ..SamplerConfig::default() };
/// let tracer = Tracer::builder().sampler(Sampler::new(&config)).build();
/// ```
#[derive(Debug)]
pub struct Sampler {
    root: Share,
    /// Exact names first, then prefixes (with `*` cut off), the longest first.
    names: Vec<(String, bool, Share)>,
    parent_based: bool,
    rate: Option<Rate>,
    tail: Option<(KeepRules, TailConfig)>,
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
    /// A sampler that does what `config` says.
    pub fn new(config: &SamplerConfig) -> Self {
        let mut names: Vec<_> = config
            .per_name
            .iter()
            .map(|(pattern, ratio)| match pattern.strip_suffix('*') {
                Some(front) => (front.to_owned(), false, Share::new(*ratio)),
                None => (pattern.clone(), true, Share::new(*ratio)),
            })
            .collect();
        names.sort_by_key(|(text, exact, _)| (!exact, usize::MAX - text.len()));
        let rate = config.rate_limit.map(|per_second| per_second.max(0.0));
        Self {
            root: Share::new(config.ratio()),
            names,
            parent_based: config.parent_based,
            rate: rate.map(|per_second| Rate { per_second, bucket: Mutex::new((per_second.max(1.0), 0)) }),
            tail: config.tail.map(|tail| (config.keep, tail)),
        }
    }

    /// Records `ratio` of the traces that begin here; values outside 0 to 1 (and NaN) count as the nearer end (1).
    pub fn ratio(ratio: f64) -> Self {
        let root = obs_core::sampling::RootSampler::Ratio(ratio);
        Self::new(&SamplerConfig { root, ..SamplerConfig::default() })
    }

    /// What is held back, and which of it is kept.
    pub(crate) fn tail(&self) -> Option<(KeepRules, TailConfig)> {
        self.tail
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
        match &self.tail {
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
        let fits = |text: &str, exact: bool| if exact { name == text } else { name.starts_with(text) };
        self.names
            .iter()
            .find(|(text, exact, _)| fits(text, *exact))
            .map_or(self.root, |(_, _, share)| *share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::Ids;
    use obs_core::sampling::RootSampler;
    use std::time::Duration;

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
        let alone = Sampler::new(&SamplerConfig { parent_based: false, ..SamplerConfig::default() });
        assert_eq!(decide(&alone, id, Some(false), "x"), Decision::Sample);
    }

    #[test]
    fn names_have_shares_of_their_own() {
        let per_name = [("sql.*", 1.0), ("sql.slow.*", 0.0), ("pipeline.run", 1.0), ("sql.slow.insert", 1.0)];
        let config = SamplerConfig {
            root: RootSampler::AlwaysOff,
            per_name: per_name.map(|(name, ratio)| (name.to_owned(), ratio)).to_vec(),
            ..SamplerConfig::default()
        };
        let sampler = Sampler::new(&config);
        let id = TraceId::new(u128::MAX).unwrap();
        for (name, decision) in [
            ("pipeline.run", Decision::Sample),
            ("pipeline.runs", Decision::Drop),
            ("sql.insert", Decision::Sample),
            ("sql.slow.query", Decision::Drop),
            ("sql.slow.insert", Decision::Sample),
            ("sqlite", Decision::Drop),
        ] {
            assert_eq!(decide(&sampler, id, None, name), decision, "{name}");
            assert_eq!(config.ratio_of(name) > 0.5, decision == Decision::Sample, "{name}");
        }
    }

    #[test]
    fn a_rate_is_kept_to_with_a_second_of_burst() {
        let clock = Clock::manual(5_000_000_000);
        let sampler = Sampler::new(&SamplerConfig { rate_limit: Some(10.0), ..SamplerConfig::default() });
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
