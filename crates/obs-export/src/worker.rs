//! [`Worker`]: the thread of one destination; takes batches, sends them, and answers for each item.

use crate::health::Health;
use crate::limits::Retry;
use crate::lot::Ticket;
use crate::queue::{Next, Pause, Queue, nanos};
use crate::sink::{Item, Outcome, Sink};
use obs_core::{Clock, DropReason, Fate};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Worker<T: Item> {
    pub(crate) queue: Arc<Queue<T>>,
    pub(crate) sink: Box<dyn Sink<T>>,
    pub(crate) retry: Retry,
    pub(crate) clock: Clock,
    pub(crate) health: Health,
}

/// Ends the queue however the thread ends.
struct LastWords<T: Item>(Arc<Queue<T>>);

impl<T: Item> Drop for LastWords<T> {
    fn drop(&mut self) {
        self.0.end(DropReason::WorkerLost);
    }
}

impl<T: Item> Worker<T> {
    /// Works until the queue ends.
    pub(crate) fn run(mut self) {
        let _last_words = LastWords(Arc::clone(&self.queue));
        // Panics of the sink are caught where it is called; this is for those of an item's destructor, and ours.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.work())) {
            self.queue.lose_batch();
            self.health
                .refused(0, &format!("the delivery thread panicked and goes on: {}", message_of(&*panic)));
        }
        // The sink goes before the queue ends, so that a shutdown that has ended has closed its files.
        let sink = self.sink;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(sink))) {
            self.health.refused(0, &format!("panicked while closing: {}", message_of(&*panic)));
        }
    }

    fn work(&mut self) {
        loop {
            match self.queue.next() {
                Next::Send(batch) => {
                    self.deliver(&batch);
                    self.queue.done_with_batch();
                }
                Next::Flush(flushes) => self.flush(flushes),
                Next::End => return self.flush(0),
            }
        }
    }

    fn flush(&mut self, flushes: u64) {
        let error = match catch_unwind(AssertUnwindSafe(|| self.sink.flush())) {
            Ok(answer) => answer.err(),
            Err(panic) => Some(format!("panicked while flushing: {}", message_of(&*panic))),
        };
        if let Some(error) = &error {
            self.health.refused(0, error);
        }
        self.queue.flushed(flushes, error);
    }

    /// Sends a batch, in parts where it is too large for the other side, oldest first.
    fn deliver(&mut self, batch: &[Ticket<T>]) {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            if self.send_until_answered(part) == Answer::Halve {
                let (older, newer) = part.split_at(part.len() / 2);
                parts.extend([newer, older]);
            }
        }
    }

    /// Tries until the part is settled, or is to be halved.
    fn send_until_answered(&mut self, part: &[Ticket<T>]) -> Answer {
        let items: Vec<&T> = part.iter().map(Ticket::item).collect();
        let give_up_at = self.clock.now().saturating_add(nanos(self.retry.deadline));
        for failures in 1_u32.. {
            if self.queue.is_abandoned() {
                break;
            }
            let hurries = self.queue.hurries();
            let outcome = self.send(&items);
            self.health.overflowed(self.queue.take_overflow());
            match outcome {
                Outcome::Delivered => {
                    let n = self.queue.settle(part, Fate::Delivered);
                    self.health.delivered(n);
                }
                Outcome::Partial { refused, reason, message } => {
                    let refused = refused.iter().filter_map(|i| part.get(*i));
                    let n = self.queue.settle(refused, Fate::Dropped(reason));
                    self.queue.settle(part, Fate::Delivered);
                    self.health.refused(n, &message);
                }
                Outcome::TooLarge { .. } if part.len() > 1 => return Answer::Halve,
                Outcome::TooLarge { message } => self.refuse(part, DropReason::TooLarge, &message),
                Outcome::Refused { reason, message } => self.refuse(part, reason, &message),
                Outcome::Retry { cause, message, .. } if cause.needs_operator() => {
                    self.refuse(part, DropReason::Refused, &message);
                }
                Outcome::Retry { after, message, .. } => {
                    self.health.down(&message);
                    let left = Duration::from_nanos(give_up_at.saturating_sub(self.clock.now()));
                    let wait = after.unwrap_or_else(|| self.retry.wait(failures)).min(left);
                    let reason = if left.is_zero() {
                        DropReason::RetryExhausted
                    } else if self.queue.pause(wait, hurries) == Pause::TimeUp {
                        DropReason::ShutdownDeadline
                    } else {
                        continue;
                    };
                    let n = self.queue.settle(part, Fate::Dropped(reason));
                    self.health.dropped(n);
                }
            }
            break;
        }
        Answer::Settled
    }

    fn refuse(&mut self, part: &[Ticket<T>], reason: DropReason, message: &str) {
        let n = self.queue.settle(part, Fate::Dropped(reason));
        self.health.refused(n, message);
    }

    /// A panic costs the batch, not the thread.
    fn send(&mut self, items: &[&T]) -> Outcome {
        catch_unwind(AssertUnwindSafe(|| self.sink.send(items))).unwrap_or_else(|panic| Outcome::Refused {
            reason: DropReason::WorkerLost,
            message: format!("panicked while sending: {}", message_of(&*panic)),
        })
    }
}

#[derive(PartialEq, Eq)]
enum Answer {
    Settled,
    Halve,
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
