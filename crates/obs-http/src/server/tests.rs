//! Starting, stopping and the bounds of connections.

use super::*;
use axum::routing::get;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

const LOCAL: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// Far beyond what any test needs; it turns a hang of the server into a failure.
const PATIENCE: Duration = Duration::from_secs(20);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.local_addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn send(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(bytes).unwrap();
    stream
}

/// Reads up to and with `end`.
fn read_until(stream: &mut TcpStream, end: &str) {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
}

/// Waits for the server to close the connection.
fn read_to_end(stream: &mut TcpStream) -> usize {
    match stream.read_to_end(&mut Vec::new()) {
        Ok(read) => read,
        Err(e) => {
            assert_eq!(e.kind(), io::ErrorKind::ConnectionReset);
            0
        }
    }
}

#[test]
fn a_port_in_use_is_an_error_that_names_address_and_cause() {
    let first = Server::start(LOCAL, hello()).unwrap();
    let address = first.local_addr();
    let error = Server::start(address, hello()).unwrap_err();
    assert!(matches!(&error, ServeError::Bind { address: a, .. } if *a == address));
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: Address ")), "{error}");
}

#[test]
fn a_stopped_server_gives_its_port_back() {
    let server = Server::start(LOCAL, hello()).unwrap();
    let address = server.local_addr();
    read_until(&mut send(&server, REQUEST), "hello");
    assert_eq!(server.stop(PATIENCE), 0);
    drop(Server::start(address, hello()).unwrap());
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

/// SEC-02
#[test]
fn the_default_address_is_of_this_machine_only() {
    assert!(DEFAULT_ADDRESS.ip().is_loopback());
    assert_ne!(DEFAULT_ADDRESS.port(), PROMETHEUS_PORT);
}

#[test]
fn stopping_closes_idle_connections_at_once() {
    let server = Server::start(LOCAL, hello()).unwrap();
    let mut kept_alive = send(&server, REQUEST);
    read_until(&mut kept_alive, "hello");
    assert_eq!(server.stop(PATIENCE), 0);
    assert_eq!(read_to_end(&mut kept_alive), 0);
}

#[test]
fn stopping_cuts_off_who_has_not_finished_by_the_deadline() {
    let limits = Limits { head: PATIENCE, ..Limits::default() };
    let server = Server::start_with(LOCAL, hello(), limits).unwrap();
    let mut hanging = send(&server, b"GET / HTTP/1.1\r\nho");
    // Clients are accepted in order: once this one is answered, the other is being served.
    read_until(&mut send(&server, REQUEST), "hello");
    let clock = obs_core::Clock::system();
    let before = clock.now();
    assert_eq!(server.stop(Duration::from_millis(50)), 1);
    let took = Duration::from_nanos(clock.now() - before);
    assert!(took >= Duration::from_millis(50) && took < Duration::from_secs(5), "{took:?}");
    assert_eq!(read_to_end(&mut hanging), 0);
}

/// The thread itself is blocked, which no timer of its own can notice.
#[test]
fn stopping_returns_by_the_deadline_even_when_a_handler_blocks() {
    let (entered, entries) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Arc::new(Mutex::new(released));
    let block = move || {
        entered.send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        async { "late" }
    };
    let server = Server::start(LOCAL, Router::new().route("/", get(block))).unwrap();
    let mut client = send(&server, REQUEST);
    entries.recv_timeout(PATIENCE).unwrap();
    assert_eq!(server.stop(Duration::from_millis(20)), 1);
    drop(release);
    read_to_end(&mut client);
}

#[test]
fn a_client_that_says_nothing_is_sent_away() {
    let limits = Limits { head: Duration::from_millis(20), ..Limits::default() };
    let server = Server::start_with(LOCAL, hello(), limits).unwrap();
    read_to_end(&mut connect(&server));
    read_to_end(&mut send(&server, b"GET / HTTP/1.1\r\nho"));
    let mut kept_alive = send(&server, REQUEST);
    read_until(&mut kept_alive, "hello");
    read_to_end(&mut kept_alive);
}

#[test]
fn a_client_that_does_not_read_is_sent_away() {
    const BODY: usize = 64 << 20;
    let big = Router::new().route("/", get(|| async { vec![b'x'; BODY] }));
    let limits = Limits {
        open: 1,
        age: Duration::from_millis(20),
        last_answer: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Server::start_with(LOCAL, big, limits).unwrap();
    let mut deaf = send(&server, REQUEST);
    // It has the only place: that this one is answered shows that the place was freed.
    let mut next = send(&server, REQUEST);
    let mut byte = [0];
    next.read_exact(&mut byte).unwrap();
    assert!(read_to_end(&mut deaf) < BODY);
}

#[test]
fn a_full_server_serves_who_waits_when_there_is_room() {
    let limits = Limits { open: 2, ..Limits::default() };
    let server = Server::start_with(LOCAL, hello(), limits).unwrap();
    let silent = [connect(&server), connect(&server)];
    let mut waiting = [send(&server, REQUEST), send(&server, REQUEST), send(&server, REQUEST)];
    drop(silent);
    for client in &mut waiting {
        read_until(client, "hello");
        client.shutdown(std::net::Shutdown::Both).unwrap();
    }
}

#[test]
fn a_panic_in_a_handler_ends_one_connection_only() {
    let broken = get(|| async { "no number".parse::<u8>().unwrap().to_string() });
    let server = Server::start(LOCAL, hello().route("/broken", broken)).unwrap();
    read_to_end(&mut send(&server, b"GET /broken HTTP/1.1\r\nhost: test\r\n\r\n"));
    read_until(&mut send(&server, REQUEST), "hello");
}
