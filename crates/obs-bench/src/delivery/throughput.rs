//! Items through queue, batch and sender to a receiver on the loopback interface.

use super::cost::{Cost, Pair};
use super::load::{self, JsonLines};
use super::plain;
use crate::Answer;
use crate::peer::{Peer, Role};
use obs_core::{Clock, Diag, Ledger, ServiceIdentity, Signal};
use obs_export::http::{Compression, Endpoint, HttpClient, HttpOptions};
use obs_export::otlp::OtlpClient;
use obs_export::{Engine, Item, Limits, Sink, Stream};
use obs_logs::sinks::{LokiOptions, LokiSink};
use obs_trace::SpanBatch;
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
    measure(program, (Signal::Log, n), push_all(load::lines(n)), LINES_IN_A_BATCH, |to| {
        let client = HttpClient::new(&uncompressed())?;
        Ok(Box::new(JsonLines::new(client, to.join("/lines"))))
    })
}

/// Lines as Loki takes them: protobuf, snappy.
pub(super) fn loki(program: &Path, n: u64) -> Answer<Pair> {
    measure(program, (Signal::Log, n), push_all(load::lines(n)), LINES_IN_A_BATCH, |to| {
        let identity = ServiceIdentity::default();
        Ok(Box::new(LokiSink::new(to, &uncompressed(), &identity, LokiOptions::default())?))
    })
}

/// Spans as OTLP protobuf: also recorded and encoded meanwhile.
pub(super) fn spans(program: &Path, n: u64) -> Answer<Pair> {
    let record =
        move |stream: &Stream<SpanBatch>, ledger: &Arc<Ledger>| load::record_spans(n, stream, ledger);
    measure(program, (Signal::Trace, n), record, Limits::default().batch_items, |to| {
        let client = OtlpClient::new(to, "/v1/traces", "spans", &uncompressed())?;
        Ok(Box::new(OtlpSink::new(client, ServiceIdentity::default())))
    })
}

/// Pushes items one by one.
fn push_all<T: Item>(items: Vec<T>) -> impl FnOnce(&Stream<T>, &Arc<Ledger>) {
    move |stream, _| items.into_iter().for_each(|item| stream.push_one(item))
}

/// Has `feed` push `n` items of the ledger; the queue is large enough for all of them, so that none is dropped.
fn measure<T: Item>(
    program: &Path,
    (signal, n): (Signal, u64),
    feed: impl FnOnce(&Stream<T>, &Arc<Ledger>),
    batch_items: usize,
    sink: impl FnOnce(&Endpoint) -> Answer<Box<dyn Sink<T>>>,
) -> Answer<Pair> {
    let mut peer = Peer::start(program, Role::Http)?;
    let sink = sink(&peer.endpoint()?)?;
    let ledger = Arc::new(Ledger::default());
    let engine = Engine::new(Arc::clone(&ledger), Clock::system(), Diag::stderr());
    let limits =
        Limits { queue_items: n as usize, queue_bytes: usize::MAX, batch_items, ..Limits::default() };
    let stream = engine.stream(signal, vec![sink], limits);
    let (ours, report) = Cost::of(|| {
        feed(&stream, &ledger);
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
