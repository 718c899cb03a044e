//! [`Sample`]: what one process measured of one candidate, as the line it says it with.

use serde::{Deserialize, Serialize};

/// What one process measured; what a group does not measure is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Nanoseconds that the caller waits for one trace, or one call: the median of what was timed together.
    pub(super) median_ns: Option<f64>,
    /// Nanoseconds of CPU time of the whole process for one trace, with what the background does.
    pub(super) cpu_ns: Option<f64>,
    /// Allocations of all threads for one trace.
    pub(super) allocs: Option<f64>,
    /// What the same process took for the smaller thing that `median_ns` is a multiple of.
    pub(super) base_ns: Option<f64>,
    /// Spans that arrived, as a part of those made.
    pub(super) delivered: Option<f64>,
    /// Spans that were neither delivered nor entered in an account as dropped.
    pub(super) uncounted: Option<f64>,
    /// Spans that arrived for one second of CPU time of the whole process.
    pub(super) spans_of_cpu_second: Option<f64>,
    /// By how many bytes the memory of the process grew.
    pub(super) bytes: Option<f64>,
    /// How many bytes were allocated meanwhile and are still held.
    pub(super) heap_bytes: Option<f64>,
}

impl Sample {
    /// Bytes of memory: the larger one of what the process grew by and what is held. Memory that was given back before is
    /// taken again without the process growing, and what is mapped is not in the allocator's figure.
    pub(super) fn held(&self) -> Option<f64> {
        Some(self.bytes?.max(self.heap_bytes?))
    }

    /// Each figure's median over the samples that have it.
    pub(super) fn median(samples: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> Option<f64>| median(samples.iter().filter_map(figure).collect());
        Self {
            median_ns: of(|s| s.median_ns),
            cpu_ns: of(|s| s.cpu_ns),
            allocs: of(|s| s.allocs),
            base_ns: of(|s| s.base_ns),
            delivered: of(|s| s.delivered),
            uncounted: of(|s| s.uncounted),
            spans_of_cpu_second: of(|s| s.spans_of_cpu_second),
            bytes: of(|s| s.bytes),
            heap_bytes: of(|s| s.heap_bytes),
        }
    }
}

/// The upper one of two middle values; `None` without a value.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_taken_figure_by_figure_and_absent_ones_stay_absent() {
        let sample = |ns, allocs| Sample { median_ns: Some(ns), allocs, ..Sample::default() };
        let all = Sample::median(&[sample(9.0, None), sample(1.0, Some(4.0)), sample(5.0, None)]);
        assert_eq!(all, sample(5.0, Some(4.0)));
        assert_eq!(Sample::median(&[]), Sample::default());
    }

    #[test]
    fn a_sample_survives_the_pipe() {
        let sample = Sample { median_ns: Some(1.5), delivered: Some(1.0), ..Sample::default() };
        let line = serde_json::to_string(&sample).unwrap();
        assert_eq!(serde_json::from_str::<Sample>(&line).unwrap(), sample);
    }
}
