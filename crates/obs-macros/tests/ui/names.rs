//! Names follow the rules of span names, also those of functions.

use obs_metrics::timed;
use obs_trace::traced;

#[traced("data.guardrails.data_quality.missing_values")]
fn too_deep() {}

#[traced(name = "Fit.PCA")]
fn upper_case() {}

#[traced]
fn _starts_with_underscore() {}

#[timed("")]
fn empty() {}

#[timed]
fn upperCase() {}

fn main() {}
