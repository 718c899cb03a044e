//! [`install`]: the panic hook, by which a panic becomes a log line, and is delivered where it ends the process.

use crate::global;
use crate::shared::{Occasion, Shared};
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[cfg(test)]
mod tests;

/// Whether the hook is in place; it stays for the rest of the process, and does nothing while there is no telemetry.
static INSTALLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread is in the hook.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Puts our hook before the one that is there, once per process.
pub(crate) fn install() {
    install_for(cfg!(panic = "abort"));
}

fn install_for(aborts: bool) {
    // Whoever starts telemetry in a destructor, while a panic unwinds, cannot change the hook: that would panic.
    if thread::panicking() || INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| on_panic(info, &previous, aborts)));
}

/// Records first: the previous hook may end the process. When the panic unwinds, guards deliver later, if it goes that far;
/// when it aborts, nothing comes later.
fn on_panic(info: &PanicHookInfo<'_>, previous: &dyn Fn(&PanicHookInfo<'_>), aborts: bool) {
    let shared = global::shared();
    let first = BUSY.try_with(|busy| !busy.replace(true)).unwrap_or(false);
    if let Some(shared) = shared.as_ref().filter(|_| first && !is_own_thread()) {
        record(shared, info);
    }
    previous(info);
    if let Some(shared) = shared.filter(|_| first && aborts) {
        shared.stop(shared.signal_deadline, Occasion::EndOfProcess("panic"));
    }
    if first {
        let _ = BUSY.try_with(|busy| busy.set(false));
    }
}

/// Troubles of obs itself go to standard error only: a sink that panics must not feed itself.
fn is_own_thread() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with("obs-"))
}

fn record(shared: &Shared, info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("(not a text)");
    let thread = thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let (file, line) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
    obs_logs::critical!(shared.logs.logger("obs.panic"), "thread `{name}` panicked at {file}:{line}: {message}";
        "error.type" => "panic", "error.message" => message, "thread.name" => name,
        "code.file.path" => file, "code.line.number" => line);
}
