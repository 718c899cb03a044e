//! [`Server`]: HTTP on a thread of its own, for programs without an async runtime.

use crate::connections::{Connections, Limits};
use crate::error::ServeError;
use axum::Router;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Where an application's metrics are looked for, by OpenTelemetry's convention: on this machine only.
pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9464));

/// The port of the Prometheus server itself, which an application had better not take.
pub const PROMETHEUS_PORT: u16 = 9090;

/// How long dropping a server may take; [`Server::stop`] takes a deadline of the caller's.
const DROP_DEADLINE: Duration = Duration::from_secs(1);

/// An HTTP/1.1 server on one thread. Dropping it stops it within a second.
///
/// A slow client holds up no other, and clients cannot use the server up for long: it serves 64 connections at a time
/// and lets others wait. A connection ends when five seconds pass without a whole request, and after a minute at most,
/// even when its client does not read; scrapers connect anew by themselves.
#[must_use = "the server stops as soon as it drops"]
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    connections: Connections,
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `address` (port 0: one the system picks) and serves `router` until the server is stopped.
    pub fn start(address: SocketAddr, router: Router) -> Result<Self, ServeError> {
        Self::start_with(address, router, Limits::default())
    }

    pub(crate) fn start_with(
        address: SocketAddr,
        router: Router,
        limits: Limits,
    ) -> Result<Self, ServeError> {
        let bind = |source| ServeError::Bind { address, source };
        let start = |source| ServeError::Start { address, source };
        let listener = TcpListener::bind(address).map_err(bind)?;
        let bound = listener.local_addr().map_err(bind)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start)?;
        let listener = register(&runtime, listener).map_err(start)?;

        let connections = Connections::new(limits);
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = mpsc::channel();
        let served = connections.clone();
        let thread = std::thread::Builder::new()
            .name("obs-http".to_owned())
            .spawn(move || {
                runtime.block_on(served.serve(listener, router, stopping));
                // Closes what is still open: its tasks end with the runtime.
                drop(runtime);
                // Nobody may wait any more.
                let _ = end.send(());
            })
            .map_err(start)?;
        Ok(Self { address: bound, connections, stop, ended, thread: Some(thread) })
    }

    /// The address it listens on, with the port that the system picked.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening at once, lets requests under way finish, and returns by `deadline`. Gives the number of
    /// connections that had not ended by then and were cut off.
    #[expect(clippy::must_use_candidate, reason = "most callers have nobody to tell")]
    pub fn stop(mut self, deadline: Duration) -> u32 {
        self.end(deadline)
    }

    fn end(&mut self, deadline: Duration) -> u32 {
        let Some(thread) = self.thread.take() else { return 0 };
        self.stop.send_replace(true);
        let in_time = self.ended.recv_timeout(deadline).is_ok();
        let open = self.connections.open();
        if in_time {
            // A panic of the thread is no reason for one here.
            let _ = thread.join();
        } else {
            self.connections.cut();
        }
        open
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(DROP_DEADLINE);
    }
}

/// Hands a listener to the runtime.
fn register(runtime: &Runtime, listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    let _entered = runtime.enter();
    tokio::net::TcpListener::from_std(listener)
}

#[cfg(test)]
mod tests;
