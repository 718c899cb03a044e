//! [`ProfileItem`]: a profile on its way to a sink.

use crate::profile::Profile;
use obs_export::Item;

/// A profile as the delivery engine carries it.
#[derive(Clone, Debug)]
pub struct ProfileItem(pub Profile);

impl Item for ProfileItem {
    fn weight(&self) -> usize {
        let stacks: usize =
            self.0.samples.iter().map(|s| size_of_val(s) + size_of_val(s.stack.as_slice())).sum();
        size_of::<Self>() + stacks
    }

    /// Its samples: periods of CPU time.
    fn count(&self) -> u64 {
        self.0.count().max(1)
    }
}
