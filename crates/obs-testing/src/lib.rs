//! Protocol-true in-process servers and harnesses for testing telemetry.
//!
//! Each server listens on an ephemeral loopback port, decodes what it receives with the official schema of its
//! protocol, refuses what the real server would refuse, and keeps the rest for the test to look at. Any of them
//! can be scripted to misbehave first. Dropping a server closes every connection and joins every thread.
//!
//! | Need | Type |
//! |---|---|
//! | Traces, metrics and logs over OTLP/HTTP | [`OtlpServer`] |
//! | The same over OTLP/gRPC | [`OtlpGrpcServer`] |
//! | Log lines over the Loki push API | [`LokiServer`] |
//! | Profiles over the Pyroscope `/ingest` API | [`PyroscopeServer`] |
//! | Any other HTTP endpoint | [`HttpServer`] |
//! | Misbehaviour: errors, hangs, slow bytes, garbage | [`Reply`], [`GrpcReply`] |
//! | Files in a standard format | [`decode`] |
//! | What the code under test records, without any server | [`with_telemetry`], [`TestTelemetry`] |
//! | The spans that an engine delivers, without any server | [`SpanCollector`] |
//! | The shape of a trace | [`assert_span_tree!`], [`tree`] |
//! | The message types behind all this | [`schema`] |
//!
//! ```
//! use std::time::Duration;
//! use obs_testing::{LokiServer, Reply};
//!
//! # fn main() -> std::io::Result<()> {
//! let loki = LokiServer::start()?;
//! loki.http().script([Reply::status(503)]); // refuse the first push, take the next
//! // … point a sink at loki.url(), log a line, then:
//! let arrived = loki.wait_for(|lines| !lines.is_empty(), Duration::from_millis(1));
//! # assert!(!arrived && loki.lines().is_empty());
//! # Ok(())
//! # }
//! ```

mod collector;
pub mod decode;
pub mod http;
pub mod loki;
pub mod otlp;
pub mod pyroscope;
pub mod schema;
mod telemetry;
pub mod tree;

#[cfg(test)]
mod raw_client;
mod watched;

pub use collector::SpanCollector;
pub use http::{HttpServer, Reply, Request, Response};
pub use loki::{LineSeen, LokiServer};
pub use otlp::{Gate, GrpcReply, LogSeen, MetricSeen, OtlpGrpcServer, OtlpSeen, OtlpServer, SpanSeen};
pub use pyroscope::{ProfileSeen, PyroscopeServer};
pub use telemetry::{TestTelemetry, with_telemetry};
pub use tree::span_tree;

/// What the macros need; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use obs_core::names::SpanKind;
}
