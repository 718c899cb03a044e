//! [`handle`]: waits for the signals on a thread of its own, delivers, and ends the process as the signal would have.
//!
//! Our handler of a signal is installed once and stays: taking it away again would race with others who install theirs. It
//! does what the default would have done unless the process owns the signal: before the first `init`, after the telemetry
//! ended, on the second SIGINT, and in a forked child from its first moment.
#![expect(unsafe_code, reason = "what runs in a signal handler is for us to vouch for")]

use super::disposition::is_default;
use crate::shared::{Occasion, Shared};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, pipe, register, signal_name, unregister};
use std::ffi::c_int;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

/// A signal that may be ours to handle.
struct Signal {
    number: c_int,
    /// Whether our handler is in place.
    installed: AtomicBool,
    /// The id of the process that delivers on it. In any other, and at zero in all, it does what it does by default.
    owner: AtomicU32,
}

static SIGNALS: [Signal; 2] = [Signal::new(SIGTERM), Signal::new(SIGINT)];

impl Signal {
    const fn new(number: c_int) -> Self {
        Self { number, installed: AtomicBool::new(false), owner: AtomicU32::new(0) }
    }

    /// Installs our handler unless another one is there. Whether it is.
    fn take_over(&'static self) -> bool {
        if self.installed.load(Ordering::SeqCst) {
            return true;
        }
        if !is_default(self.number) {
            return false;
        }
        let action = || {
            if self.owner.load(Ordering::SeqCst) != std::process::id() {
                // Fails for signals without a default only.
                let _ = emulate_default_handler(self.number);
            }
        };
        // SAFETY: the action is async-signal-safe: one atomic load, `getpid`, and `emulate_default_handler`, of which
        // signal-hook says that it is. It cannot panic.
        let installed = unsafe { register(self.number, action) }.is_ok();
        self.installed.store(installed, Ordering::SeqCst);
        installed
    }

    fn own(&self) {
        self.owner.store(std::process::id(), Ordering::SeqCst);
    }

    fn disown(&self) {
        self.owner.store(0, Ordering::SeqCst);
    }
}

/// The thread that waits for signals, and what wakes it.
pub(crate) struct SignalThread {
    handled: Vec<&'static Signal>,
    actions: Vec<SigId>,
    stopping: Arc<AtomicBool>,
    wake: PipeWriter,
    thread: JoinHandle<()>,
}

/// Handles those of SIGTERM and SIGINT that nobody handles or ignores, until the telemetry ends. What cannot be handled is
/// told on standard error.
pub(crate) fn handle(shared: &Arc<Shared>) {
    let handled: Vec<&Signal> = SIGNALS.iter().filter(|signal| signal.take_over()).collect();
    if handled.is_empty() {
        return;
    }
    match start(shared, handled) {
        Ok(thread) => shared.keep(thread),
        Err(error) => shared.diag.warn("signals", &format!("SIGTERM and SIGINT deliver nothing: {error}")),
    }
}

/// A pipe, not a pair of sockets: a program without endpoints has no socket.
fn start(shared: &Arc<Shared>, handled: Vec<&'static Signal>) -> io::Result<SignalThread> {
    let (reader, wake) = io::pipe()?;
    let (arrived, stopping) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let waiting = Waiting {
        pipe: reader,
        arrived: Arc::clone(&arrived),
        stopping: Arc::clone(&stopping),
        shared: Arc::downgrade(shared),
    };
    let thread = thread::Builder::new().name("obs-signals".to_owned()).spawn(move || waiting.run())?;
    let mut signals = SignalThread { handled, actions: Vec::new(), stopping, wake, thread };
    match signals.listen(&arrived) {
        Ok(()) => Ok(signals),
        Err(error) => {
            signals.end();
            Err(error)
        }
    }
}

impl SignalThread {
    fn listen(&mut self, arrived: &Arc<AtomicUsize>) -> io::Result<()> {
        for signal in &self.handled {
            let number = signal.number;
            // In this order: who wakes finds the number.
            let remember = signal_hook::flag::register_usize(number, Arc::clone(arrived), number as usize)?;
            self.actions.push(remember);
            self.actions.push(pipe::register(number, self.wake.try_clone()?)?);
            signal.own();
        }
        Ok(())
    }

    /// Gives the signals back and ends the thread. If one came before, the thread ends the process instead.
    pub(crate) fn end(mut self) {
        for signal in &self.handled {
            signal.disown();
        }
        for action in self.actions {
            unregister(action);
        }
        self.stopping.store(true, Ordering::SeqCst);
        // Full is as good as written: the thread wakes.
        let _ = self.wake.write(&[0]);
        if thread::current().id() != self.thread.thread().id() {
            let _ = self.thread.join();
        }
    }
}

/// What the thread needs.
struct Waiting {
    pipe: PipeReader,
    arrived: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
    shared: Weak<Shared>,
}

impl Waiting {
    fn run(mut self) {
        let mut byte = [0];
        loop {
            match self.pipe.read(&mut byte) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return,
            }
            if let Ok(signal @ 1..) = c_int::try_from(self.arrived.swap(0, Ordering::SeqCst)) {
                self.end_process(signal);
            }
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    fn end_process(&self, signal: c_int) {
        for interrupt in SIGNALS.iter().filter(|signal| signal.number == SIGINT) {
            interrupt.disown();
        }
        if let Some(shared) = self.shared.upgrade() {
            let occasion = Occasion::EndOfProcess(signal_name(signal).unwrap_or("a signal"));
            shared.stop(shared.signal_deadline, occasion);
        }
        // Fails for signals without a default only.
        let _ = emulate_default_handler(signal);
    }
}
