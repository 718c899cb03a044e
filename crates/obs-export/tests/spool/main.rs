//! What the spool promises, on real files.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod bounds;
mod damage;
mod files;
mod full_disk;
mod model;
mod order;
mod support;
mod takeover;
