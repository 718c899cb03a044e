//! What the spool promises, on real files.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod damage;
mod order;
mod support;
mod takeover;
