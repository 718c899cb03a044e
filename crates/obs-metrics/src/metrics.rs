//! [`Metrics`]: where instruments are made and readings are taken.

use crate::builtin::Builtin;
use crate::catalogue::{self, Def};
use crate::cell::sealed::{Rules, Sealed};
use crate::cell::{Counter, Gauge, Histogram, Instrument};
use crate::collect;
use crate::error::Error;
use crate::exposition::{openmetrics, text};
use crate::family::{AnyFamily, Family, Inner};
use crate::name;
use crate::negotiate::Format;
use crate::prometheus;
use crate::snapshot::{Kind, Snapshot};
use obs_core::{Clock, Ledger, ServiceIdentity, active};
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// All metrics of a program: the built-in ones of [`crate::catalogue`] and its own. Clones share them.
///
/// ```
/// use obs_metrics::Metrics;
/// let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Default::default());
/// let uploads = metrics.counter("uploads", "Files uploaded.")?;
/// uploads.inc();
/// assert!(metrics.text().contains("\nuploads_total 1\n"));
/// # Ok::<(), obs_metrics::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Metrics(Arc<State>);

#[derive(Debug)]
struct State {
    identity: Arc<ServiceIdentity>,
    ledger: Arc<Ledger>,
    store: Store,
    builtin: Builtin,
    foreign: Mutex<Registry>,
    /// Readings of `foreign` that failed.
    unreadable: AtomicU64,
    late: Late,
}

/// What is done before a reading.
#[derive(Default)]
struct Late(RwLock<Vec<Arc<dyn Fn() + Send + Sync>>>);

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Late").finish_non_exhaustive()
    }
}

/// Where families live.
#[derive(Debug)]
pub(crate) struct Store {
    clock: Clock,
    start: u64,
    families: RwLock<BTreeMap<String, AnyFamily>>,
}

impl Metrics {
    /// Metrics of this service, with the machine's clock; `ledger` is what the metrics of delivery
    /// report (`obs_items_total`, `obs_queue_items`, …).
    pub fn new(identity: ServiceIdentity, ledger: Arc<Ledger>) -> Self {
        Self::with_clock(identity, ledger, Clock::system())
    }

    /// As [`Metrics::new`], with a clock of one's own for exemplars and readings.
    pub fn with_clock(identity: ServiceIdentity, ledger: Arc<Ledger>, clock: Clock) -> Self {
        let store = Store { start: clock.now(), clock, families: RwLock::default() };
        let builtin = Builtin::new(&store);
        Self(Arc::new(State {
            identity: Arc::new(identity),
            ledger,
            store,
            builtin,
            foreign: Mutex::default(),
            unreadable: AtomicU64::new(0),
            late: Late::default(),
        }))
    }

    /// A counter without labels. `_total` is added to the name where it is written, unless it is there.
    ///
    /// Registering the same metric again gives the same one; so it is with the other kinds.
    pub fn counter(&self, name: &str, help: &str) -> Result<Counter, Error> {
        Ok(self.counter_with(name, help, [])?.with([]))
    }

    /// A counter with labels.
    pub fn counter_with<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
    ) -> Result<Family<Counter, N>, Error> {
        self.0.store.register(name, help, labels, &[], (0.0, f64::MAX))
    }

    /// A gauge without labels; zero until set. It takes any finite value.
    pub fn gauge(&self, name: &str, help: &str) -> Result<Gauge, Error> {
        Ok(self.gauge_with(name, help, [])?.with([]))
    }

    /// A gauge with labels.
    pub fn gauge_with<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
    ) -> Result<Family<Gauge, N>, Error> {
        self.0.store.register(name, help, labels, &[], (f64::MIN, f64::MAX))
    }

    /// A histogram without labels. `buckets` are upper bounds, ascending, without `+Inf`
    /// (see [`catalogue::STAGE_BUCKETS`]). It takes finite values from zero up.
    pub fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, Error> {
        Ok(self.histogram_with(name, help, [], buckets)?.with([]))
    }

    /// A histogram with labels.
    pub fn histogram_with<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
        buckets: &[f64],
    ) -> Result<Family<Histogram, N>, Error> {
        self.0.store.register(name, help, labels, buckets, (0.0, f64::MAX))
    }

    /// Gives access to a prometheus-client registry whose metrics appear beside our own, in every format: for libraries
    /// that are instrumented with that crate. Where a name is taken by one of ours, ours is shown. A registry that cannot be read (help with a
    /// line break, which that crate does not escape) is left out and counted in
    /// `obs_rejected_values_total{metric="prometheus_client"}`. `register` must not take a reading: it would wait for
    /// itself.
    pub fn prometheus_registry<R>(&self, register: impl FnOnce(&mut Registry) -> R) -> R {
        register(&mut self.0.foreign.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls `f` before every reading, on the thread that takes it: for values that are counted in batches, or cost too much to
    /// be kept up to date. `f` may update instruments and must not take a reading.
    pub fn before_reading(&self, f: impl Fn() + Send + Sync + 'static) {
        self.0.late.0.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(f));
    }

    /// A reading of every metric as it stands.
    pub fn snapshot(&self) -> Snapshot {
        let foreign = self.prometheus_registry(|registry| prometheus::read(registry));
        let foreign = foreign.unwrap_or_else(|| {
            self.0.unreadable.fetch_add(1, Ordering::Relaxed);
            Vec::new()
        });
        let mut snapshot = self.own_snapshot();
        if !foreign.is_empty() {
            // The sort is stable: of two with one name, ours comes first and stays.
            snapshot.families.extend(foreign);
            snapshot.families.sort_by(|a, b| a.name.cmp(&b.name));
            snapshot.families.dedup_by(|later, first| later.name == first.name);
        }
        snapshot
    }

    /// A reading without what was registered with [`Metrics::prometheus_registry`].
    pub(crate) fn own_snapshot(&self) -> Snapshot {
        let State { identity, ledger, store, late, .. } = &*self.0;
        let late = late.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        for f in late {
            f();
        }
        let (time, context) = (store.clock.now(), active::context());
        // The map holds handles only: the copy keeps registration from waiting for the reading.
        let families = store.families.read().unwrap_or_else(PoisonError::into_inner).clone();
        let unreadable = self.0.unreadable.load(Ordering::Relaxed);
        let mut collected = collect::all(time, ledger, &families, identity, context.as_deref().map(|c| &**c));
        collected.counter(&catalogue::REJECTED_VALUES, ["prometheus_client"], unreadable as f64);
        Snapshot {
            time,
            start: store.start,
            identity: Arc::clone(identity),
            context,
            families: collect::merge(&families, collected),
        }
    }

    /// Every metric as `OpenMetrics` 1.0, with exemplars.
    pub fn openmetrics(&self) -> String {
        openmetrics(&self.snapshot())
    }

    /// Every metric as Prometheus text 0.0.4.
    pub fn text(&self) -> String {
        text(&self.snapshot())
    }

    /// The body of a scrape in the format that [`Format::negotiate`] chose.
    pub fn encode(&self, format: Format) -> String {
        match format {
            Format::OpenMetrics => self.openmetrics(),
            Format::Text => self.text(),
        }
    }

    /// Nanoseconds since the Unix epoch, by the clock of exemplars and readings; `obs` gives spans the same one.
    pub fn now(&self) -> u64 {
        self.0.store.clock.now()
    }

    pub(crate) fn builtin(&self) -> &Builtin {
        &self.0.builtin
    }
}

impl Store {
    /// A family of the catalogue, whose names are right: a test registers each one by the public way.
    pub(crate) fn built_in<K: Instrument, const N: usize>(&self, def: &Def<N>) -> Family<K, N> {
        let inner = Arc::new(self.make::<K>(
            def.name.to_owned(),
            def.help,
            collect::share(&def.labels),
            def.buckets,
            def.accept,
        ));
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        families.insert(def.name.to_owned(), K::erase(Arc::clone(&inner)));
        Family(inner)
    }

    fn register<K: Instrument, const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&str; N],
        buckets: &[f64],
        accept: (f64, f64),
    ) -> Result<Family<K, N>, Error> {
        let plain = name::metric(name, K::KIND)?;
        name::labels(name, &labels)?;
        if help.trim().is_empty() {
            return Err(Error::NoHelp(name.to_owned()));
        }
        if K::KIND == Kind::Histogram && !are_bounds(buckets) {
            return Err(Error::BadBuckets(name.to_owned()));
        }
        let labels = collect::share(&labels);
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        let conflict = |existing: String| Error::Conflict {
            name: name.to_owned(),
            existing,
            wanted: collect::describe(K::KIND, &labels, buckets),
        };
        if let Some(existing) = families.get(&plain) {
            return match K::recover(existing) {
                Some(inner) if existing.labels() == &*labels && existing.bounds() == buckets => {
                    Ok(Family(inner))
                }
                _ => {
                    let (kind, labels) = (existing.kind(), existing.labels());
                    Err(conflict(collect::describe(kind, labels, existing.bounds())))
                }
            };
        }
        if let Some(entry) = catalogue::ALL.iter().find(|e| e.name == plain) {
            let labels = collect::share(entry.labels);
            return Err(conflict(collect::describe(entry.kind, &labels, entry.buckets)));
        }
        let inner = Arc::new(self.make::<K>(plain.clone(), help, labels, buckets, accept));
        families.insert(plain, K::erase(Arc::clone(&inner)));
        Ok(Family(inner))
    }

    fn make<K: Sealed + Clone>(
        &self,
        name: String,
        help: &str,
        labels: Arc<[String]>,
        buckets: &[f64],
        accept: (f64, f64),
    ) -> Inner<K> {
        let rules =
            Rules { clock: self.clock.clone(), accept, bounds: buckets.into(), rejected: AtomicU64::new(0) };
        let unit = name::unit(&name);
        Inner::new(name, help.to_owned(), unit, labels, rules)
    }
}

fn are_bounds(bounds: &[f64]) -> bool {
    (1..=200).contains(&bounds.len())
        && bounds.iter().all(|b| b.is_finite())
        && bounds.windows(2).all(|w| w[0] < w[1])
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers and unchanged values compare exactly")]
mod tests;
