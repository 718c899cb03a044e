//! The groups, each in a file with its bars.

mod async_fn;
mod memory;
mod off;
mod otel_bridge;
mod poll;
mod sampled;
mod saturated;
mod tracing_layer;
mod two_threads;
mod unsampled;

use super::group::Group;

/// Every group, in the order of the table.
pub(super) const ALL: &[Group] = &[
    sampled::GROUP,
    two_threads::GROUP,
    saturated::GROUP,
    unsampled::GROUP,
    off::GROUP,
    poll::GROUP,
    async_fn::GROUP,
    otel_bridge::GROUP,
    tracing_layer::GROUP,
    memory::IDLE,
    memory::THOUSAND,
    memory::HUNDRED_THOUSAND,
    memory::LONG_SPAN,
];
