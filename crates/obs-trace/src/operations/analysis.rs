//! [`analyze_query`], [`fetch_data`] and [`detector`]: an analysis that looks for issues.

use super::agent::Step;
use super::kind::sealed::Recorded;
use super::operation::Operation;
use super::work::Work;
use crate::span::Span;
use crate::tracer::Tracer;
use std::borrow::Cow;

/// An analysis: see [`analyze_query`].
#[derive(Debug)]
pub struct Analysis {
    job_id: String,
}

/// The search for one sort of issue: see [`detector`].
#[derive(Debug)]
pub struct Detection {
    issue_type: Cow<'static, str>,
}

/// One analysis, from query to issues: a span `analysis.analyze_query` with `acm.job_id` and `acm.issues_detected`, which is
/// 0 until [`Work::<Analysis>::issues_detected`](Work::issues_detected) says otherwise.
pub fn analyze_query(tracer: &Tracer, job_id: impl Into<String>) -> Operation<Analysis> {
    Operation::new(tracer, "analysis.analyze_query", Analysis { job_id: job_id.into() })
}

/// The step of an analysis that reads what is known of the query: a span `analysis.fetch_data`.
pub fn fetch_data(tracer: &Tracer) -> Operation<Step> {
    Operation::new(tracer, "analysis.fetch_data", Step)
}

/// The search for one sort of issue: a span `detector.<issue_type>`, such as `detector.data_skew`, with
/// `acm.detector_type`. When it finds something, [`Work::<Detection>::found`](Work::found) adds the rest.
pub fn detector(tracer: &Tracer, issue_type: impl Into<Cow<'static, str>>) -> Operation<Detection> {
    let issue_type = issue_type.into();
    let name = super::db::name_of("detector", &issue_type, "detector.other");
    Operation::new(tracer, name, Detection { issue_type })
}

impl Work<Analysis> {
    /// How many issues there are (`acm.issues_detected`).
    pub fn issues_detected(&mut self, count: usize) {
        self.set("issues_detected", count);
    }
}

impl Work<Detection> {
    /// There is such an issue (`acm.issue_detected`), and how bad it is (`acm.severity`): `low`, `medium`, `high`, …
    pub fn found(&mut self, severity: &str) {
        self.set("issue_detected", true);
        self.set("severity", severity);
    }
}

impl Recorded for Analysis {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        span.set("job_id", self.job_id.as_str());
        span.set("issues_detected", 0);
    }
}

impl Recorded for Detection {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        span.set("detector_type", self.issue_type.as_ref());
    }
}
