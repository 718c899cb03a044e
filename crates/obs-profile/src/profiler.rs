//! [`Profiler`]: starts and stops the sampler and hands out profiles.

use crate::aggregate::Aggregate;
use crate::error::ProfileError;
use crate::options::ProfilerOptions;
use crate::profile::Profile;
use crate::{sampler, symbols};
use obs_core::{DropReason, Fate, Signal, fork};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Whether this process has a profiler: one more than the generation that started it, zero without one. A forked child
/// has none: timers are not inherited.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// How often a stopping profiler looks again for handlers that are still writing; each takes microseconds.
const LATE_HANDLERS: usize = 1000;

/// A running CPU profiler; one per process. Until one starts, nothing is installed and nothing runs.
///
/// Dropping it stops it and throws its samples away; [`Profiler::stop`] returns them.
///
/// ```no_run
/// use obs_profile::{Filter, Profiler, ProfilerOptions, flamegraph};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profiler = Profiler::start(ProfilerOptions::default())?;
/// // … work …
/// let profile = profiler.stop();
/// std::fs::write("flamegraph.svg", flamegraph(&profile, Filter::All)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Profiler {
    shared: Arc<Shared>,
    installed: Option<sampler::Installed>,
    drain: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    options: ProfilerOptions,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    aggregate: Aggregate,
    start_ns: u64,
    stopping: bool,
}

impl Profiler {
    /// Starts sampling. Fails when the rate is out of range, a profiler runs already, or the platform has no sampler.
    pub fn start(options: ProfilerOptions) -> Result<Self, ProfileError> {
        options.check()?;
        sampler::supported()?;
        let generation = fork::watch().wrapping_add(1);
        if RUNNING.swap(generation, Ordering::SeqCst) == generation {
            return Err(ProfileError::AlreadyRunning);
        }
        // Dropping `profiler` on an error below undoes what was done so far.
        let start_ns = options.clock.now();
        let state = State { aggregate: Aggregate::default(), start_ns, stopping: false };
        let shared = Arc::new(Shared { options, state: Mutex::new(state), wake: Condvar::new() });
        let mut profiler = Self { shared: Arc::clone(&shared), installed: None, drain: None };
        // Left behind by an earlier profiler's last handlers.
        sampler::ring().drain(drop);
        sampler::ring().take_dropped();
        let run = move || shared.run();
        let thread = std::thread::Builder::new().name("obs-profile".to_owned()).spawn(run);
        profiler.drain =
            Some(thread.map_err(|source| ProfileError::Start { what: "drain thread was refused", source })?);
        profiler.installed = Some(sampler::install(profiler.shared.options.hz)?);
        Ok(profiler)
    }

    /// Samples per second of CPU time.
    pub fn hz(&self) -> u32 {
        self.shared.options.hz
    }

    /// Whether samples hold whole stacks. `false` where a sandbox keeps the process from reading its own memory through
    /// the kernel: samples then hold the interrupted address alone.
    pub fn walks_stacks(&self) -> bool {
        sampler::walks_stacks()
    }

    /// The samples since the start or the last [`Profiler::take`]; they stay.
    pub fn snapshot(&self) -> Profile {
        let mut state = self.shared.lock();
        self.shared.collect(&mut state);
        let (aggregate, start_ns) = (state.aggregate.clone(), state.start_ns);
        drop(state);
        self.shared.profile(aggregate, start_ns, self.shared.options.clock.now())
    }

    /// The samples since the start or the last call; the next profile begins where this one ends.
    pub fn take(&self) -> Profile {
        let mut state = self.shared.lock();
        self.shared.collect(&mut state);
        let aggregate = std::mem::take(&mut state.aggregate);
        let end_ns = self.shared.options.clock.now();
        let start_ns = std::mem::replace(&mut state.start_ns, end_ns);
        drop(state);
        self.shared.profile(aggregate, start_ns, end_ns)
    }

    /// Stops sampling, restores the previous handler of `SIGPROF`, and returns the last samples.
    #[must_use = "the last samples are in the profile; drop the profiler to throw them away"]
    pub fn stop(mut self) -> Profile {
        self.halt();
        self.take()
    }

    /// Stops the timer, the handler and the drain thread; does nothing the second time.
    fn halt(&mut self) {
        if let Some(installed) = self.installed.take() {
            drop(installed);
            for _ in 0..LATE_HANDLERS {
                self.shared.collect(&mut self.shared.lock());
                if sampler::ring().is_empty() {
                    break;
                }
                std::thread::yield_now();
            }
        }
        if let Some(drain) = self.drain.take() {
            self.shared.lock().stopping = true;
            self.shared.wake.notify_all();
            let _ = drain.join();
        }
    }
}

impl Drop for Profiler {
    fn drop(&mut self) {
        self.halt();
        RUNNING.store(0, Ordering::SeqCst);
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The drain thread.
    fn run(&self) {
        let mut state = self.lock();
        while !state.stopping {
            self.collect(&mut state);
            let waited = self.wake.wait_timeout(state, self.options.drain_every);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Moves samples from the ring to the aggregate and counts the dropped ones.
    fn collect(&self, state: &mut State) {
        let before = state.aggregate.dropped;
        sampler::ring().drain(|sample| state.aggregate.add(sample));
        state.aggregate.dropped += sampler::ring().take_dropped();
        let dropped = state.aggregate.dropped - before;
        if let Some(ledger) = self.options.ledger.as_ref().filter(|_| dropped > 0) {
            ledger.created(Signal::Profile, dropped);
            ledger.settle(Signal::Profile, Fate::Dropped(DropReason::Limit), dropped);
        }
    }

    fn profile(&self, aggregate: Aggregate, start_ns: u64, end_ns: u64) -> Profile {
        let period_ns = 1_000_000_000 / u64::from(self.options.hz);
        let modules = symbols::modules();
        let dropped = aggregate.dropped;
        let mut profile = Profile::new(period_ns, aggregate.into_samples(&modules));
        (profile.start_ns, profile.end_ns) = (start_ns, end_ns);
        profile.dropped = dropped;
        profile.modules = modules;
        profile
    }
}
