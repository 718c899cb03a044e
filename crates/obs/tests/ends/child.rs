//! A program that ends in the way its first argument says: the tests in this folder run it. Not an example to follow.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "part of a test"
)]

use obs::obs_metrics::Status;
use obs::{Builder, LogOutput, Telemetry, log, span};
use serde_json::json;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::{Builder as Runtime, Handle, RuntimeFlavor};

mod forks;
mod life;

/// What the parent says in the environment.
#[derive(Clone)]
pub(crate) struct Orders {
    /// The time that delivery may take.
    deadline: Duration,
    /// Where the report goes.
    report: PathBuf,
}

fn main() {
    forks::end_in_time();
    let var = |name: &str| std::env::var(name).expect(name);
    let orders = Orders {
        deadline: Duration::from_millis(var("ENDS_DEADLINE_MS").parse().unwrap()),
        report: var("ENDS_REPORT").into(),
    };
    let way = std::env::args().nth(1).expect("a way to end");
    match way.as_str() {
        "no tokio" => orders.shut_down(start(&orders)),
        "current_thread" => on_tokio(&mut Runtime::new_current_thread(), &orders),
        "multi_thread(1)" => on_tokio(Runtime::new_multi_thread().worker_threads(1), &orders),
        "multi_thread(4)" => on_tokio(Runtime::new_multi_thread().worker_threads(4), &orders),
        "inside Drop" => drop(ShutsDown(Some(start(&orders)), &orders)),
        "inside panic" => {
            let _guard = ShutsDown(Some(start(&orders)), &orders);
            panic!("sensor 7 is on fire");
        }
        "dropped" => drop(start(&orders)),
        "SIGTERM" | "SIGINT" => wait_for_end(&start(&orders)),
        "during shutdown" => {
            let telemetry = start(&orders);
            println!("ready");
            drop(telemetry.shutdown(Duration::from_mins(1)));
        }
        other => life::run(other, &orders),
    }
}

/// Sends everything everywhere that the environment names.
pub(crate) fn builder(orders: &Orders) -> Builder {
    obs::builder("acm-batch").logs(LogOutput::None).silent().signal_deadline(orders.deadline)
}

/// Telemetry with some of each signal recorded: 3 spans, 3 lines, metrics, and samples.
fn start(orders: &Orders) -> Telemetry {
    let telemetry = builder(orders).set("profile.hz", "1000").init().unwrap();
    record();
    telemetry
}

fn record() {
    for i in 0..3 {
        let _span = span!(obs::tracer(), "fit.pca", n_samples = i);
        log::model!(obs::logger("acm.batch"), "fitted {i}");
        black_box((0..3_000_000_u32).map(|i| f64::from(black_box(i)).sqrt()).sum::<f64>());
    }
    obs::record_batch_processed("FD_FAN", 0.012, 1500, Status::Success);
}

fn on_tokio(runtime: &mut Runtime, orders: &Orders) {
    let runtime = runtime.build().unwrap();
    let telemetry = start(orders);
    // In a task where there are workers: with one worker it is that worker that waits.
    runtime.block_on(async {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            orders.shut_down(telemetry);
        } else {
            let orders = orders.clone();
            tokio::spawn(async move { orders.shut_down(telemetry) }).await.unwrap();
        }
    });
}

/// Shuts telemetry down when it drops.
struct ShutsDown<'a>(Option<Telemetry>, &'a Orders);

impl Drop for ShutsDown<'_> {
    fn drop(&mut self) {
        if let Some(telemetry) = self.0.take() {
            self.1.shut_down(telemetry);
        }
    }
}

impl Orders {
    /// Shuts down and writes down what that achieved.
    pub(crate) fn shut_down(&self, telemetry: Telemetry) {
        let clock = obs::obs_core::Clock::system();
        let start = clock.now();
        let report = telemetry.shutdown(self.deadline);
        let took = clock.now() - start;
        self.write(&json!({
            "took_ms": took / 1_000_000,
            "balanced": report.signals.is_balanced(),
            "clean": report.is_clean(),
            "text": report.to_string(),
        }));
    }

    pub(crate) fn write(&self, report: &serde_json::Value) {
        std::fs::write(&self.report, report.to_string()).unwrap();
    }
}

/// Says that all is ready, and waits for a signal to end the process; `kept` is never dropped.
pub(crate) fn wait_for_end<T>(kept: &T) {
    println!("ready");
    loop {
        std::thread::park();
        black_box(kept);
    }
}
