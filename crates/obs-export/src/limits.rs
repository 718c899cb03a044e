//! [`Limits`] and [`Retry`]: every bound of the delivery of one signal.

use std::time::Duration;

/// Bounds of one destination's queue and batches. They hold for each destination of a stream on its own.
///
/// ```
/// use obs_export::Limits;
/// let limits = Limits { batch_items: 100, ..Limits::default() };
/// assert_eq!(limits.queue_items, 65_536);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Items of the ledger (an item may stand for several: [`Item::count`](crate::Item::count)) that may wait, beside the batch in hand. When they are reached the newest item of the lowest
    /// [`Priority`](crate::sink::Priority) below the new one's is dropped for it, else the new one. At least 1, default
    /// 65,536.
    pub queue_items: usize,
    /// Bytes ([`Item::weight`](crate::Item::weight)) that may wait, beside the batch in hand; what does not fit is
    /// dropped in the same way. Default 64 MiB.
    pub queue_bytes: usize,
    /// Items of the ledger in one batch. At least 1, default 512; an item that stands for more travels alone.
    pub batch_items: usize,
    /// Bytes in one batch; an item larger than that travels alone. Default 1 MiB.
    pub batch_bytes: usize,
    /// How long an item waits for others to fill its batch. Default 1 s; zero sends what there is at once.
    pub max_age: Duration,
    /// When a batch is tried again.
    pub retry: Retry,
    /// With a spool: how long a batch may be under way, or an item wait while the destination is in trouble, before it is
    /// written to disk. Default 250 ms. With [`Limits::sync_every`], and half a second of [`Limits::max_age`], it bounds
    /// what a crash of the machine can take.
    pub write_ahead: Duration,
    /// With a spool: how long after it was written an item is made durable (`fdatasync`). Default 250 ms. A crash of the
    /// process alone takes nothing that was written.
    pub sync_every: Duration,
    /// With a spool: how long pushing an item of high priority may wait for the disk when the queue is full of such items.
    /// Default 100 ms; then it is dropped after all. No other push ever waits.
    pub make_room: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_items: 65_536,
            queue_bytes: 64 << 20,
            batch_items: 512,
            batch_bytes: 1 << 20,
            max_age: Duration::from_secs(1),
            retry: Retry::default(),
            write_ahead: Duration::from_millis(250),
            sync_every: Duration::from_millis(250),
            make_room: Duration::from_millis(100),
        }
    }
}

/// When a batch is tried again: exponential backoff with full jitter.
///
/// The wait before try *n* is uniform between zero and `min(max, initial · 2ⁿ⁻¹)`, which spreads clients best after a
/// common outage: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>. A wait the other side
/// asked for is kept to instead, as far as `deadline` allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Longest wait before the second try. Default 100 ms.
    pub initial: Duration,
    /// Longest wait before any try. Default 5 s.
    pub max: Duration,
    /// How long after its first try a batch is given up. Default 60 s; zero means one try.
    pub deadline: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(100),
            max: Duration::from_secs(5),
            deadline: Duration::from_mins(1),
        }
    }
}

impl Retry {
    /// The longest wait after `failures` tries (from 1).
    pub(crate) fn ceiling(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial.saturating_mul(factor).min(self.max)
    }

    /// The wait after `failures` tries (from 1), with jitter.
    pub(crate) fn wait(&self, failures: u32) -> Duration {
        self.ceiling(failures).mul_f64(fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_maximum_and_never_overflows() {
        let retry = Retry::default();
        let ceilings: Vec<u128> = (1..=7).map(|n| retry.ceiling(n).as_millis()).collect();
        assert_eq!(ceilings, [100, 200, 400, 800, 1600, 3200, 5000]);
        assert_eq!(retry.ceiling(u32::MAX), retry.max);
        let endless = Retry { initial: Duration::MAX, max: Duration::MAX, ..retry };
        assert_eq!(endless.ceiling(9), Duration::MAX);
    }

    #[test]
    fn the_jitter_is_full() {
        let retry = Retry::default();
        let waits: Vec<Duration> = (0..1000).map(|_| retry.wait(3)).collect();
        assert!(waits.iter().all(|w| *w <= retry.ceiling(3)));
        assert!(waits.iter().any(|w| *w < retry.ceiling(3) / 10));
        assert!(waits.iter().any(|w| *w > retry.ceiling(3) * 9 / 10));
    }
}
