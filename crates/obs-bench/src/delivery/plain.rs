//! The plain write of the same bytes: what the machine allows.

use super::cost::Cost;
use crate::Answer;
use crate::peer::{Peer, Role};
use obs_core::Clock;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;

/// How long written data may wait for `fdatasync`, nanoseconds: the default of `Limits::sync_every`.
pub(super) const SYNC_EVERY: u64 = 250_000_000;

/// So many writes of equal size to a socket, until the other side has read all of it.
pub(super) fn to_socket(program: &Path, writes: u64, bytes: u64) -> Answer<Cost> {
    let peer = Peer::start(program, Role::Bytes)?;
    let body = vec![b'x'; (bytes / writes.max(1)) as usize];
    let mut stream = TcpStream::connect(peer.address())?;
    let (cost, result) = Cost::of(|| -> io::Result<()> {
        for _ in 0..writes {
            stream.write_all(&body)?;
        }
        stream.shutdown(Shutdown::Write)?;
        stream.read_exact(&mut [0])
    });
    result?;
    Ok(cost)
}

/// So many writes of `piece` to a file, made durable as often as the spool does.
pub(super) fn to_file(path: &Path, writes: u64, piece: &[u8]) -> Answer<Cost> {
    let mut file = File::create_new(path)?;
    let clock = Clock::system();
    let (cost, result) = Cost::of(|| -> io::Result<()> {
        let mut synced = clock.now();
        for _ in 0..writes {
            file.write_all(piece)?;
            let now = clock.now();
            if now - synced >= SYNC_EVERY {
                file.sync_data()?;
                synced = now;
            }
        }
        file.sync_data()
    });
    result?;
    Ok(cost)
}

/// Reads a file in pieces of this size, and removes it.
pub(super) fn from_file(path: &Path, piece: usize) -> Answer<Cost> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; piece];
    let (cost, result) = Cost::of(|| -> io::Result<()> {
        while file.read(&mut buffer)? > 0 {}
        std::fs::remove_file(path)
    });
    result?;
    Ok(cost)
}
