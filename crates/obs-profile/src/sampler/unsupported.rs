//! Where there is no sampler: everything says so.

use crate::error::ProfileError;
use crate::ring::Ring;
use std::sync::OnceLock;

/// Never made.
#[derive(Debug)]
pub(crate) enum Installed {}

pub(crate) fn install(_hz: u32) -> Result<Installed, ProfileError> {
    supported().and_then(|()| unsupported())
}

pub(crate) fn supported() -> Result<(), ProfileError> {
    unsupported()
}

fn unsupported<T>() -> Result<T, ProfileError> {
    Err(ProfileError::Unsupported { os: std::env::consts::OS, arch: std::env::consts::ARCH })
}

pub(crate) fn ring() -> &'static Ring {
    static RING: OnceLock<Ring> = OnceLock::new();
    RING.get_or_init(|| Ring::new(super::RING_SLOTS))
}

pub(crate) fn walks_stacks() -> bool {
    false
}
