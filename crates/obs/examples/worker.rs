//! A background worker: jobs from a queue, each a trace of its own that points to the request it came from.
//!
//! Who puts a job on the queue writes its trace context into the message ([`inject_current`]). The worker begins a new trace
//! for each job, because a job may run hours later, and links it to the request. A job runs on two threads: [`thread::spawn`]
//! of `obs_trace` takes span and run context along. One job fails; it is logged, and the worker goes on.
//!
//! [`inject_current`]: obs::obs_trace::propagation::inject_current
//! [`thread::spawn`]: obs::obs_trace::thread::spawn

use obs::obs_trace::propagation::{Propagators, inject_current};
use obs::obs_trace::thread;
use obs::{log, operations, span};
use std::collections::HashMap;
use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

struct Job {
    scenario: String,
    /// Where trace context and baggage travel; a real queue has headers for this.
    headers: HashMap<String, String>,
}

/// What a web service does: it answers at once, and leaves the work to the worker.
fn enqueue(queue: &Sender<Job>, scenario: &str) -> Result<(), Box<dyn Error>> {
    let _request = operations::http_server(&obs::tracer(), "POST").path("/scenarios").start();
    let mut headers = HashMap::new();
    inject_current(&mut headers);
    queue.send(Job { scenario: scenario.to_owned(), headers })?;
    Ok(())
}

fn work(queue: &Receiver<Job>) {
    let log = obs::logger("scenarios.batch");
    for job in queue {
        let origin = Propagators::default().extract(&job.headers).parent;
        let mut operation = obs::operation("scenario", "run").id(job.scenario.as_str());
        if let Some(origin) = &origin {
            operation = operation.link(origin);
        }
        let mut run = operation.start();
        // On a thread of its own; the span and the run context come along.
        let scenario = job.scenario.clone();
        let steps = thread::spawn(move || steps(&scenario)).join();
        match run.record_result(steps.unwrap_or_else(|_| Err(std::io::Error::other("a step panicked")))) {
            Ok(steps) => log::run!(log, "scenario done"; "scenario" => &job.scenario, "steps" => steps),
            Err(error) => log::run!(error: log, "scenario failed: {error}"; "scenario" => &job.scenario),
        }
    }
}

fn steps(scenario: &str) -> Result<usize, std::io::Error> {
    let mut fit = span!("models.fit", scenario = scenario);
    if scenario.is_empty() {
        return fit.record_result(Err(std::io::Error::other("a scenario needs a name")));
    }
    Ok(3)
}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = obs::init("scenario-worker")?;
    let (queue, jobs) = channel();
    let worker = std::thread::spawn(move || work(&jobs));
    for scenario in ["north", ""] {
        enqueue(&queue, scenario)?;
    }
    drop(queue);
    worker.join().map_err(|_| "the worker panicked")?;
    let report = telemetry.shutdown(Duration::from_secs(5));
    if report.is_clean() { Ok(()) } else { Err(report.to_string().into()) }
}
