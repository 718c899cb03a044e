//! A small HTTP/1.1 server that records requests and can be scripted to misbehave.
//!
//! It understands `content-length` and chunked bodies, `gzip` content, keep-alive, pipelining and
//! `expect: 100-continue`. Every connection has its own thread.

mod message;
mod query;
mod read;
mod server;
#[cfg(test)]
mod tests;

pub use message::{Reply, Request, Response};
pub use read::MAX_BODY;
pub use server::HttpServer;
