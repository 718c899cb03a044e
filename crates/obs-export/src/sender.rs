//! [`Sender`]: the thread of one destination; takes batches, sends them, and answers for each item.

use crate::cpu::CpuMeter;
use crate::delivery::{Delivery, Part};
use crate::health::Health;
use crate::quarantine::Quarantine;
use crate::queue::{Next, Pause, Queue};
use crate::sink::{Batch, Encoder, Item, Outcome, Sink};
use crate::sync::nanos;
use obs_core::ledger::Destination;
use obs_core::{Cause, Clock, DropReason, Fate};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Sender<T: Item> {
    pub(crate) queue: Arc<Queue<T>>,
    pub(crate) sink: Box<dyn Sink<T>>,
    pub(crate) encoder: Arc<dyn Encoder<T>>,
    /// [`Encoder::context`]
    pub(crate) context: Arc<[u8]>,
    /// Dates retry deadlines.
    pub(crate) clock: Clock,
    /// Measures attempts.
    pub(crate) timer: Clock,
    pub(crate) health: Health,
    pub(crate) row: Arc<Destination>,
    pub(crate) quarantine: Option<Quarantine>,
    /// Failed attempts since the last one that did not fail.
    pub(crate) failures: u32,
    /// A batch from disk that has to be tried again.
    pub(crate) unfinished: Option<Delivery<T>>,
    pub(crate) cpu: CpuMeter,
}

/// Tells the queue however the thread ends.
struct LastWords<T: Item>(Arc<Queue<T>>);

impl<T: Item> Drop for LastWords<T> {
    fn drop(&mut self) {
        self.0.leave(true, DropReason::WorkerLost);
    }
}

/// The wait before another try; see [`Queue::pause`].
struct Wait {
    delay: Duration,
    hurries: u64,
    may_pass: bool,
}

/// How the delivery of a batch goes on.
#[derive(PartialEq, Eq)]
enum Verdict {
    /// Send the next part.
    Next,
    /// Try this batch again, but ask the queue first.
    Later,
    /// There is no time left.
    Stop,
}

impl<T: Item> Sender<T> {
    /// Works until the queue ends.
    pub(crate) fn run(mut self) {
        let _last_words = LastWords(Arc::clone(&self.queue));
        // Panics of the sink are caught where it is called; this is for those of an item's destructor, and ours.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.work())) {
            self.unfinished = None;
            self.queue.lose_parcel();
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
            let delivery = match self.queue.next() {
                Next::Fresh(parcel) => {
                    self.unfinished = None;
                    let Some(delivery) = Delivery::fresh(parcel, &*self.encoder) else { continue };
                    delivery
                }
                Next::Stored => match self.unfinished.take().or_else(|| self.read()) {
                    Some(delivery) => delivery,
                    None => continue,
                },
                Next::Flush(flushes) => {
                    self.flush(flushes);
                    continue;
                }
                Next::End => return self.flush(0),
            };
            self.deliver(delivery);
            self.cpu.enter(&self.row);
        }
    }

    /// The oldest records on disk.
    fn read(&self) -> Option<Delivery<T>> {
        let limits = self.queue.limits();
        let batch = self.queue.shelf()?.next(limits.batch_items.max(1), limits.batch_bytes)?;
        Some(Delivery::stored(batch))
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

    /// Sends a batch, in parts where the other side does not take it whole, oldest first.
    fn deliver(&mut self, mut delivery: Delivery<T>) {
        while let Some(part) = delivery.next_part() {
            match self.send_part(&mut delivery, part) {
                Verdict::Next => {}
                Verdict::Later => {
                    self.unfinished = Some(delivery).filter(Delivery::is_stored);
                    return;
                }
                Verdict::Stop => return self.stop(&mut delivery),
            }
        }
        delivery.finish(&self.queue);
        if !delivery.is_stored() {
            self.queue.done_with_parcel();
        }
    }

    /// No time is left: what has no answer by now and is not on disk is lost.
    fn stop(&mut self, delivery: &mut Delivery<T>) {
        if self.queue.shelf().is_some() {
            return;
        }
        while let Some(part) = delivery.next_part() {
            let n = delivery.settle(&self.queue, &part, Fate::Dropped(DropReason::ShutdownDeadline));
            self.health.dropped(n);
        }
        self.queue.done_with_parcel();
    }

    fn send_part(&mut self, delivery: &mut Delivery<T>, part: Part) -> Verdict {
        if self.queue.is_abandoned() {
            delivery.put_back(part);
            return Verdict::Stop;
        }
        let first_try = *delivery.tried_since.get_or_insert(self.clock.now());
        let hurries = self.queue.begin_attempt();
        let outcome = self.attempt(delivery, &part);
        let (overflow, spooled) = self.queue.take_overflow();
        self.health.overflowed(overflow);
        self.health.spooled(spooled);
        match outcome {
            Outcome::Delivered => self.delivered(delivery, &part),
            Outcome::Partial { refused, reason, message } => {
                let records = delivery.records(&part, &*self.encoder);
                let mut short = vec![0; records.len()];
                for index in refused {
                    let Some(record) = records.get(index) else { continue };
                    if std::mem::replace(&mut short[index], u64::from(record.count)) == 0
                        && let Some(quarantine) = &mut self.quarantine
                    {
                        quarantine.keep(reason, &message, record.bytes);
                    }
                }
                self.delivered_short(delivery, &part, &short, reason, &message);
            }
            Outcome::Short { refused, reason, message } => {
                let records = delivery.records(&part, &*self.encoder);
                if refused >= records.iter().map(|record| u64::from(record.count)).sum() {
                    self.refuse(delivery, &part, reason, &message);
                } else {
                    let short = delivery.refused_of_each(&self.queue, &part, refused);
                    self.delivered_short(delivery, &part, &short, reason, &message);
                }
            }
            Outcome::TooLarge { message } => {
                if !delivery.halve(&part, &*self.encoder) {
                    self.refuse(delivery, &part, DropReason::TooLarge, &message);
                }
            }
            Outcome::Refused { reason, message } => {
                let to_blame = matches!(reason, DropReason::Refused | DropReason::WorkerLost);
                let goes_on = to_blame && !delivery.is_futile() && delivery.halve(&part, &*self.encoder);
                if !goes_on {
                    self.refuse(delivery, &part, reason, &message);
                }
            }
            Outcome::Retry { cause, message, .. }
                if cause.needs_operator() && self.queue.shelf().is_none() =>
            {
                self.refuse(delivery, &part, DropReason::Refused, &message);
            }
            Outcome::Retry { cause, after, message } => {
                self.failures += 1;
                self.health.down(&message);
                let delay = self.wait_before_retry(cause, after);
                return self.try_later(
                    delivery,
                    part,
                    first_try,
                    Wait { delay, hurries, may_pass: cause.may_pass() },
                );
            }
        }
        delivery.tried_since = None;
        Verdict::Next
    }

    /// One call of the sink. A panic costs what it was called with, not the thread.
    fn attempt(&mut self, delivery: &Delivery<T>, part: &Part) -> Outcome {
        let records = delivery.records(part, &*self.encoder);
        let batch = Batch { context: delivery.context(&self.context), records: &records };
        let start = self.timer.now();
        let outcome = catch_unwind(AssertUnwindSafe(|| self.sink.send(&batch))).unwrap_or_else(|panic| {
            Outcome::Refused {
                reason: DropReason::WorkerLost,
                message: format!("panicked while sending: {}", message_of(&*panic)),
            }
        });
        let failure = match &outcome {
            Outcome::Retry { cause, .. } => Some(*cause),
            _ => None,
        };
        self.row.exported(Duration::from_nanos(self.timer.now().saturating_sub(start)), failure);
        self.queue.end_attempt(failure.is_some());
        outcome
    }

    fn delivered(&mut self, delivery: &mut Delivery<T>, part: &Part) {
        (delivery.taken, delivery.refused_in_a_row, self.failures) = (true, 0, 0);
        let n = delivery.settle(&self.queue, part, Fate::Delivered);
        self.health.delivered(n);
    }

    /// The part arrived, but for so many items of each of its records.
    fn delivered_short(
        &mut self,
        delivery: &mut Delivery<T>,
        part: &Part,
        short: &[u64],
        reason: DropReason,
        message: &str,
    ) {
        (delivery.taken, delivery.refused_in_a_row, self.failures) = (true, 0, 0);
        let (delivered, refused) = delivery.settle_short(&self.queue, part, short, reason);
        self.health.delivered(delivered);
        self.health.refused(refused, message);
    }

    fn refuse(&mut self, delivery: &mut Delivery<T>, part: &Part, reason: DropReason, message: &str) {
        self.failures = 0;
        delivery.refused_in_a_row += 1;
        if let Some(quarantine) = &mut self.quarantine {
            for record in delivery.records(part, &*self.encoder) {
                quarantine.keep(reason, message, record.bytes);
            }
        }
        let n = delivery.settle(&self.queue, part, Fate::Dropped(reason));
        self.health.refused(n, message);
    }

    /// What the other side asked for, else exponential backoff with full jitter; the longest wait where only a change of
    /// settings helps.
    fn wait_before_retry(&self, cause: Cause, after: Option<Duration>) -> Duration {
        let retry = &self.queue.limits().retry;
        match after {
            Some(after) => after,
            None if cause.needs_operator() => retry.max,
            None => retry.wait(self.failures),
        }
    }

    fn try_later(
        &mut self,
        delivery: &mut Delivery<T>,
        part: Part,
        first_try: u64,
        Wait { delay, hurries, may_pass }: Wait,
    ) -> Verdict {
        if self.queue.shelf().is_some() {
            delivery.put_back(part);
            // What is on disk waits there, whatever becomes of this thread.
            self.queue.pause(delay, hurries, may_pass);
            return Verdict::Later;
        }
        let give_up_at = first_try.saturating_add(nanos(self.queue.limits().retry.deadline));
        let left = Duration::from_nanos(give_up_at.saturating_sub(self.clock.now()));
        if left.is_zero() {
            let n = delivery.settle(&self.queue, &part, Fate::Dropped(DropReason::RetryExhausted));
            self.health.dropped(n);
            delivery.tried_since = None;
            return Verdict::Next;
        }
        let pause = self.queue.pause(delay.min(left), hurries, may_pass);
        delivery.put_back(part);
        if pause == Pause::TimeUp { Verdict::Stop } else { Verdict::Next }
    }
}

pub(crate) fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
