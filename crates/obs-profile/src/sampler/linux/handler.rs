//! The signal handler and the timer behind it.
#![expect(unsafe_code, reason = "signal handlers, their context and timers are C interfaces")]

use super::memory::OwnMemory;
use super::walk::{Registers, Text, walk};
use crate::error::ProfileError;
use crate::ring::Ring;
use crate::symbols;
use std::io;
use std::mem::MaybeUninit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

pub(super) static RING: OnceLock<Ring> = OnceLock::new();

/// Set between start and stop: a handler that runs late leaves nothing behind.
static ENABLED: AtomicBool = AtomicBool::new(false);

/// Where the program's own code begins and ends.
static TEXT: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
/// CPU time between samples, in nanoseconds.
static PERIOD: AtomicU64 = AtomicU64::new(1);
/// How many periods of CPU time the process had used when the last sample was taken.
static PERIODS: AtomicU64 = AtomicU64::new(0);

/// The handler and the timer, in place until this drops.
pub(crate) struct Installed {
    previous: libc::sigaction,
}

impl std::fmt::Debug for Installed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Installed")
    }
}

/// Installs the handler and starts the timer: `hz` signals per second of CPU time.
///
/// At most one caller at a time: the previous handler is kept in what is returned.
pub(crate) fn install(hz: u32) -> Result<Installed, ProfileError> {
    let failed = |what| ProfileError::Start { what, source: io::Error::last_os_error() };
    // SAFETY: a zeroed `sigaction` is a valid one: no handler, no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    let function: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = on_sigprof;
    action.sa_sigaction = function as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    let previous = set_action(&action).map_err(|_| failed("SIGPROF handler was refused"))?;
    let installed = Installed { previous };
    let modules = symbols::modules();
    if let Some(own) = symbols::module_of(&modules, action.sa_sigaction) {
        TEXT[0].store(modules[own].start, Ordering::SeqCst);
        TEXT[1].store(modules[own].limit, Ordering::SeqCst);
    }
    PERIOD.store(1_000_000_000 / u64::from(hz), Ordering::SeqCst);
    PERIODS.store(periods_used(), Ordering::SeqCst);
    ENABLED.store(true, Ordering::SeqCst);
    if !set_timer(1_000_000 / i64::from(hz)) {
        return Err(failed("profiling timer was refused"));
    }
    Ok(installed)
}

impl Drop for Installed {
    fn drop(&mut self) {
        set_timer(0);
        ENABLED.store(false, Ordering::SeqCst);
        // The last signal may still be pending, and the default action of SIGPROF ends the process. Ignoring a signal
        // discards it where it is pending (POSIX.1, section 2.4.3), so we pass through that on the way back.
        // SAFETY: a zeroed `sigaction` is a valid one; `SIG_IGN` needs no flags.
        let mut ignore: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        ignore.sa_sigaction = libc::SIG_IGN;
        let _ = set_action(&ignore);
        let _ = set_action(&self.previous);
    }
}

/// Sets what SIGPROF does and returns what it did.
fn set_action(action: &libc::sigaction) -> io::Result<libc::sigaction> {
    let mut previous = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: both pointers are valid for the call, and `on_sigprof` keeps to what a handler may do.
    if unsafe { libc::sigaction(libc::SIGPROF, action, previous.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so the kernel's answer has been written.
    Ok(unsafe { previous.assume_init() })
}

/// Starts the timer, or stops it with a period of zero microseconds. Whether the kernel agreed.
fn set_timer(micros: i64) -> bool {
    let period = libc::timeval { tv_sec: micros / 1_000_000, tv_usec: micros % 1_000_000 };
    let value = libc::itimerval { it_interval: period, it_value: period };
    // SAFETY: `value` is valid for the call, and the old value is not asked for.
    unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const value, std::ptr::null_mut()) == 0 }
}

/// How many periods of CPU time the process has used. One system call, safe in a handler (POSIX.1, section 2.4.3).
fn periods_used() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for the call. The clock always exists; should it not, `time` stays zero.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    let nanos = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
    nanos / PERIOD.load(Ordering::Relaxed).max(1)
}

/// Periods that nobody has taken a sample for yet, and takes them.
///
/// The kernel checks the timer at its own tick (every 4 ms on most systems) and merges signals that several threads
/// earn at once, so one signal may stand for several periods. Weighing samples by the clock makes their sum equal the
/// CPU time used, at any rate and on any number of threads.
fn take_periods() -> u64 {
    let now = periods_used();
    now.saturating_sub(PERIODS.fetch_max(now, Ordering::Relaxed))
}

/// Takes one sample. Runs on the interrupted thread, between any two of its instructions: no lock, no allocation, no
/// panic, and `errno` as it was.
extern "C" fn on_sigprof(_signal: libc::c_int, _info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if !ENABLED.load(Ordering::Relaxed) || context.is_null() {
        return;
    }
    // SAFETY: the C library gives every thread an `errno`, valid as long as the thread runs.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above; only this thread reads and writes it.
    let saved = unsafe { *errno };
    // SAFETY: with SA_SIGINFO the third argument is the interrupted thread's `ucontext_t`, valid while we run.
    let registers = registers(unsafe { &*context.cast::<libc::ucontext_t>() });
    let weight = take_periods();
    if let Some(mut claim) = RING.get().filter(|_| weight > 0).and_then(|ring| ring.claim(weight)) {
        let interrupted = obs_core::active::read_in_signal_handler();
        // Ids of a trace that is not recorded would point nowhere.
        let span = interrupted.span.filter(|s| s.sampled);
        let (trace_id, span_id) = span.map_or((0, 0), |s| (s.trace_id.get(), s.span_id.get()));
        claim.label(trace_id, span_id, interrupted.context_id);
        let text = Text { start: TEXT[0].load(Ordering::Relaxed), limit: TEXT[1].load(Ordering::Relaxed) };
        walk(registers, text, &mut OwnMemory::new(), |address| claim.push(address));
    }
    // SAFETY: as above.
    unsafe { *errno = saved };
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> Registers {
    let register = |n: libc::c_int| context.uc_mcontext.gregs[n as usize] as usize;
    Registers { pc: register(libc::REG_RIP), fp: register(libc::REG_RBP), sp: register(libc::REG_RSP) }
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> Registers {
    let machine = &context.uc_mcontext;
    Registers { pc: machine.pc as usize, fp: machine.regs[29] as usize, sp: machine.sp as usize }
}
