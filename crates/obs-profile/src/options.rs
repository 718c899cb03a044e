//! [`ProfilerOptions`]: how to sample.

use crate::error::ProfileError;
use obs_core::{Clock, Ledger};
use std::sync::Arc;
use std::time::Duration;

/// How to sample. The defaults are right for production.
#[derive(Clone, Debug)]
pub struct ProfilerOptions {
    /// Samples per second of CPU time, 1 to 1,000; default 100. The kernel looks at the timer once per tick (4 ms on
    /// most systems), so faster rates give heavier samples, not more of them.
    pub hz: u32,
    /// How often samples move from the ring to the profile; default 200 ms.
    pub drain_every: Duration,
    /// Where the times of profiles come from.
    pub clock: Clock,
    /// Where dropped samples are counted; `None` counts them in [`crate::Profile::dropped`] alone.
    pub ledger: Option<Arc<Ledger>>,
}

impl Default for ProfilerOptions {
    fn default() -> Self {
        Self { hz: 100, drain_every: Duration::from_millis(200), clock: Clock::system(), ledger: None }
    }
}

impl ProfilerOptions {
    /// Checks the rate.
    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        if (1..=1000).contains(&self.hz) { Ok(()) } else { Err(ProfileError::Rate { hz: self.hz }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_from_one_to_a_thousand_are_accepted() {
        let check = |hz| ProfilerOptions { hz, ..ProfilerOptions::default() }.check();
        assert!([1, 100, 1000].into_iter().all(|hz| check(hz).is_ok()));
        for hz in [0, 1001, u32::MAX] {
            let message = check(hz).unwrap_err().to_string();
            assert_eq!(message, format!("profiling rate `{hz}` Hz is out of range: expected 1..=1000"));
        }
    }
}
