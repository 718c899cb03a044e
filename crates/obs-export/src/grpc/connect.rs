//! [`connect`]: from a host name to a connection that takes calls, each step within its time.

use super::classify::Trouble;
use super::tls::Tls;
use crate::http::Endpoint;
use h2::client::{Builder, SendRequest};
use obs_core::Cause;
use std::io::Cursor;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// The body of a request, in one piece.
pub(super) type Body = Cursor<Vec<u8>>;

/// The most bytes of headers, and of trailers, that are accepted of an answer.
const HEADER_LIMIT: u32 = 64 << 10;

/// Looks the host up and connects, with TLS if there is one; each takes at most `limit`. The task that drives the
/// connection ends with its last [`SendRequest`].
pub(super) async fn connect(
    to: &Endpoint,
    tls: Option<&Tls>,
    limit: Duration,
) -> Result<SendRequest<Body>, Trouble> {
    let addresses = lookup(to, limit).await?;
    let connection = async {
        let tcp = reach(to, &addresses, limit).await?;
        match tls {
            None => handshake(to, tcp).await,
            Some(Tls { connector, name }) => {
                let encrypted = connector.connect(name.clone(), tcp).await;
                handshake(to, encrypted.map_err(|error| Trouble::io(to, &error))?).await
            }
        }
    };
    timeout(limit, connection).await.unwrap_or_else(|_| Err(no_connection()))
}

async fn lookup(to: &Endpoint, limit: Duration) -> Result<Vec<SocketAddr>, Trouble> {
    let host = to.host().trim_start_matches('[').trim_end_matches(']');
    let addresses = timeout(limit, lookup_host((host, to.port()))).await;
    let addresses = addresses
        .map_err(|_| Trouble::new(Cause::Dns, "DNS: the name server did not answer in time"))?
        .map_err(|_| Trouble::new(Cause::Dns, "DNS: the host is not known"))?;
    Ok(addresses.collect())
}

/// Connects to the first address that takes it. Each gets an equal part of the time, so that one that is silent does
/// not use up that of the others.
async fn reach(to: &Endpoint, addresses: &[SocketAddr], limit: Duration) -> Result<TcpStream, Trouble> {
    let mut last = Trouble::new(Cause::Dns, "DNS: the host has no address");
    for address in addresses {
        match timeout(limit / addresses.len() as u32, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Without it a small request could wait for an acknowledgement; it works either way.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Ok(Err(error)) => last = Trouble::io(to, &error),
            Err(_) => last = no_connection(),
        }
    }
    Err(last)
}

async fn handshake<T>(to: &Endpoint, io: T) -> Result<SendRequest<Body>, Trouble>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new();
    builder.enable_push(false).max_header_list_size(HEADER_LIMIT);
    let (sender, connection) = builder.handshake(io).await.map_err(|error| Trouble::http2(to, &error))?;
    // What ends the connection also ends the calls on it, which say so.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

fn no_connection() -> Trouble {
    Trouble::new(Cause::Timeout, "timeout: no connection in time")
}
