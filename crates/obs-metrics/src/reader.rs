//! [`MetricReader`]: collects at an interval, and once more at the end.

use crate::item::MetricItem;
use crate::metrics::Metrics;
use obs_core::active::{self, Captured};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Collects at an interval on a thread of its own, and once more when it shuts down or drops, so that the last interval
/// always leaves, however short the process was.
#[derive(Debug)]
pub struct MetricReader {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

/// Collect now, in this context, and say when it is done.
struct Command {
    context: Captured,
    done: SyncSender<()>,
}

impl MetricReader {
    /// Interval unless another is asked for: 60 s, as OpenTelemetry's.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);

    /// Shortest interval; what is shorter becomes this.
    pub const MIN_INTERVAL: Duration = Duration::from_millis(10);

    /// Starts collecting into `push`, which must not block: `move |item| stream.push_one(item)`.
    ///
    /// Fails when the system gives no thread.
    pub fn start(
        metrics: Metrics,
        interval: Duration,
        push: impl FnMut(MetricItem) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = channel();
        let interval = interval.max(Self::MIN_INTERVAL);
        let thread = Builder::new()
            .name("obs-metric-reader".to_owned())
            .spawn(move || run(&metrics, interval, &inbox, push))?;
        Ok(Self { commands: Some(commands), thread: Some(thread) })
    }

    /// Collects in the caller's run context and returns when it was pushed; the interval starts anew. `false` if the
    /// thread is gone, because `push` panicked.
    #[expect(clippy::must_use_candidate, reason = "most callers can do nothing about it")]
    pub fn collect_now(&self) -> bool {
        let Some(commands) = &self.commands else { return false };
        let (done, wait) = sync_channel(1);
        commands.send(Command { context: active::capture(), done }).is_ok() && wait.recv().is_ok()
    }

    /// Collects a last time and ends the thread.
    pub fn shutdown(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        if self.thread.is_some() {
            self.collect_now();
        }
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of `push` has been printed by the panic hook; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Drop for MetricReader {
    fn drop(&mut self) {
        self.finish();
    }
}

fn run(metrics: &Metrics, interval: Duration, inbox: &Receiver<Command>, mut push: impl FnMut(MetricItem)) {
    loop {
        match inbox.recv_timeout(interval) {
            Ok(Command { context, done }) => {
                let scope = context.attach();
                push(MetricItem::new(metrics.snapshot()));
                drop(scope);
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => push(MetricItem::new(metrics.snapshot())),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::{RunContext, ServiceIdentity};
    use std::sync::mpsc;

    fn reader(interval: Duration) -> (Metrics, MetricReader, Receiver<MetricItem>) {
        let metrics = Metrics::new(ServiceIdentity::default(), std::sync::Arc::default());
        let (push, items) = mpsc::channel();
        let reader = MetricReader::start(metrics.clone(), interval, move |item| {
            let _ = push.send(item);
        });
        (metrics, reader.unwrap(), items)
    }

    fn total(item: &MetricItem, family: &str) -> Value {
        item.snapshot().family(family).unwrap().series[0].value.clone()
    }
    use crate::snapshot::Value;

    /// MET-02
    #[test]
    fn the_last_interval_leaves_at_shutdown() {
        let (metrics, reader, items) = reader(MetricReader::DEFAULT_INTERVAL);
        metrics.counter("done", "Things done.").unwrap().inc();
        reader.shutdown();
        let all: Vec<MetricItem> = items.iter().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(total(&all[0], "done"), Value::Counter { total: 1.0, exemplar: None });
    }

    #[test]
    fn dropping_collects_like_shutting_down() {
        let (_metrics, reader, items) = reader(MetricReader::DEFAULT_INTERVAL);
        drop(reader);
        assert_eq!(items.iter().count(), 1);
    }

    #[test]
    fn it_collects_at_the_interval_without_being_asked() {
        let (_metrics, reader, items) = reader(Duration::ZERO);
        for _ in 0..3 {
            items.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        drop(reader);
    }

    #[test]
    fn a_collection_on_request_carries_the_callers_run() {
        let (_metrics, reader, items) = reader(MetricReader::DEFAULT_INTERVAL);
        let context = RunContext { equipment: Some("FD_FAN".into()), ..RunContext::default() }.share();
        let scope = active::attach_context(Some(context));
        assert!(reader.collect_now());
        drop(scope);
        let item = items.recv().unwrap();
        assert_eq!(item.snapshot().context.as_ref().unwrap().equipment.as_deref(), Some("FD_FAN"));
    }

    #[test]
    fn a_push_that_panics_ends_the_reader_not_the_program() {
        let metrics = Metrics::new(ServiceIdentity::default(), std::sync::Arc::default());
        let reader =
            MetricReader::start(metrics, MetricReader::DEFAULT_INTERVAL, |_| panic!("push is broken"))
                .unwrap();
        assert!(!reader.collect_now());
        reader.shutdown();
    }
}
