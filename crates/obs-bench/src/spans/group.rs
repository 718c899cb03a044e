//! [`Group`]: candidates that do the same, and the bars that ours has to meet among them.

use super::rows::Rows;
use super::sample::Sample;
use crate::{Answer, Findings};

/// Candidates that are compared.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: &'static str,
    /// In the order of the table.
    pub(super) candidates: &'static [Candidate],
    /// What the table compares.
    pub(super) figure: fn(&Sample) -> Option<f64>,
    /// The candidate that ratios are taken of; without one, a candidate is compared with its own base.
    pub(super) beside: Option<&'static str>,
    /// Adds the bars of ours.
    pub(super) judge: fn(&Rows<'_>, &mut Findings),
}

/// One library in one state.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) name: &'static str,
    /// Measures it in this process, over so many traces.
    pub(super) measure: fn(u64) -> Answer<Sample>,
}

/// What ours is called in every group.
pub(super) const OURS: &str = "obs";
