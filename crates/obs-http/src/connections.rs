//! [`Connections`]: accepting clients and serving each within bounds.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

/// What a server gives its clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections served at a time; one more is accepted and waits, the others wait in the system's backlog.
    pub(crate) open: u32,
    /// How long a client may take to send the head of a request, and stay connected without sending another.
    pub(crate) head: Duration,
    /// How long a connection may live.
    pub(crate) age: Duration,
    /// How long the last answer on a connection that has to end may take to be read.
    pub(crate) last_answer: Duration,
}

impl Default for Limits {
    /// A full house of silent clients is gone before a scraper gives up, which is after ten seconds by default.
    fn default() -> Self {
        Self {
            open: 64,
            head: Duration::from_secs(5),
            age: Duration::from_mins(1),
            last_answer: Duration::from_secs(5),
        }
    }
}

/// The pause after an error of accepting: such as no free file descriptors, of which a retry at once makes a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The clients of a server. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    limits: Limits,
    /// How many are being served.
    open: Arc<watch::Sender<u32>>,
    cut: Arc<Notify>,
}

/// One connection's share of the limit, given back when it drops.
struct Place(Arc<watch::Sender<u32>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl Connections {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, open: Arc::default(), cut: Arc::default() }
    }

    /// How many are being served.
    pub(crate) fn open(&self) -> u32 {
        *self.open.borrow()
    }

    /// Waits until fewer than `limit` are being served.
    async fn fewer_than(&self, limit: u32) {
        // The sender is `self`'s: it is not gone.
        let _ = self.open.subscribe().wait_for(|open| *open < limit).await;
    }

    /// Makes [`Connections::serve`] return, whatever is still open.
    pub(crate) fn cut(&self) {
        self.cut.notify_one();
    }

    /// Accepts and serves until `stopping` holds and every connection has ended, or is [cut](Self::cut).
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        mut stopping: watch::Receiver<bool>,
    ) {
        loop {
            let clients = stopping.clone();
            tokio::select! {
                // An error means that the server is gone, which is as good as its word.
                _ = stopping.wait_for(|stop| *stop) => break,
                (stream, place) = self.accept(&listener) => {
                    tokio::spawn(serve_one(stream, router.clone(), self.limits, clients, place));
                }
            }
        }
        drop(listener);
        tokio::select! {
            () = self.fewer_than(1) => {}
            () = self.cut.notified() => {}
        }
    }

    /// The next client, once there is room for it.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, Place) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    self.fewer_than(self.limits.open).await;
                    self.open.send_modify(|open| *open += 1);
                    return (stream, Place(Arc::clone(&self.open)));
                }
                // The client may have left, or the system may be short of something: neither is for good.
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

/// Serves one client until it leaves, misbehaves, is connected for too long, or the server stops. How it ended is the
/// client's affair alone.
async fn serve_one(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
    _place: Place,
) {
    // Answers are written whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
        () = sleep(limits.age) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.last_answer, connection).await;
}
