//! [`Rig`]: lines to Loki and spans to OTLP, with a spool, and the peer that they go to.

use crate::Answer;
use crate::memory;
use crate::peer::{Peer, Role};
use obs_core::{Clock, Diag, Ledger, ServiceIdentity, Signal};
use obs_export::http::HttpOptions;
use obs_export::otlp::OtlpClient;
use obs_export::{Engine, Limits, ShutdownReport, Spool, SpoolOptions};
use obs_logs::Logs;
use obs_logs::sinks::{LokiOptions, LokiSink};
use obs_trace::Tracer;
use obs_trace::sink::OtlpSink;
use slog::Logger;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Bytes that each of the two queues holds: an eighth of the default, so that memory which grows with the outage shows.
const QUEUE: usize = 8 << 20;
/// Bytes that both hold.
pub(super) const QUEUES: u64 = 2 * QUEUE as u64;
/// How long delivery may take once the destinations are back.
const PATIENCE: Duration = Duration::from_mins(2);

/// The two signals at work.
pub(super) struct Rig {
    pub(super) logger: Logger,
    pub(super) tracer: Tracer,
    pub(super) peer: Peer,
    engine: Engine,
    spool: Arc<Spool>,
    clock: Clock,
}

impl Rig {
    pub(super) fn start(program: &Path, folder: &Path) -> Answer<Self> {
        let peer = Peer::start(program, Role::BlackHole)?;
        let (to, http, identity) = (peer.endpoint()?, HttpOptions::default(), ServiceIdentity::default());
        let (ledger, clock) = (Arc::new(Ledger::default()), Clock::system());
        // That the destinations are down is no news here.
        let diag = Diag::to(Box::new(std::io::sink()), clock.clone());
        let spool = Spool::open(SpoolOptions::new(folder), "bench", clock.clone(), diag.clone())?;
        let spool = Arc::new(spool);
        let engine = Engine::new(Arc::clone(&ledger), clock.clone(), diag).with_spool(Arc::clone(&spool));
        let limits = Limits { queue_bytes: QUEUE, ..Limits::default() };
        let loki = LokiSink::new(&to, &http, &identity, LokiOptions::default())?;
        let lines = engine.stream(Signal::Log, vec![Box::new(loki)], limits.clone());
        let logs = Logs::builder(&identity).clock(clock.clone()).build(move |line| lines.push_one(line));
        let otlp = OtlpClient::new(&to, "/v1/traces", "spans", &http)?;
        let otlp = OtlpSink::new(otlp, identity);
        let spans = engine.stream(Signal::Trace, vec![Box::new(otlp)], limits);
        let tracer = Tracer::builder().clock(clock.clone()).export(ledger, spans).build();
        Ok(Self { logger: logs.logger("acm.pipeline"), tracer, peer, engine, spool, clock })
    }

    pub(super) fn spool_bytes(&self) -> u64 {
        self.spool.bytes()
    }

    /// Waits until nothing is in memory or on disk; says how long that took, and watches the memory.
    pub(super) fn drain(&self, peak: &mut u64) -> Answer<Duration> {
        let start = self.clock.now();
        // Ends the wait for the next try.
        let _ = self.engine.flush(PATIENCE);
        loop {
            let took = Duration::from_nanos(self.clock.now() - start);
            let ledger = self.engine.ledger().snapshot();
            let waiting = |signal: Signal| {
                let account = &ledger.signal(signal).account;
                account.in_flight() + account.spooled
            };
            let left = waiting(Signal::Log) + waiting(Signal::Trace);
            if left == 0 {
                return Ok(took);
            }
            if took > PATIENCE {
                return Err(format!("{left} items still wait after {took:?}").into());
            }
            *peak = (*peak).max(memory::resident()?);
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn shutdown(&self) -> ShutdownReport {
        self.engine.shutdown(PATIENCE)
    }
}

/// Whether of both signals `made` items were delivered and nothing else became of any.
pub(super) fn is_settled(report: &ShutdownReport, made: u64) -> bool {
    let delivered = |signal: Signal| report.signals.signal(signal).account.delivered == made;
    report.is_clean() && delivered(Signal::Log) && delivered(Signal::Trace)
}
