//! [`Engine`]: starts the destinations of every signal, flushes them and shuts them down.

use crate::health::Health;
use crate::limits::Limits;
use crate::lot::Books;
use crate::queue::{Flushed, Lane, Queue, nanos};
use crate::report::{FlushReport, ShutdownReport};
use crate::sink::{Item, Sink};
use crate::stream::Stream;
use crate::worker::Worker;
use obs_core::{Clock, Diag, DropReason, Ledger, Signal};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Delivers the items of every signal, on a thread of its own for each destination.
///
/// It needs nothing of the caller: no async runtime, no particular thread. Dropping it shuts it down within
/// [`Engine::DROP_DEADLINE`].
pub struct Engine {
    ledger: Arc<Ledger>,
    clock: Clock,
    /// Measures flushes, shutdowns and waits, which are real whatever `clock` says.
    timer: Clock,
    diag: Diag,
    lanes: Mutex<Lanes>,
}

#[derive(Default)]
struct Lanes {
    all: Vec<Named>,
    /// Set by the first shutdown.
    closed: bool,
}

#[derive(Clone)]
struct Named {
    /// `log/loki`
    name: String,
    lane: Arc<dyn Lane>,
}

impl Engine {
    /// How long dropping an engine that was not shut down may take: 5 s.
    pub const DROP_DEADLINE: Duration = Duration::from_secs(5);

    /// An engine without streams: it has no thread yet. `clock` dates items (batch age, retry deadline).
    pub fn new(ledger: Arc<Ledger>, clock: Clock, diag: Diag) -> Self {
        Self { ledger, clock, timer: Clock::system(), diag, lanes: Mutex::default() }
    }

    /// The account of everything that is pushed.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Opens the stream of a signal: each item goes to every sink, each sink has a queue of `limits` and a thread named
    /// `obs-<signal>-<sink>`. Without sinks the stream is off and costs nothing.
    ///
    /// When the system gives no thread, the destination's items count as dropped
    /// ([`WorkerLost`](DropReason::WorkerLost)); after a shutdown, as [`AfterShutdown`](DropReason::AfterShutdown).
    /// Takes at most 65,535 sinks and leaves out the rest.
    pub fn stream<T: Item>(
        &self,
        signal: Signal,
        mut sinks: Vec<Box<dyn Sink<T>>>,
        limits: Limits,
    ) -> Stream<T> {
        sinks.truncate(usize::from(u16::MAX));
        let rows = sinks.iter().map(|sink| self.ledger.destination(signal, sink.name())).collect();
        let books = Books { ledger: Arc::clone(&self.ledger), signal, rows };
        let limits = std::iter::repeat_n(limits, sinks.len());
        let queues = sinks.into_iter().zip(limits).map(|(sink, l)| self.start(signal, sink, l)).collect();
        Stream::new(Arc::new(books), queues)
    }

    /// Starts the thread of one destination.
    fn start<T: Item>(&self, signal: Signal, sink: Box<dyn Sink<T>>, limits: Limits) -> Arc<Queue<T>> {
        let name = format!("{}/{}", signal.as_str(), sink.name());
        let thread_name = format!("obs-{}-{}", signal.as_str(), sink.name()).replace('\0', "");
        let retry = limits.retry.clone();
        let queue = Arc::new(Queue::new(limits, self.clock.clone(), self.timer.clone()));
        let mut lanes = self.lanes();
        if lanes.closed {
            queue.end(DropReason::AfterShutdown);
            return queue;
        }
        let health = Health::new(signal, sink.name(), self.diag.clone(), self.clock.clone());
        let worker = Worker { queue: Arc::clone(&queue), sink, retry, clock: self.clock.clone(), health };
        if let Err(error) = thread::Builder::new().name(thread_name).spawn(move || worker.run()) {
            queue.end(DropReason::WorkerLost);
            self.diag.warn("engine", &format!("{name} has no thread, its items are dropped: {error}"));
        }
        lanes.all.push(Named { name, lane: Arc::clone(&queue) as Arc<dyn Lane> });
        queue
    }

    /// Sends what was pushed before the call and makes it durable; waits for that, at most `deadline`. A destination
    /// that is waiting to try again tries at once.
    pub fn flush(&self, deadline: Duration) -> FlushReport {
        let start = self.timer.now();
        let until = start.saturating_add(nanos(deadline));
        let lanes = self.lanes().all.clone();
        let asked: Vec<u64> = lanes.iter().map(|l| l.lane.ask_flush()).collect();
        let mut report = FlushReport::default();
        for (Named { name, lane }, number) in lanes.iter().zip(asked) {
            match lane.wait_flushed(number, until) {
                Flushed::Done => {}
                Flushed::Failed(error) => report.failed.push(format!("{name}: {error}")),
                Flushed::NotYet => report.waiting.push(name.clone()),
            }
        }
        report.elapsed = self.since(start);
        report
    }

    /// Takes no more items, sends what there is, and ends the threads; returns by `deadline` whatever they do.
    ///
    /// A destination that is waiting to try again tries at once, and further until no try fits before the deadline.
    /// What is left then counts as [`ShutdownDeadline`](DropReason::ShutdownDeadline), also what a thread has in hand:
    /// it may still arrive, but is not counted again. Another call waits for what is left and reports anew.
    pub fn shutdown(&self, deadline: Duration) -> ShutdownReport {
        let start = self.timer.now();
        let until = start.saturating_add(nanos(deadline));
        let lanes = {
            let mut lanes = self.lanes();
            lanes.closed = true;
            lanes.all.clone()
        };
        for Named { lane, .. } in &lanes {
            lane.begin_shutdown(until);
        }
        let mut report = ShutdownReport::default();
        for Named { name, lane } in &lanes {
            let finished = lane.finish_shutdown(until);
            if finished.late {
                report.timed_out.push(name.clone());
            }
            report.failed.extend(finished.flush_error.map(|error| format!("{name}: {error}")));
        }
        report.signals = self.ledger.snapshot();
        report.elapsed = self.since(start);
        report
    }

    fn since(&self, start: u64) -> Duration {
        Duration::from_nanos(self.timer.now().saturating_sub(start))
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if !self.lanes().closed {
            self.shutdown(Self::DROP_DEADLINE);
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.lanes().all.iter().map(|l| l.name.clone()).collect();
        f.debug_struct("Engine").field("destinations", &names).finish_non_exhaustive()
    }
}
