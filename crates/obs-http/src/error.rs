//! [`ServeError`]: why a server could not start.

use std::io;
use std::net::SocketAddr;

/// Why a [`crate::Server`] could not start. Once it listens, trouble with one client ends that client's connection and
/// nothing else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on: another program has it, it is not of this machine, or the port is a
    /// privileged one.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system gave no thread, or no means to wait for sockets.
    #[error("cannot start the server for {address}: {source}")]
    Start {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}
