//! A server that speaks TLS and answers each request with 200.

use crate::authority::{Authority, Identity};
use crate::server::{Received, read_request};
use obs_export::http::Endpoint;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

pub(crate) struct TlsServer {
    pub(crate) address: SocketAddr,
    pub(crate) received: Receiver<Received>,
}

impl TlsServer {
    /// Shows `identity`; wants of clients a certificate that `clients` signed, if there is one.
    pub(crate) fn new(identity: &Identity, clients: Option<&Authority>) -> Self {
        let config = Arc::new(config(identity, clients));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let request = answer(&mut tls, &mut socket);
                // What is still under way is read, or closing would take the alert from the client.
                let _ = std::io::copy(&mut socket, &mut std::io::sink());
                if request.is_some_and(|request| sender.send(request).is_err()) {
                    return;
                }
            }
        });
        Self { address, received }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        format!("https://{}/push", self.address).parse().unwrap()
    }
}

fn answer(tls: &mut ServerConnection, socket: &mut TcpStream) -> Option<Received> {
    let mut stream = Stream::new(tls, socket);
    let request = read_request(&mut stream)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()?;
    Some(request)
}

fn config(identity: &Identity, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    builder.with_single_cert(vec![identity.der.clone()], identity.private_key()).unwrap()
}

/// A server that accepts a connection and then says nothing, until the client goes.
pub(crate) fn silent() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let accepting = listener.try_clone().unwrap();
    std::thread::spawn(move || {
        let (mut socket, _) = accepting.accept().unwrap();
        let _ = socket.read_to_end(&mut Vec::new());
    });
    (listener, endpoint)
}
