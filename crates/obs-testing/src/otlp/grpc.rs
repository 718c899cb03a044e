//! [`OtlpGrpcServer`]: the server and its accessors.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tonic::transport::Server;
use tonic::transport::server::Router;

use super::export::Signal;
use super::seen::OtlpSeen;
use super::state::State;
use crate::watched::{Watched, lock};

mod connections;
mod reply;
mod services;
#[cfg(test)]
mod tests;
mod tls;

pub use reply::{Gate, GrpcReply};
pub use tls::ServerTls;

/// An OTLP/gRPC receiver on an ephemeral loopback port. Accepts gzip, and messages up to 4 MiB. Dropping it closes its
/// connections and joins its thread.
pub struct OtlpGrpcServer {
    address: SocketAddr,
    encrypted: bool,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A call as it arrived, with a message that could be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrpcCall {
    /// Which service was called.
    pub signal: Signal,
    /// The headers with text values, names in lower case; the last of equal names stays.
    pub metadata: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Shared {
    state: State,
    calls: Watched<Vec<GrpcCall>>,
    script: Mutex<VecDeque<GrpcReply>>,
    /// The open sockets by the address of their other end, so that a reply can close one.
    sockets: Mutex<HashMap<SocketAddr, TcpStream>>,
    accepted: AtomicUsize,
}

impl OtlpGrpcServer {
    /// Starts a server without encryption that accepts everything valid.
    pub fn start() -> io::Result<Self> {
        Self::run(Server::builder(), false)
    }

    /// Starts a server that speaks TLS alone.
    pub fn start_tls(tls: &ServerTls) -> io::Result<Self> {
        let builder = Server::builder().tls_config(tls.config()).map_err(io::Error::other)?;
        Self::run(builder, true)
    }

    fn run(mut builder: Server, encrypted: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let router = services::add(&mut builder, &shared);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("grpc-serve".to_owned())
            .spawn(move || serve(&runtime, router, listener, &for_thread, stopped))?;
        Ok(Self { address, encrypted, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The loopback address and port it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://localhost:<port>`, or `https` with TLS.
    pub fn url(&self) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    /// Appends replies for the next calls, one each, in the order the calls are completely read.
    pub fn script(&self, replies: impl IntoIterator<Item = GrpcReply>) {
        lock(&self.shared.script).extend(replies);
    }

    /// How many scripted replies are not used yet.
    pub fn scripted(&self) -> usize {
        lock(&self.shared.script).len()
    }

    /// Makes the next valid call of `signal` a partial success, as [`OtlpServer::reject`](super::OtlpServer::reject).
    pub fn reject(&self, signal: Signal, items: usize, message: &str) {
        self.shared.state.reject(signal, items, message);
    }

    /// Every call so far whose message could be decoded, in the order they were completely read.
    pub fn calls(&self) -> Vec<GrpcCall> {
        self.shared.calls.read(Clone::clone)
    }

    /// Waits until `ready` holds for the calls so far, at most `timeout`; says whether it came to hold. The last of
    /// them may not be answered yet.
    pub fn wait_for_calls(&self, mut ready: impl FnMut(&[GrpcCall]) -> bool, timeout: Duration) -> bool {
        self.shared.calls.wait_for(|calls| ready(calls), timeout)
    }

    /// How many connections there were so far, those that are closed too.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// What was accepted so far.
    pub fn seen(&self) -> OtlpSeen {
        self.shared.state.seen.read(Clone::clone)
    }

    /// Waits until `ready` holds for what was accepted so far, at most `timeout`; says whether it came to hold.
    pub fn wait_for(&self, ready: impl FnMut(&OtlpSeen) -> bool, timeout: Duration) -> bool {
        self.shared.state.seen.wait_for(ready, timeout)
    }
}

impl fmt::Debug for OtlpGrpcServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpGrpcServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for OtlpGrpcServer {
    fn drop(&mut self) {
        // The thread may have ended by itself, with nobody left to tell.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves until told to stop, then gives up every call.
fn serve(
    runtime: &Runtime,
    router: Router,
    listener: TcpListener,
    shared: &Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        let incoming = connections::accept(listener, Arc::clone(shared));
        tokio::select! {
            _ = router.serve_with_incoming(incoming) => {}
            _ = stopped => {}
        }
    });
}
