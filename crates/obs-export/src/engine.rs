//! [`Engine`]: starts the destinations of every signal, flushes them and shuts them down.

use crate::cpu::CpuMeter;
use crate::health::Health;
use crate::limits::Limits;
use crate::lot::Books;
use crate::marks::SPOOLING_DESTINATIONS;
use crate::quarantine::Quarantine;
use crate::queue::{Flushed, Lane, Queue};
use crate::report::{FlushReport, ShutdownReport};
use crate::sender::Sender;
use crate::shelf::Shelf;
use crate::sink::{Item, Sink};
use crate::spool::Spool;
use crate::spooler::Spooler;
use crate::stream::Stream;
use crate::sync::nanos;
use obs_core::ledger::Probe;
use obs_core::{Clock, Diag, DropReason, Ledger, Signal};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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
    /// Let go of by the first shutdown.
    spool: Option<Arc<Spool>>,
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

    /// Keeps on disk what cannot reach a remote destination ([`Sink::is_remote`]), and delivers what earlier processes left
    /// there. Holds for the streams that are opened after it.
    #[must_use]
    pub fn with_spool(self, spool: Arc<Spool>) -> Self {
        self.lanes().spool = Some(spool);
        self
    }

    /// The account of everything that is pushed.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Opens the stream of a signal: each item goes to every sink, each sink has a queue of `limits` and a thread named
    /// `obs-<signal>-<sink>`, and with a spool a second one. Without sinks the stream is off and costs nothing.
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
        let books = Arc::new(Books::new(Arc::clone(&self.ledger), signal, rows));
        let limits = std::iter::repeat_n(limits, sinks.len());
        let queues = sinks
            .into_iter()
            .zip(0_u16..)
            .zip(limits)
            .map(|((sink, place), limits)| self.start(&books, place, sink, limits))
            .collect();
        Stream::new(books, queues)
    }

    /// Starts the threads of one destination.
    fn start<T: Item>(
        &self,
        books: &Arc<Books>,
        place: u16,
        sink: Box<dyn Sink<T>>,
        limits: Limits,
    ) -> Arc<Queue<T>> {
        let signal = books.signal.as_str();
        let name = format!("{signal}/{}", sink.name());
        let shelf = self.shelf(books, place, &name, sink.is_remote());
        let quarantine = shelf.is_some().then(|| self.quarantine(&name)).flatten();
        let queue = Arc::new(Queue::new(limits, self.clock.clone(), self.timer.clone(), shelf));
        let mut lanes = self.lanes();
        if lanes.closed {
            queue.end(DropReason::AfterShutdown);
            return queue;
        }
        let row = Arc::clone(&books.rows[usize::from(place)]);
        let probe: Weak<dyn Probe> = Arc::downgrade(&(Arc::clone(&queue) as Arc<dyn Probe>));
        row.watch(probe);
        let encoder = sink.encoder();
        let context: Arc<[u8]> = encoder.context().into();
        let thread_name = format!("obs-{signal}-{}", sink.name()).replace('\0', "");
        if queue.shelf().is_some() {
            let spooler = Spooler {
                queue: Arc::clone(&queue),
                encoder: Arc::clone(&encoder),
                context: Arc::clone(&context),
                timer: self.timer.clone(),
                diag: self.diag.clone(),
                row: Arc::clone(&row),
                cpu: CpuMeter::new(),
                unsynced: None,
                blocked: None,
            };
            self.spawn(&queue, &name, format!("{thread_name}-spool"), move || spooler.run());
        }
        let sender = Sender {
            queue: Arc::clone(&queue),
            health: Health::new(books.signal, sink.name(), self.diag.clone(), self.clock.clone()),
            sink,
            encoder,
            context,
            clock: self.clock.clone(),
            timer: self.timer.clone(),
            row,
            quarantine,
            failures: 0,
            unfinished: None,
            cpu: CpuMeter::new(),
        };
        self.spawn(&queue, &name, thread_name, move || sender.run());
        lanes.all.push(Named { name, lane: Arc::clone(&queue) as Arc<dyn Lane> });
        queue
    }

    fn spawn<T: Item>(
        &self,
        queue: &Arc<Queue<T>>,
        name: &str,
        thread_name: String,
        run: impl FnOnce() + Send + 'static,
    ) {
        queue.enter();
        if let Err(error) = thread::Builder::new().name(thread_name).spawn(run) {
            queue.end(DropReason::WorkerLost);
            self.diag.warn("engine", &format!("{name} has no thread, its items are dropped: {error}"));
        }
    }

    /// The spool of a remote destination. One that cannot be used is told, and the destination works without.
    fn shelf(&self, books: &Arc<Books>, place: u16, name: &str, is_remote: bool) -> Option<Shelf> {
        if !is_remote || place >= SPOOLING_DESTINATIONS {
            return None;
        }
        let spool = self.lanes().spool.clone()?;
        match spool.lane(name) {
            Ok(lane) => Some(Shelf::new(lane, Arc::clone(books), place)),
            Err(error) => {
                self.diag.warn("spool", &format!("{name} works without: {error}"));
                None
            }
        }
    }

    fn quarantine(&self, name: &str) -> Option<Quarantine> {
        let path = self.lanes().spool.as_ref()?.quarantine(name);
        Some(Quarantine::new(path, self.clock.clone()))
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
    ///
    /// With a spool nothing is left: what cannot be sent goes to disk and counts as spooled. A destination that is down
    /// gets one more try, one that does not answer a second; the rest of the deadline is not waited for.
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
        self.lanes().spool = None;
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
