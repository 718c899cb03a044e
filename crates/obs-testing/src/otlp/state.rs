//! [`State`]: what a receiver has accepted, and which rejections are still to come.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::export::{Rejection, Signal};
use super::seen::OtlpSeen;
use crate::watched::{Watched, lock};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) seen: Watched<OtlpSeen>,
    rejections: Mutex<VecDeque<(Signal, Rejection)>>,
}

impl State {
    /// Makes the next valid request of `signal` a partial success.
    pub(super) fn reject(&self, signal: Signal, items: usize, message: &str) {
        let rejection = Rejection { items, message: message.to_owned() };
        lock(&self.rejections).push_back((signal, rejection));
    }

    /// Keeps what a valid request holds, but for what the oldest rejection meant for its signal takes away.
    pub(super) fn accept(&self, signal: Signal, mut decoded: OtlpSeen) -> Option<Rejection> {
        let rejection = self.next_rejection(signal);
        if let Some(Rejection { items, .. }) = &rejection {
            decoded.spans.truncate(decoded.spans.len().saturating_sub(*items));
            decoded.metrics.truncate(decoded.metrics.len().saturating_sub(*items));
            decoded.log_records.truncate(decoded.log_records.len().saturating_sub(*items));
        }
        self.seen.update(|seen| {
            seen.spans.append(&mut decoded.spans);
            seen.metrics.append(&mut decoded.metrics);
            seen.log_records.append(&mut decoded.log_records);
        });
        rejection
    }

    fn next_rejection(&self, signal: Signal) -> Option<Rejection> {
        let mut rejections = lock(&self.rejections);
        let at = rejections.iter().position(|(of, _)| *of == signal)?;
        rejections.remove(at).map(|(_, rejection)| rejection)
    }
}
