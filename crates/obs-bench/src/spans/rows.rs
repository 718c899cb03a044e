//! [`Rows`]: the samples of a group's candidates, round by round.

use super::group::{Group, OURS};
use super::sample::{Sample, median};
use crate::Findings;

/// The samples of one group.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) group: &'a Group,
    /// By candidate, in the group's order, then by round.
    pub(super) samples: Vec<Vec<Sample>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(group: &'a Group) -> Self {
        Self { group, samples: group.candidates.iter().map(|_| Vec::new()).collect() }
    }

    /// Every candidate with the medians of its samples.
    pub(super) fn medians(&self) -> impl Iterator<Item = (&'static str, Sample)> {
        self.group.candidates.iter().zip(&self.samples).map(|(c, samples)| (c.name, Sample::median(samples)))
    }

    /// The figure of `name` as a multiple of the one of `beside`, or of its own base: the median of the rounds' ratios. Rounds
    /// in which the other figure is zero do not count.
    pub(super) fn ratio(
        &self,
        name: &str,
        beside: Option<&str>,
        figure: fn(&Sample) -> Option<f64>,
    ) -> Option<f64> {
        let of = self.of(name)?;
        let ratios: Vec<f64> = match beside {
            Some(beside) => {
                of.iter().zip(self.of(beside)?).filter_map(|(a, b)| Some(figure(a)? / figure(b)?)).collect()
            }
            None => of.iter().filter_map(|s| Some(figure(s)? / s.base_ns?)).collect(),
        };
        median(ratios.into_iter().filter(|ratio| ratio.is_finite()).collect())
    }

    /// The median of a figure of `name`.
    pub(super) fn median(&self, name: &str, figure: fn(&Sample) -> Option<f64>) -> Option<f64> {
        median(self.of(name)?.iter().filter_map(figure).collect())
    }

    fn of(&self, name: &str) -> Option<&[Sample]> {
        let index = self.group.candidates.iter().position(|c| c.name == name)?;
        self.samples.get(index).map(Vec::as_slice)
    }

    /// Adds the bar that a figure of ours is at most so many times that of `beside`, or of its own base.
    pub(super) fn at_most(
        &self,
        findings: &mut Findings,
        what: &str,
        figure: fn(&Sample) -> Option<f64>,
        beside: Option<&str>,
        bar: f64,
    ) {
        let ratio = self.ratio(OURS, beside, figure).unwrap_or(f64::INFINITY);
        let of = beside.map_or(String::new(), |name| format!(" of {name}"));
        let what = format!("{}: {what} at most {bar:.2}{of}; {ratio:.2}", self.group.name);
        findings.bar(what, ratio <= bar);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spans::group::Candidate;

    const GROUP: Group = Group {
        name: "x",
        candidates: &[
            Candidate { name: OURS, measure: |_| Ok(Sample::default()) },
            Candidate { name: "rival", measure: |_| Ok(Sample::default()) },
        ],
        figure: |s| s.median_ns,
        beside: Some("rival"),
        judge: |_, _| (),
    };

    fn rows(ours: [f64; 3], rival: [f64; 3]) -> Rows<'static> {
        let samples = |of: [f64; 3]| {
            of.map(|ns| Sample { median_ns: Some(ns), base_ns: Some(2.0), ..Sample::default() }).to_vec()
        };
        Rows { group: &GROUP, samples: vec![samples(ours), samples(rival)] }
    }

    #[test]
    fn a_round_in_which_the_machine_was_slow_is_slow_for_both_and_moves_no_ratio() {
        let rows = rows([1.0, 50.0, 1.0], [4.0, 200.0, 2.0]);
        assert_eq!(rows.ratio(OURS, Some("rival"), GROUP.figure), Some(0.25));
        assert_eq!(rows.ratio(OURS, None, GROUP.figure), Some(0.5));
        assert_eq!(rows.ratio(OURS, Some("nobody"), GROUP.figure), None);
    }

    #[test]
    fn a_bar_is_met_at_it_and_missed_above_it_or_without_a_measurement() {
        let rows = rows([1.0; 3], [2.0; 3]);
        let mut findings = Findings::default();
        rows.at_most(&mut findings, "a trace", GROUP.figure, Some("rival"), 0.5);
        rows.at_most(&mut findings, "a trace", GROUP.figure, Some("rival"), 0.4);
        rows.at_most(&mut findings, "a trace", |s| s.cpu_ns, Some("rival"), 1.0);
        assert_eq!(findings.bars.iter().map(|(_, met)| *met).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(findings.bars[0].0, "x: a trace at most 0.50 of rival; 0.50");
    }
}
