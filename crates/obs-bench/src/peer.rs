//! [`Peer`]: the other side of a measurement, in a process of its own, so that its CPU time and memory are not ours.
//!
//! The process says its port on its standard output and takes commands on its standard input; it ends when that closes.

mod order;
mod request;
mod serve;

pub use order::Seen;
pub use serve::{Args, serve};

use clap::ValueEnum;
use obs_export::http::{Endpoint, EndpointError};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What a peer does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Reads to the end, throws it away, and answers with one byte.
    Bytes,
    /// Reads HTTP/1.1 requests, throws their bodies away and answers 204 to each.
    Http,
    /// Takes connections and requests and answers nothing; while it is [open](Peer::open), it is a Loki and an OTLP receiver
    /// that checks the order of what comes.
    BlackHole,
}

/// A running peer; dropping it ends it.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    port: u16,
}

/// What a peer has taken so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Requests that were answered.
    pub requests: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// Numbered lines in them.
    pub lines: Seen,
    /// Numbered spans in them.
    pub spans: Seen,
}

impl Peer {
    /// Starts one; `program` is the command `obs-bench`.
    pub fn start(program: &Path, role: Role) -> io::Result<Self> {
        let role = role.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        let mut child = Command::new(program)
            .args(["peer", &role])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(commands), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the peer has no pipes"));
        };
        let mut peer = Self { child, commands, answers: BufReader::new(answers), port: 0 };
        peer.port = peer.answer()?.parse().map_err(io::Error::other)?;
        Ok(peer)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Its base URL.
    pub fn endpoint(&self) -> Result<Endpoint, EndpointError> {
        format!("http://{}", self.address()).parse()
    }

    /// Makes a black hole answer. What it holds until then is closed without an answer.
    pub fn open(&mut self) -> io::Result<()> {
        self.ask("open").map(drop)
    }

    /// Makes it a black hole again.
    pub fn close(&mut self) -> io::Result<()> {
        self.ask("close").map(drop)
    }

    /// What it has taken so far.
    pub fn taken(&mut self) -> io::Result<Taken> {
        let answer = self.ask("taken")?;
        Taken::parse(&answer).ok_or_else(|| io::Error::other(format!("the peer answered `{answer}`")))
    }

    fn ask(&mut self, command: &str) -> io::Result<String> {
        writeln!(self.commands, "{command}")?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Taken {
    /// One line that [`Taken::parse`] reads.
    fn print(&self) -> String {
        let Self { requests, bytes, lines, spans } = self;
        format!("{requests} {bytes} {} {}", lines.print(), spans.print())
    }

    fn parse(line: &str) -> Option<Self> {
        let numbers: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [requests, bytes, rest @ ..] = numbers.as_slice() else { return None };
        let (lines, spans) = rest.split_at_checked(rest.len() / 2)?;
        Some(Self { requests: *requests, bytes: *bytes, lines: Seen::of(lines)?, spans: Seen::of(spans)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_survives_the_pipe() {
        let seen = |n| Seen { different: n, again: 2, disordered: 3 };
        let taken = Taken { requests: 7, bytes: 8, lines: seen(5), spans: seen(9) };
        assert_eq!(Taken::parse(&taken.print()), Some(taken));
        assert_eq!(Taken::parse("7 8 5"), None);
    }
}
