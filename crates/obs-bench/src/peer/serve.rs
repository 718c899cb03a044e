//! The process behind a [`Peer`](super::Peer).

use super::order::Tally;
use super::request::{Connection, numbers_of_lines, numbers_of_spans};
use super::{Role, Taken};
use std::io::{self, BufRead, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What the process does.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do with connections
    role: Role,
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    requests: u64,
    bytes: u64,
    lines: Tally,
    spans: Tally,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the black hole is one no longer; says whether it had been.
    fn wait_open(&self) -> bool {
        let mut state = self.state();
        let closed = !state.open;
        while !state.open {
            state = self.opened.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        closed
    }

    fn taken(&self) -> Taken {
        let state = self.state();
        Taken {
            requests: state.requests,
            bytes: state.bytes,
            lines: state.lines.seen(),
            spans: state.spans.seen(),
        }
    }
}

/// Listens on a free port of the loopback interface until standard input closes.
pub fn serve(args: &Args) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    let (role, shared) = (args.role, Arc::new(Shared::default()));
    let for_connections = Arc::clone(&shared);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let shared = Arc::clone(&for_connections);
            // A client that goes away in the middle of something ends its connection, no more.
            thread::spawn(move || drop(connection(stream, role, &shared)));
        }
    });
    for command in io::stdin().lock().lines() {
        let answer = match command?.as_str() {
            "open" => {
                shared.state().open = true;
                shared.opened.notify_all();
                "open".to_owned()
            }
            "close" => {
                shared.state().open = false;
                "closed".to_owned()
            }
            "taken" => shared.taken().print(),
            other => format!("`{other}` is no command: open, close, taken"),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

fn connection(stream: TcpStream, role: Role, shared: &Shared) -> io::Result<()> {
    match role {
        Role::Bytes => discard(stream),
        Role::Http => requests(stream, shared),
        Role::BlackHole => loki_and_otlp(stream, shared),
    }
}

fn discard(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    while stream.read(&mut buffer)? > 0 {}
    stream.write_all(b".")
}

fn requests(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream);
    while let Some((_, body)) = connection.next()? {
        let bytes = body.len() as u64;
        {
            let mut state = shared.state();
            state.requests += 1;
            state.bytes += bytes;
        }
        connection.accept()?;
    }
    Ok(())
}

fn loki_and_otlp(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream);
    while let Some((path, body)) = connection.next()? {
        if shared.wait_open() {
            return Ok(());
        }
        let is_loki = path.ends_with("/push");
        let numbers = if is_loki { numbers_of_lines(body) } else { numbers_of_spans(body) };
        {
            let mut state = shared.state();
            state.requests += 1;
            state.bytes += body.len() as u64;
            let tally = if is_loki { &mut state.lines } else { &mut state.spans };
            for number in numbers {
                tally.note(number);
            }
        }
        connection.accept()?;
    }
    Ok(())
}
