//! [`GrpcClient`]: calls from any thread, over a thread of its own that drives the connection.

use super::channel::Channel;
use super::frame::Framed;
use super::options::{GrpcError, GrpcOptions};
use crate::http::Endpoint;
use crate::sink::Outcome;
use obs_core::Cause;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How much longer than its time a call is waited for: the thread that makes it knows better what it waited for.
const GRACE: Duration = Duration::from_millis(250);
/// Name lookups at the same time; one that is stuck holds a thread.
const LOOKUPS: usize = 4;

/// Calls one method of one service. Cheap to clone; clones share the connection, and calls of several threads do not
/// wait for one another. Connects with the first call, and again after a connection has ended or gone silent.
///
/// No call needs, or disturbs, an async runtime of the caller. The thread ends with the last clone.
#[derive(Clone)]
pub struct GrpcClient {
    to: Endpoint,
    timeout: Duration,
    gzip: bool,
    max_message_bytes: usize,
    /// Each caller waits for its answer, so there are never more jobs than threads that call.
    jobs: UnboundedSender<Job>,
}

/// One call.
struct Job {
    message: Framed,
    answer: SyncSender<Result<Vec<u8>, Outcome>>,
}

impl GrpcClient {
    /// A client for `path` ([`TRACES`](super::TRACES) and its like) at `to`; connects to nothing yet.
    pub fn new(to: &Endpoint, path: &str, options: &GrpcOptions) -> Result<Self, GrpcError> {
        let channel = Channel::new(to, path, options)?;
        let (jobs, queue) = unbounded_channel();
        start(channel, queue)?;
        Ok(Self {
            to: to.clone(),
            timeout: options.timeout,
            gzip: options.gzip,
            max_message_bytes: options.max_message_bytes.min(u32::MAX as usize),
            jobs,
        })
    }

    /// Where calls go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.to
    }

    /// Makes one call with an encoded message and returns the encoded answer, which has at most 64 KiB. Blocks at most
    /// for the timeout of the options, and a quarter of a second if the machine is too busy to keep it.
    ///
    /// A status other than `OK` is returned as the outcome it means for the batch (OTLP specification, "Failures"):
    ///
    /// - `CANCELLED`, `DEADLINE_EXCEEDED`, `ABORTED`, `OUT_OF_RANGE`, `UNAVAILABLE`, `DATA_LOSS`,
    ///   `RESOURCE_EXHAUSTED`, with the wait of a `RetryInfo`; credentials and services that are not there; no name,
    ///   no connection, no TLS, no gRPC, no answer in time: [`Outcome::Retry`];
    /// - a message over `max_message_bytes` or over the limit of the other side: [`Outcome::TooLarge`];
    /// - other codes: [`Outcome::Refused`].
    ///
    /// The message names the endpoint and the cause, and shows no credentials.
    pub fn call(&self, message: &[u8]) -> Result<Vec<u8>, Outcome> {
        let (length, limit) = (message.len(), self.max_message_bytes);
        if length > limit {
            let message =
                format!("{}: the batch is too large: {length} bytes, accepted are {limit}", self.to);
            return Err(Outcome::TooLarge { message });
        }
        let (answer, answered) = sync_channel(1);
        // When the thread is gone, so is the receiver of the job and with it `answer`.
        let _ = self.jobs.send(Job { message: Framed::new(message, self.gzip), answer });
        let trouble = |cause, what: &str| {
            Err(Outcome::Retry { cause, after: None, message: format!("{}: {what}", self.to) })
        };
        match answered.recv_timeout(self.timeout.saturating_add(GRACE)) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => trouble(Cause::Timeout, "timeout: no whole answer in time"),
            Err(RecvTimeoutError::Disconnected) => {
                trouble(Cause::Local, "the call was given up: it has a fault")
            }
        }
    }
}

impl fmt::Debug for GrpcClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcClient")
            .field("to", &self.to)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Starts the thread. The runtime is built, and dropped, on it: dropping one within another runtime panics.
fn start(channel: Channel, jobs: UnboundedReceiver<Job>) -> Result<(), GrpcError> {
    let failed = |error: std::io::Error| GrpcError::Thread(error.to_string());
    let (ready, started) = sync_channel(1);
    let run = move || match Builder::new_current_thread().enable_all().max_blocking_threads(LOOKUPS).build() {
        Ok(runtime) => {
            let _ = ready.send(Ok(()));
            work(runtime, channel, jobs);
        }
        Err(error) => {
            let _ = ready.send(Err(failed(error)));
        }
    };
    thread::Builder::new().name("obs-grpc".to_owned()).spawn(run).map_err(failed)?;
    started.recv().unwrap_or_else(|error| Err(GrpcError::Thread(error.to_string())))
}

/// Makes calls until the last client is gone.
fn work(runtime: Runtime, channel: Channel, mut jobs: UnboundedReceiver<Job>) {
    let channel = Arc::new(channel);
    runtime.block_on(async {
        while let Some(Job { message, answer }) = jobs.recv().await {
            let channel = Arc::clone(&channel);
            // A task of its own: it waits for no other call, and a fault in it ends no other.
            tokio::spawn(async move {
                let _ = answer.send(channel.call(message).await);
            });
        }
    });
    // A name lookup cannot be interrupted, and is not waited for.
    runtime.shutdown_background();
}
