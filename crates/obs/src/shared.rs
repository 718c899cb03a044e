//! [`Shared`]: the four signals at work, and their one shutdown, which may be asked for from several sides.

use crate::signals::SignalThread;
use crate::steps::{self, Step};
use crate::telemetry::Finished;
use obs_core::{Clock, Diag, ServiceIdentity, fork};
use obs_export::{Engine, FlushReport, Stream};
use obs_logs::Logs;
use obs_metrics::{MetricReader, Metrics};
use obs_profile::{Profile, ProfileItem, Profiler};
use obs_trace::Tracer;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What [`Telemetry`](crate::Telemetry), the thread that waits for signals and the panic hook share.
pub(crate) struct Shared {
    pub(crate) tracer: Tracer,
    pub(crate) logs: Logs,
    pub(crate) metrics: Metrics,
    pub(crate) identity: ServiceIdentity,
    pub(crate) engine: Engine,
    pub(crate) diag: Diag,
    /// Measures deadlines, which are real whatever clock dates items.
    pub(crate) timer: Clock,
    /// Of the process that the threads run in.
    pub(crate) generation: u32,
    pub(crate) reader: Mutex<Option<MetricReader>>,
    pub(crate) profiler: Mutex<Option<Profiler>>,
    pub(crate) profiles: Stream<ProfileItem>,
    /// Whether metrics are read: they have a destination.
    pub(crate) reads_metrics: bool,
    /// Whether any signal has a destination.
    pub(crate) has_destination: bool,
    /// How long delivery may take when a signal or an aborting panic ends the process.
    pub(crate) signal_deadline: Duration,
    pub(crate) life: Mutex<Life>,
    pub(crate) ended: Condvar,
}

/// From start to end.
#[derive(Default)]
pub(crate) struct Life {
    phase: Phase,
    /// Whether this is the process's own telemetry.
    is_global: bool,
    signals: Option<SignalThread>,
    /// What the profiler took last.
    profile: Option<Profile>,
}

#[derive(Default)]
enum Phase {
    #[default]
    Running,
    Stopping,
    Ended(Box<Finished>),
}

/// What brings the shutdown about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion<'a> {
    /// A caller, who gets the report.
    Caller,
    /// The end of the guard: nobody sees the report, so losses are told on standard error.
    Drop,
    /// What this names ends the process as soon as the shutdown is over. Losses are told on standard error, and others who
    /// wait for the shutdown wait on: the process must not end in another way first.
    EndOfProcess(&'a str),
}

impl<'a> Occasion<'a> {
    /// How to name it to the user, if the user gets no report.
    fn told(self) -> Option<&'a str> {
        match self {
            Self::Caller => None,
            Self::Drop => Some("the guard dropped"),
            Self::EndOfProcess(why) => Some(why),
        }
    }
}

/// Who does the shutdown.
enum Turn {
    Mine,
    /// Somebody did.
    Done(Box<Finished>),
    /// Somebody is about it, for longer than the caller waits.
    Late,
}

impl Shared {
    /// Whether this is a forked child of the process that the telemetry works for. Then nothing here may be touched: the
    /// threads do not exist, and locks may be held by nobody.
    pub(crate) fn is_left_behind(&self) -> bool {
        fork::is_child_of(self.generation)
    }

    pub(crate) fn flush(self: &Arc<Self>, deadline: Duration) -> FlushReport {
        if self.is_left_behind() {
            return FlushReport::default();
        }
        let start = self.timer.now();
        let until = start.saturating_add(deadline.as_nanos() as u64);
        self.tracer.flush();
        let late = self.collect(until, Self::take_profile, Self::collect_metrics);
        let mut report = self.engine.flush(self.left(until));
        report.waiting.extend(late.into_iter().map(str::to_owned));
        report.elapsed = self.since(start);
        report
    }

    /// Stops all signals, once; another call gets the same report, and waits for it by its own deadline.
    pub(crate) fn stop(self: &Arc<Self>, deadline: Duration, occasion: Occasion<'_>) -> Finished {
        if self.is_left_behind() {
            return Finished::default();
        }
        let start = self.timer.now();
        let until = start.saturating_add(deadline.as_nanos() as u64);
        let finished = match self.turn(until) {
            Turn::Done(finished) => return *finished,
            Turn::Mine => self.stop_now(start, until, occasion),
            // Whoever is about it has less time than it thought: what is left is given up, so that the report adds up.
            Turn::Late => Finished { report: self.engine.shutdown(Duration::ZERO), profile: None },
        };
        if let Some(why) = occasion.told().filter(|_| !finished.report.is_clean()) {
            let report = finished.report.to_string().replace('\n', "; ");
            self.diag.warn("shutdown", &format!("{why}: {report}"));
        }
        finished
    }

    /// Profiles before metrics, so that metrics count them. Collecting may take half of the deadline; the rest is for
    /// delivery.
    fn stop_now(self: &Arc<Self>, start: u64, until: u64, occasion: Occasion<'_>) -> Finished {
        let is_global = self.life().is_global;
        if is_global {
            crate::global::uninstall();
        }
        self.tracer.close();
        let late = self.collect(until, Self::stop_profiler, Self::stop_reader);
        let mut report = self.engine.shutdown(self.left(until));
        report.timed_out.extend(late.into_iter().map(str::to_owned));
        report.elapsed = self.since(start);
        let (finished, signals) = {
            let mut life = self.life();
            let finished = Finished { report, profile: life.profile.take() };
            if matches!(occasion, Occasion::EndOfProcess(_)) {
                return finished;
            }
            life.phase = Phase::Ended(Box::new(finished.clone()));
            (finished, life.signals.take())
        };
        self.ended.notify_all();
        if let Some(signals) = signals {
            signals.end();
        }
        if is_global {
            crate::global::release();
        }
        finished
    }

    fn turn(&self, until: u64) -> Turn {
        let mut life = self.life();
        loop {
            match &life.phase {
                Phase::Running => {
                    life.phase = Phase::Stopping;
                    return Turn::Mine;
                }
                Phase::Ended(finished) => return Turn::Done(finished.clone()),
                Phase::Stopping => {}
            }
            let left = self.left(until);
            if left.is_zero() {
                return Turn::Late;
            }
            life = self.ended.wait_timeout(life, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Runs both where there is something to collect; returns what did not end in half of the time.
    fn collect(self: &Arc<Self>, until: u64, profiles: fn(&Self), metrics: fn(&Self)) -> Vec<&'static str> {
        let mut steps: Vec<Step> = Vec::new();
        if !self.profiles.is_off() {
            let shared = Arc::clone(self);
            steps.push(("profile/collect", Box::new(move || profiles(&shared))));
        }
        if self.reads_metrics {
            let shared = Arc::clone(self);
            steps.push(("metric/collect", Box::new(move || metrics(&shared))));
        }
        steps::run(steps, self.left(until) / 2, &self.timer)
    }

    fn take_profile(&self) {
        if let Some(profiler) = &*lock(&self.profiler) {
            self.push_profile(profiler.take());
        }
    }

    fn stop_profiler(&self) {
        if let Some(profiler) = lock(&self.profiler).take() {
            let profile = profiler.stop();
            self.push_profile(profile.clone());
            self.life().profile = Some(profile);
        }
    }

    fn push_profile(&self, profile: Profile) {
        if profile.count() > 0 {
            self.profiles.push_one(ProfileItem(profile));
        }
    }

    fn collect_metrics(&self) {
        if let Some(reader) = &*lock(&self.reader) {
            reader.collect_now();
        }
    }

    fn stop_reader(&self) {
        if let Some(reader) = lock(&self.reader).take() {
            reader.shutdown();
        }
    }

    /// Makes this the process's own telemetry.
    pub(crate) fn own_globals(&self) {
        self.life().is_global = true;
    }

    /// Keeps the thread that waits for signals until the end.
    pub(crate) fn keep(&self, signals: SignalThread) {
        self.life().signals = Some(signals);
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        lock(&self.life)
    }

    fn left(&self, until: u64) -> Duration {
        Duration::from_nanos(until.saturating_sub(self.timer.now()))
    }

    fn since(&self, start: u64) -> Duration {
        Duration::from_nanos(self.timer.now().saturating_sub(start))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("identity", &self.identity).finish_non_exhaustive()
    }
}
