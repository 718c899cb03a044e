//! Functions with `#[traced]`: an `async` one beside a plain one, both of ours.

use crate::spans::bursts::{Arrives, measure};
use crate::spans::group::{Candidate, Group, OURS};
use crate::spans::traced::{Kind, Traced};

const BESIDE: &str = "obs, plain fn";

pub(super) const GROUP: Group = Group {
    name: "async-fn",
    candidates: &[
        Candidate { name: OURS, measure: |n| measure(&Traced::start(Kind::Async)?, n, Arrives::All) },
        Candidate { name: BESIDE, measure: |n| measure(&Traced::start(Kind::Plain)?, n, Arrives::All) },
    ],
    figure: |s| s.median_ns,
    beside: Some(BESIDE),
    judge: |rows, findings| {
        rows.at_most(findings, "the caller waits", |s| s.median_ns, Some(BESIDE), 2.0);
    },
};
