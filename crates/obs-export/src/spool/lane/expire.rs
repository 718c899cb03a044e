//! What a lane gives up: records over age, and the oldest ones where room is needed.

use super::super::batch::{Losses, Lost, Why};
use super::super::folder;
use super::store::Store;

impl Store {
    pub(super) fn take_lost(&mut self, cutoff: u64) -> Vec<Lost> {
        self.expire(cutoff);
        self.losses.take()
    }

    /// Bytes of this lane in the budget.
    pub(super) fn bytes(&self) -> u64 {
        let segments: u64 = self.segments.iter().map(|s| s.len).sum();
        segments + self.set_aside.iter().map(|s| s.len).sum::<u64>()
    }

    /// Drops what is over age, oldest first.
    fn expire(&mut self, cutoff: u64) {
        while self.set_aside.front().is_some_and(|oldest| oldest.name.created < cutoff) {
            self.remove_set_aside();
        }
        loop {
            self.remove_through();
            let Some(front) = self.segments.front_mut() else { return };
            if front.newest < cutoff && front.tail.records > 0 {
                self.drop_front();
                continue;
            }
            let fresh = front.is_through() || front.peek().is_some_and(|head| head.time >= cutoff);
            if fresh || self.skip_front(cutoff).is_none() {
                return;
            }
        }
    }

    /// Drops the oldest file there is. `false` if there is none.
    pub(super) fn drop_oldest(&mut self) -> bool {
        if self.remove_set_aside() {
            return true;
        }
        let any = !self.segments.is_empty();
        self.drop_front();
        any
    }

    /// Drops the oldest segment; what waits in it is lost.
    fn drop_front(&mut self) {
        if let Some(front) = self.segments.front_mut() {
            let mut losses = Losses::default();
            if front.skip(None, &mut losses).is_err() {
                // Not even its numbers can be read.
                losses = Losses::default();
                losses.push(front.lost_rest(Why::Expired));
            }
            self.losses.append(losses);
            self.remove_front();
        }
    }

    fn remove_set_aside(&mut self) -> bool {
        let Some(oldest) = self.set_aside.pop_front() else { return false };
        let path = self.dir.join(oldest.name.corrupt());
        if let Err(e) = folder::missing_is_fine(std::fs::remove_file(&path)) {
            self.spool.warn("remove", &path, &e);
        }
        self.spool.budget.release(oldest.len);
        true
    }
}
