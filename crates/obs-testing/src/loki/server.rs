//! The server and its accessors.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::{push, validate};
use crate::http::{HttpServer, Request, Response};
use crate::watched::Watched;

/// A log line as accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSeen {
    /// The labels of its stream.
    pub labels: BTreeMap<String, String>,
    /// Unix time in nanoseconds.
    pub timestamp_ns: i64,
    /// The text.
    pub line: String,
    /// Its structured metadata.
    pub structured_metadata: BTreeMap<String, String>,
}

/// A Loki push endpoint on an ephemeral loopback port.
#[derive(Debug)]
pub struct LokiServer {
    http: HttpServer,
    lines: Arc<Watched<Vec<LineSeen>>>,
}

impl LokiServer {
    /// Starts a server with Loki's default limits.
    pub fn start() -> io::Result<Self> {
        let lines = Arc::new(Watched::default());
        let for_handler = Arc::clone(&lines);
        let http = HttpServer::start(move |request| answer(request, &for_handler))?;
        Ok(Self { http, lines })
    }

    /// The base URL, to which `/loki/api/v1/push` is added.
    pub fn url(&self) -> String {
        self.http.url()
    }

    /// The HTTP side: scripted misbehaviour and recorded requests. Scripted replies are given without decoding.
    pub fn http(&self) -> &HttpServer {
        &self.http
    }

    /// The lines accepted so far, in the order received.
    pub fn lines(&self) -> Vec<LineSeen> {
        self.lines.read(Clone::clone)
    }

    /// The lines that have all these labels and all this structured metadata, in time order; lines of equal time
    /// stay in the order received.
    pub fn query(&self, labels: &[(&str, &str)], metadata: &[(&str, &str)]) -> Vec<LineSeen> {
        let matches =
            |line: &&LineSeen| has(&line.labels, labels) && has(&line.structured_metadata, metadata);
        let mut found: Vec<LineSeen> =
            self.lines.read(|lines| lines.iter().filter(matches).cloned().collect());
        found.sort_by_key(|line| line.timestamp_ns);
        found
    }

    /// Waits until `ready` holds for the lines so far, at most `timeout`; says whether it came to hold.
    pub fn wait_for(&self, mut ready: impl FnMut(&[LineSeen]) -> bool, timeout: Duration) -> bool {
        self.lines.wait_for(|lines| ready(lines), timeout)
    }
}

fn has(pairs: &BTreeMap<String, String>, wanted: &[(&str, &str)]) -> bool {
    wanted.iter().all(|(name, value)| pairs.get(*name).is_some_and(|found| found == value))
}

/// JSON goes by its content type; any other type, but not none, is taken for snappy protobuf, as Loki does.
fn answer(request: &Request, lines: &Watched<Vec<LineSeen>>) -> Response {
    if request.path() != "/loki/api/v1/push" {
        return Response::text(404, "404 page not found");
    }
    if request.method != "POST" {
        return Response::text(405, "method not allowed, accepted: POST").with_header("allow", "POST");
    }
    let encoding = request.header("content-encoding").unwrap_or_default().to_ascii_lowercase();
    if !["", "gzip", "snappy"].contains(&encoding.as_str()) {
        let line = format!("content encoding {encoding:?} is not supported, accepted: gzip, snappy");
        return Response::text(400, &line);
    }
    let streams = match request.media_type().as_str() {
        "" => return Response::text(400, "content type is missing"),
        "application/json" => push::json(&request.body),
        _ => push::protobuf(&request.body),
    };
    let mut outcome = match streams {
        Ok(streams) => validate::validate(streams),
        Err(problem) => return Response::text(400, &problem),
    };
    lines.update(|lines| lines.append(&mut outcome.lines));
    match outcome.problems.first() {
        None => Response::new(204),
        Some(first) => Response::text(400, first),
    }
}
