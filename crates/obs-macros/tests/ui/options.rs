//! Options that are unknown, given twice or of the wrong kind.

use obs_metrics::timed;
use obs_trace::traced;

#[traced(level = "debug")]
fn unknown_option() {}

#[timed(skip(rows))]
fn unknown_option_of_timed(rows: u32) {}

#[traced("fit.pca", name = "fit.pca")]
fn two_names() {}

#[traced(skip(model), "fit.pca")]
fn name_not_first(model: u32) {}

#[traced(skip(modle))]
fn unknown_argument(model: u32, rows: u32) {}

#[traced(skip(model))]
fn no_arguments() {}

#[traced(kind = outgoing)]
fn unknown_kind() {}

#[traced(err = "no")]
fn not_a_switch() -> Result<(), String> {
    Ok(())
}

#[traced(fields(rows))]
fn field_without_value(rows: u32) {}

#[traced(fit)]
fn name_without_quotes() {}

fn main() {}
