//! Our costs, measured. Each question is a module with `Args` and `run`; the command `obs-bench` asks them.

mod allocations;
mod cpu;
pub mod delivery;
mod findings;
mod memory;
pub mod outage;
pub mod overhead;
pub mod peer;
pub mod spans;

pub use findings::Findings;

use std::error::Error;

/// What measuring something yields, or why it could not be measured.
pub type Answer<T = Findings> = Result<T, Box<dyn Error>>;
