//! Items through queue, batch and sender to a receiver on the loopback interface.

use super::cost::{Cost, Pair};
use super::load::{self, JsonLines};
use super::plain;
use crate::Answer;
use crate::peer::{Peer, Role};
use obs_core::{Clock, Diag, Ledger, ServiceIdentity, Signal};
use obs_export::http::{Compression, Endpoint, HttpClient, HttpOptions};
use obs_export::otlp::OtlpClient;
use obs_export::{Engine, Item, Limits, Sink};
use obs_logs::sinks::{LokiOptions, LokiSink};
use obs_trace::sink::OtlpSink;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any round takes.
const LONG: Duration = Duration::from_mins(5);
/// As `obs` has it for lines.
const LINES_IN_A_BATCH: usize = 4096;

fn uncompressed() -> HttpOptions {
    HttpOptions { compression: Compression::None, ..HttpOptions::default() }
}

/// JSON lines over HTTP.
pub(super) fn lines(program: &Path, n: u64) -> Answer<Pair> {
    measure(program, Signal::Log, load::lines(n), LINES_IN_A_BATCH, |to| {
        let client = HttpClient::new(&uncompressed())?;
        Ok(Box::new(JsonLines::new(client, to.join("/lines"))))
    })
}

/// Lines as Loki takes them: protobuf, snappy.
pub(super) fn loki(program: &Path, n: u64) -> Answer<Pair> {
    measure(program, Signal::Log, load::lines(n), LINES_IN_A_BATCH, |to| {
        let identity = ServiceIdentity::default();
        Ok(Box::new(LokiSink::new(to, &uncompressed(), &identity, LokiOptions::default())?))
    })
}

/// Spans as OTLP protobuf.
pub(super) fn spans(program: &Path, n: u64) -> Answer<Pair> {
    measure(program, Signal::Trace, load::spans(n), Limits::default().batch_items, |to| {
        let client = OtlpClient::new(to, "/v1/traces", "spans", &uncompressed())?;
        Ok(Box::new(OtlpSink::new(client, ServiceIdentity::default())))
    })
}

/// Pushes the items one by one; the queue is large enough for all of them, so that none is dropped.
fn measure<T: Item>(
    program: &Path,
    signal: Signal,
    items: Vec<T>,
    batch_items: usize,
    sink: impl FnOnce(&Endpoint) -> Answer<Box<dyn Sink<T>>>,
) -> Answer<Pair> {
    let n = items.len() as u64;
    let mut peer = Peer::start(program, Role::Http)?;
    let sink = sink(&peer.endpoint()?)?;
    let engine = Engine::new(Arc::new(Ledger::default()), Clock::system(), Diag::stderr());
    let limits =
        Limits { queue_items: items.len(), queue_bytes: usize::MAX, batch_items, ..Limits::default() };
    let stream = engine.stream(signal, vec![sink], limits);
    let (ours, report) = Cost::of(|| {
        for item in items {
            stream.push_one(item);
        }
        engine.shutdown(LONG)
    });
    let delivered = report.signals.signal(signal).account.delivered;
    if delivered != n || !report.is_clean() {
        return Err(format!("{delivered} of {n} items were delivered: {report}").into());
    }
    let taken = peer.taken()?;
    let plain = plain::to_socket(program, taken.requests, taken.bytes)?;
    Ok(Pair { items: n, bytes: taken.bytes, ours, plain })
}
