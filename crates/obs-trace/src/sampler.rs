//! [`Sampler`]: which traces are recorded.

use obs_core::TraceId;

/// Records a share of the root traces; children follow their parent.
///
/// The decision compares the last eight bytes of the trace id with the share, so that every process that sees the
/// trace decides alike (OpenTelemetry's `TraceIdRatioBased` sampler).
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    bound: u64,
    all: bool,
}

impl Sampler {
    /// Records `ratio` of the traces; values outside 0 to 1 (and NaN) count as the nearer end (1).
    pub fn ratio(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 1.0 } else { ratio.clamp(0.0, 1.0) };
        // The conversion saturates, and 1.0 is handled apart, so that no trace is lost to rounding.
        Self { bound: (ratio * u64::MAX as f64) as u64, all: ratio >= 1.0 }
    }

    /// Whether this trace is recorded.
    pub fn keeps(self, trace_id: TraceId) -> bool {
        self.all || (trace_id.get() as u64) < self.bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::Ids;

    #[test]
    fn the_ends_keep_everything_and_nothing() {
        for id in [1, u128::MAX] {
            let id = TraceId::new(id).unwrap();
            assert!(Sampler::ratio(1.0).keeps(id));
            assert!(Sampler::ratio(f64::NAN).keeps(id));
            assert!(!Sampler::ratio(0.0).keeps(id));
        }
    }

    /// SB-16
    #[test]
    fn a_tenth_of_ten_thousand_roots_is_kept() {
        let sampler = Sampler::ratio(0.1);
        let kept = (0..10_000).filter(|_| sampler.keeps(Ids::Random.trace_id())).count();
        assert!((900..=1100).contains(&kept), "{kept}");
    }
}
