//! Tests of `http`.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{HttpServer, MAX_BODY, Reply, Request, Response};
use crate::raw_client::{PATIENCE, answer, connect, read_all, send};

/// Answers with the decoded body, so that a test sees what the server understood.
fn echo() -> HttpServer {
    HttpServer::start(|request: &Request| Response::new(200).with_body(request.body.clone())).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Drops the server on another thread and fails if that does not end.
fn assert_drops(server: HttpServer) {
    let (done, dropped) = mpsc::channel();
    let dropper = thread::spawn(move || {
        drop(server);
        done.send(()).unwrap();
    });
    dropped.recv_timeout(PATIENCE).expect("the server is dropped");
    dropper.join().unwrap();
}

#[test]
fn requests_are_recorded_as_sent() {
    let server = echo();
    let sent = send(
        server.address(),
        "POST",
        "/a/b?x=1%202&y",
        &[("X-Odd", "Va lue"), ("Content-Type", "Text/Plain; a=b")],
        b"body",
    );
    assert_eq!((sent.status, sent.body), (200, b"body".to_vec()));
    let [request] = server.requests().try_into().unwrap();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a/b?x=1%202&y"));
    assert_eq!((request.path(), request.parameter("x").as_deref()), ("/a/b", Some("1 2")));
    assert_eq!((request.parameter("y").as_deref(), request.parameter("z")), (Some(""), None));
    assert_eq!((request.header("x-odd"), request.media_type().as_str()), (Some("Va lue"), "text/plain"));
    assert_eq!(request.raw_body, b"body");
}

#[test]
fn one_connection_carries_requests_one_after_another_and_pipelined() {
    let server = echo();
    let mut stream = connect(server.address());
    stream.write_all(b"POST /1 HTTP/1.1\r\ncontent-length: 1\r\n\r\na").unwrap();
    assert_eq!(answer(&mut stream).body, b"a");
    stream
        .write_all(
            b"POST /2 HTTP/1.1\r\ncontent-length: 1\r\n\r\nbGET /3 HTTP/1.1\r\nconnection: close\r\n\r\n",
        )
        .unwrap();
    assert_eq!(answer(&mut stream).body, b"b");
    let last = answer(&mut stream);
    assert_eq!((last.status, last.head.contains("connection: close")), (200, true));
    assert_eq!(read_all(stream), b"");
    let targets: Vec<String> = server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/1", "/2", "/3"]);
}

#[test]
fn http_1_0_closes_after_the_answer() {
    let server = echo();
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert!(read_all(stream).starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn chunks_are_joined_and_trailers_dropped() {
    let server = echo();
    let mut stream = connect(server.address());
    stream
        .write_all(b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nt: 1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        .unwrap();
    assert_eq!(answer(&mut stream).text(), "hello, world!!!");
    assert_eq!(answer(&mut stream).status, 200);
}

#[test]
fn a_request_may_arrive_byte_by_byte() {
    let server = echo();
    let mut stream = connect(server.address());
    stream.set_nodelay(true).unwrap();
    for byte in b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert_eq!(answer(&mut stream).text(), "ok");
}

#[test]
fn gzip_content_is_decoded_and_the_raw_body_kept() {
    let server = echo();
    let packed = gzip(b"plain");
    let sent = send(server.address(), "POST", "/", &[("content-encoding", "gzip")], &packed);
    assert_eq!(sent.text(), "plain");
    assert_eq!(server.requests()[0].raw_body, packed);
}

#[test]
fn a_client_that_waits_for_leave_to_send_gets_it() {
    let server = echo();
    let mut stream = connect(server.address());
    stream.write_all(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).status, 100);
    stream.write_all(b"ok").unwrap();
    assert_eq!(answer(&mut stream).text(), "ok");
}

#[test]
fn malformed_and_oversized_requests_are_refused_and_not_recorded() {
    let server = echo();
    let length = MAX_BODY + 1;
    let too_long = format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n");
    let too_big_chunk = format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n");
    let bomb = gzip(&vec![0; length]);
    let bomb_head =
        format!("POST / HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
    let long_head = format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(70 << 10));
    let cases: [(&[u8], u16); 12] = [
        (b"\x16\x03\x01 not http\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx", 400),
        (too_long.as_bytes(), 413),
        (too_big_chunk.as_bytes(), 413),
        (&[bomb_head.as_bytes(), &bomb].concat(), 413),
        (long_head.as_bytes(), 431),
    ];
    for (bytes, status) in cases {
        let mut stream = connect(server.address());
        stream.write_all(bytes).unwrap();
        let refused = answer(&mut stream);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
        assert_eq!(refused.status, status, "{shown}: {}", refused.text());
    }
    assert_eq!(server.requests(), []);
}

#[test]
fn a_body_cut_off_by_the_client_is_not_recorded() {
    let server = echo();
    let mut stream = connect(server.address());
    stream.write_all(b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_all(stream), b"");
    assert_eq!(server.requests(), []);
}

#[test]
fn scripted_statuses_come_first_and_then_the_handler() {
    let server = echo();
    let retry = vec![("retry-after".to_owned(), "1".to_owned())];
    server.script([
        Reply::Status(429, retry, b"slow".to_vec()),
        Reply::status(204),
        Reply::Redirect("/new".to_owned()),
    ]);
    let mut stream = connect(server.address());
    let mut ask = || {
        stream.write_all(b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\nx").unwrap();
        answer(&mut stream)
    };
    let first = ask();
    assert_eq!(
        (first.status, first.text().as_str(), first.head.contains("retry-after: 1\r\n")),
        (429, "slow", true)
    );
    let second = ask();
    assert_eq!((second.status, second.head.contains("content-length")), (204, false));
    let third = ask();
    assert_eq!((third.status, third.head.contains("location: /new\r\n")), (307, true));
    assert_eq!(server.scripted(), 0);
    assert_eq!((ask().status, server.requests().len()), (200, 4));
}

#[test]
fn a_dripped_answer_arrives_whole() {
    let server = echo();
    let response = Response::text(200, "slowly");
    server.script([
        Reply::Drip { response: response.clone(), step: 3, every: Duration::from_millis(1) },
        Reply::Drip { response, step: 0, every: Duration::ZERO },
    ]);
    for _ in 0..2 {
        let slow = send(server.address(), "GET", "/", &[], b"");
        assert_eq!((slow.status, slow.text().as_str()), (200, "slowly\n"));
    }
}

#[test]
fn a_drop_cuts_a_drip_short() {
    let server = echo();
    let every = Duration::from_hours(1);
    server.script([Reply::Drip { response: Response::text(200, "never"), step: 4, every }]);
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut first = [0; 4];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP");
    assert_drops(server);
    assert_eq!(read_all(stream), b"");
}

#[test]
fn close_ends_the_connection_without_a_byte_and_garbage_with_bytes_that_are_no_http() {
    let server = echo();
    server.script([Reply::Close, Reply::Garbage]);
    for expected_empty in [true, false] {
        let mut stream = connect(server.address());
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let bytes = read_all(stream);
        assert_eq!(bytes.is_empty(), expected_empty);
        assert!(!bytes.starts_with(b"HTTP"));
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_hang_ends_when_the_server_is_dropped() {
    let server = echo();
    server.script([Reply::Hang]);
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.wait_for(|requests| requests.len() == 1, PATIENCE));
    assert_drops(server);
    assert_eq!(read_all(stream), b"");
}

#[test]
fn a_hang_ends_when_the_client_closes() {
    let server = echo();
    server.script([Reply::Hang]);
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_all(stream), b"");
}

#[test]
fn a_drop_ends_idle_half_sent_and_unread_connections() {
    let server = HttpServer::start(|_| Response::new(200).with_body(vec![b'x'; MAX_BODY])).unwrap();
    let idle = connect(server.address());
    let mut half_sent = connect(server.address());
    half_sent.write_all(b"POST / HTTP/1.1\r\ncontent-le").unwrap();
    let mut unread = connect(server.address());
    unread.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(server.wait_for(|requests| requests.len() == 1, PATIENCE));
    assert_drops(server);
    drop((idle, half_sent, unread));
}

#[test]
fn a_panic_of_the_handler_closes_that_connection_only() {
    let server = HttpServer::start(|request| {
        assert_ne!(request.target, "/panic");
        Response::new(200)
    })
    .unwrap();
    let mut stream = connect(server.address());
    stream.write_all(b"GET /panic HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(read_all(stream), b"");
    assert_eq!(send(server.address(), "GET", "/", &[], b"").status, 200);
    assert_drops(server);
}

#[test]
fn head_is_answered_without_a_body() {
    let server = HttpServer::start(|_| Response::text(200, "body")).unwrap();
    let mut stream = connect(server.address());
    stream.write_all(b"HEAD / HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
    let bytes = String::from_utf8(read_all(stream)).unwrap();
    assert!(bytes.contains("content-length: 5\r\n") && bytes.ends_with("\r\n\r\n"), "{bytes}");
}

#[test]
fn waiting_for_what_does_not_come_says_so() {
    assert!(!echo().wait_for(|requests| !requests.is_empty(), Duration::from_millis(1)));
}
