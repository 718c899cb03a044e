//! Functions with spans, each beside the same function without: built without the feature `trace` of `obs`, both must be
//! the same machine code.
//!
//! `cargo xtask features-off` builds this crate so, and compares the functions whose names it knows. It is a crate of its
//! own because an example shares its features with what the tests of its crate need, and those record spans.

use obs::obs_trace::{Outcome, Status};
use obs::{Tracer, span, traced};
use std::num::ParseIntError;

/// A part of the work: a call, so that the loops around it stay as they are written.
#[inline(never)]
fn step(sum: u64, row: u64) -> u64 {
    sum.rotate_left(7) ^ row.wrapping_mul(3)
}

/// The work, without spans.
#[inline(never)]
pub fn bare(rows: &[u64]) -> u64 {
    let mut sum = 0_u64;
    for row in rows {
        sum = step(sum, *row);
    }
    sum
}

/// The work in spans of the process's tracer, with all that a span can be told.
#[inline(never)]
pub fn in_spans(rows: &[u64]) -> u64 {
    let mut run = span!("pipeline.run", n_samples = rows.len(), equipment = "FD_FAN");
    let mut sum = 0_u64;
    for row in rows {
        let mut fit = span!("fit.pca", n_samples = *row);
        sum = step(sum, *row);
        fit.set("n_components", sum);
        fit.event("row", &[]);
        if fit.is_recording() {
            fit.event("row", &[("row", (*row).into()), ("name", "isolation".into())]);
        }
    }
    run.set_dynamic("hash", sum);
    run.record_failure("Late", "too late", None);
    run.error("too late");
    run.status(&Status::Ok);
    run.outcome(Outcome::Success);
    run.keep();
    run.track_resources();
    if run.is_recording() { run.span_id().map_or(0, |_| 1) } else { sum }
}

/// The work in spans of a given tracer, which leave their thread.
#[inline(never)]
pub fn in_spans_of(rows: &[u64], tracer: &Tracer) -> u64 {
    let run = span!(tracer, "pipeline.run", n_samples = rows.len()).detach().enter();
    let mut sum = 0_u64;
    for row in rows {
        let _fit = span!(tracer, "fit.pca", n_samples = *row);
        sum = step(sum, *row);
    }
    drop(run);
    sum
}

/// The work as a function with an attribute.
#[inline(never)]
#[traced("pipeline.run", fields(n_samples = rows.len()))]
pub fn in_attribute(rows: &[u64]) -> u64 {
    let mut sum = 0_u64;
    for row in rows {
        sum = step(sum, *row);
    }
    sum
}

/// Work that may fail, without a span.
#[inline(never)]
pub fn bare_result(text: &str) -> Result<u64, ParseIntError> {
    Ok(text.parse::<u64>()?.rotate_left(7))
}

/// Work that may fail, as a function with an attribute.
#[inline(never)]
#[traced("load.data")]
pub fn result_in_attribute(text: &str) -> Result<u64, ParseIntError> {
    Ok(text.parse::<u64>()?.rotate_left(7))
}
