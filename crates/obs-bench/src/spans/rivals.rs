//! The libraries that ours is measured beside, each set up as its documentation says, with a real batch and an end that
//! counts spans and throws them away.

pub(super) mod fastrace;
pub(super) mod floor;
pub(super) mod sdk;
pub(super) mod tracing;
