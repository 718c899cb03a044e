//! The engine over the transport, from item to server.

use crate::server::*;
use obs_core::{Clock, Diag, Ledger, Signal};
use obs_export::http::{Endpoint, HttpClient, HttpOptions, Request};
use obs_export::{Batch, Encoder, Engine, Item, Limits, Outcome, Sink};
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

struct Line(&'static str);

impl Item for Line {
    fn weight(&self) -> usize {
        self.0.len()
    }
}

struct WithBreak;

impl Encoder<Line> for WithBreak {
    fn encode(&self, line: &Line, record: &mut Vec<u8>) {
        record.extend_from_slice(line.0.as_bytes());
        record.push(b'\n');
    }
}

/// Posts lines, one under the other.
struct Lines {
    client: HttpClient,
    to: Endpoint,
}

impl Sink<Line> for Lines {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn encoder(&self) -> Arc<dyn Encoder<Line>> {
        Arc::new(WithBreak)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let body: Vec<u8> = batch.records.iter().flat_map(|line| line.bytes.to_vec()).collect();
        let request =
            Request { to: &self.to, content_type: "text/plain", gzip: true, headers: &[], body: &body };
        match self.client.post(&request) {
            Ok(_) => Outcome::Delivered,
            Err(outcome) => outcome,
        }
    }
}

fn engine_to(server: &Server) -> (Engine, obs_export::Stream<Line>) {
    let quiet = Diag::to(Box::new(std::io::sink()), Clock::system());
    let engine = Engine::new(Arc::new(Ledger::default()), Clock::system(), quiet);
    let client = HttpClient::new(&HttpOptions::default()).unwrap();
    let sink = Lines { client, to: server.endpoint() };
    let stream = engine.stream(Signal::Log, vec![Box::new(sink) as Box<dyn Sink<Line>>], Limits::default());
    (engine, stream)
}

#[test]
fn a_server_that_is_busy_at_first_gets_everything_once_it_is_not() {
    let mut answers =
        ["503 Busy\r\nRetry-After: 0", "429 Slow down\r\nRetry-After: 0", "204 Fine"].into_iter();
    let server = Server::with(move |stream| {
        let status = answers.next().expect("no more than three requests");
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    });
    let (engine, stream) = engine_to(&server);
    stream.push(vec![Line("one"), Line("two")]);
    stream.push_one(Line("three"));
    let report = engine.shutdown(LONG);
    assert!(report.is_clean(), "{report}");
    for _ in 0..3 {
        assert_eq!(server.received.recv().unwrap().body, b"one\ntwo\nthree\n");
    }
}

#[test]
fn a_server_that_hangs_does_not_keep_a_shutdown() {
    let server = Server::with(|stream| drop(stream.read(&mut [0])));
    let (engine, stream) = engine_to(&server);
    stream.push_one(Line("one"));
    let report = engine.shutdown(Duration::from_millis(50));
    assert!(report.elapsed < Duration::from_secs(5), "less than the transport's own timeout");
    assert!(report.signals.is_balanced());
    assert_eq!(report.signals.log.account.dropped["shutdown_deadline"], 1);
    assert_eq!(report.timed_out, ["log/lines"]);
}
