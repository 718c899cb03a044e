//! Accepting connections, answering them, and ending them all on drop.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::message::{Reply, Request, Response};
use super::read::{Incoming, Received, Stop};
use crate::watched::{Watched, lock};

/// Answers requests for which no reply is scripted.
type Handler = dyn Fn(&Request) -> Response + Send + Sync;

/// A server on an ephemeral loopback port. Dropping it closes its connections and joins its threads.
pub struct HttpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Box<Handler>,
    script: Mutex<VecDeque<Reply>>,
    requests: Watched<Vec<Request>>,
    stopping: Watched<bool>,
    connections: Mutex<Connections>,
}

/// The open sockets, by number, so that drop can end them, and the threads that serve them.
#[derive(Default)]
struct Connections {
    accepted: u64,
    open: BTreeMap<u64, TcpStream>,
    threads: Vec<JoinHandle<()>>,
}

impl HttpServer {
    /// Starts a server; `handler` answers every request for which no reply is scripted.
    pub fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            script: Mutex::default(),
            requests: Watched::default(),
            stopping: Watched::new(false),
            connections: Mutex::default(),
        });
        let for_acceptor = Arc::clone(&shared);
        let acceptor = thread::Builder::new()
            .name("http-accept".to_owned())
            .spawn(move || accept_all(&listener, &for_acceptor))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// The loopback address and port it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:<port>`, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Appends replies for the next requests, one each, in the order the requests are completely read.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.shared.script).extend(replies);
    }

    /// How many scripted replies are not used yet.
    pub fn scripted(&self) -> usize {
        lock(&self.shared.script).len()
    }

    /// Every request so far, in the order they were completely read. Refused requests are not among them.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.read(Clone::clone)
    }

    /// Waits until `ready` holds for the requests so far, at most `timeout`; says whether it came to hold. The
    /// last of them may not be answered yet.
    pub fn wait_for(&self, mut ready: impl FnMut(&[Request]) -> bool, timeout: Duration) -> bool {
        self.shared.requests.wait_for(|requests| ready(requests), timeout)
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.shared.stopping.update(|stopping| *stopping = true);
        // A connection of our own wakes the acceptor. Without one it could block for ever, so it is not joined.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(acceptor) = self.acceptor.take().filter(|_| woken) {
            let _ = acceptor.join();
        }
        let threads = {
            let mut connections = lock(&self.shared.connections);
            for stream in connections.open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            std::mem::take(&mut connections.threads)
        };
        for thread in threads {
            let _ = thread.join();
        }
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let accepted = listener.accept();
        if shared.stopping.read(|stopping| *stopping) {
            return;
        }
        // A client that is gone before it is accepted, or a lack of descriptors, costs that client only.
        if let Ok((stream, _)) = accepted {
            let _ = serve_in_thread(stream, shared);
        }
    }
}

/// Registers the socket before its thread runs, so that a drop in between still finds and ends it.
fn serve_in_thread(stream: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connections = lock(&shared.connections);
    connections.threads.retain(|thread| !thread.is_finished());
    connections.accepted += 1;
    let number = connections.accepted;
    connections.open.insert(number, stream.try_clone()?);
    let for_thread = Arc::clone(shared);
    let thread = thread::Builder::new().name("http-connection".to_owned()).spawn(move || {
        // However serving ends, by a panic of the handler too, the peer must see the connection close.
        let _closed = CloseOnDrop { shared: &for_thread, number };
        // A failed write means the peer is gone: the connection just ends.
        let _ = serve(&stream, &for_thread);
    });
    match thread {
        Ok(thread) => connections.threads.push(thread),
        Err(error) => {
            connections.open.remove(&number);
            return Err(error);
        }
    }
    Ok(())
}

/// Takes a connection out of the register and closes it for all holders of the socket.
struct CloseOnDrop<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(stream) = lock(&self.shared.connections).open.remove(&self.number) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Answers requests until one side wants the connection closed.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut out = stream;
    let mut incoming = Incoming::new(stream);
    loop {
        let received = incoming.request(|| (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n"));
        let Received { request, keep_alive } = match received {
            Ok(received) => received,
            Err(Stop::Gone) => return Ok(()),
            Err(Stop::Refused(response)) => {
                out.write_all(&response.encode("POST", true))?;
                return linger(stream);
            }
        };
        // The reply is taken before the request shows, so whoever sees the request also sees the script advance.
        let reply = lock(&shared.script).pop_front();
        shared.requests.update(|requests| requests.push(request.clone()));
        let close = !keep_alive;
        match reply {
            None => out.write_all(&(shared.handler)(&request).encode(&request.method, close))?,
            Some(Reply::Status(status, headers, body)) => {
                let response = Response { status, headers, body };
                out.write_all(&response.encode(&request.method, close))?;
            }
            Some(Reply::Redirect(to)) => {
                let response = Response::new(307).with_header("location", &to);
                out.write_all(&response.encode(&request.method, close))?;
            }
            Some(Reply::Drip { response, step, every }) => {
                for piece in response.encode(&request.method, close).chunks(step.max(1)) {
                    out.write_all(piece)?;
                    if !every.is_zero() && shared.stopping.wait_for(|stopping| *stopping, every) {
                        return Ok(());
                    }
                }
            }
            Some(Reply::Garbage) => return out.write_all(b"\x00\xff these bytes are not HTTP \xfe\r\n\r\n"),
            Some(Reply::Close) => return Ok(()),
            Some(Reply::Hang) => return swallow(stream),
        }
        if close {
            return Ok(());
        }
    }
}

/// Closes our side and reads on, so that unread bytes of a refused body do not reset the answer away.
fn linger(stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    swallow(stream)
}

/// Reads and drops until the client closes or the server is dropped.
fn swallow(mut stream: &TcpStream) -> io::Result<()> {
    let mut bytes = [0; 4096];
    while stream.read(&mut bytes)? > 0 {}
    Ok(())
}
