//! Timestamps: from text to [`Stamp`]s, from all stamps of a column to one reading of them, from times to a time line.

mod calendar;
mod counter;
mod cursor;
mod form;
mod order;
mod resolve;
mod stamp;
pub(super) mod timeline;

pub(super) use form::Form;
pub(super) use resolve::{Resolved, Run, Unresolved, resolve};
pub(super) use stamp::{Stamp, Value, parse, parse_clock_only, parse_given};
