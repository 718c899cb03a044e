//! A short outage, as `obs-bench outage` measures a long one. Alone in its file: it watches the memory of its process.

use obs_bench::outage::{self, Args};
use std::path::Path;

/// TRC-07, TRC-08, LOG-32
#[test]
fn an_outage_costs_the_caller_nothing_and_loses_nothing() {
    // A debug build on a shared machine: the strict bar is the command's own.
    let args = Args { seconds: 3, p99_us: 200, folder: None };
    let findings = outage::run(&args, Path::new(env!("CARGO_BIN_EXE_obs-bench"))).unwrap();
    assert!(findings.missed().is_empty(), "{findings}");
}
