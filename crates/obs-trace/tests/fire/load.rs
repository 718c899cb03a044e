//! The load: what threads and tasks do at random, and say of it to the model.

use crate::model::{Expected, Model, NAMES, Node};
use fastrand::Rng;
use obs_core::active;
use obs_trace::{FutureExt, Outcome, Span, Tracer, carry, task};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};

type Job = Box<dyn FnOnce() + Send>;

/// What everyone needs. The tracer is used from many threads, the jobs run on others.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) tracer: Tracer,
    pub(crate) model: Arc<Model>,
    pub(crate) jobs: Sender<Job>,
    /// Panics and cancellations so far: a load without them would prove little.
    pub(crate) panics: Arc<AtomicUsize>,
    pub(crate) cancelled: Arc<AtomicUsize>,
}

impl Load {
    /// A span below whatever is active, which must be `parent`.
    fn begin(&self, rng: &mut Rng, parent: Option<Node>) -> (Expected, Span) {
        assert_eq!(Node::here(), parent, "the thread is where its span says");
        let name = *rng.choice(&NAMES).unwrap();
        let span = self.tracer.span(name).detached();
        (self.model.begun(&span, parent, name), span)
    }

    fn panic(&self) -> ! {
        self.panics.fetch_add(1, Ordering::Relaxed);
        // Without the hook, which would print.
        resume_unwind(Box::new("as planned"));
    }

    /// Work within one span: children here and elsewhere, outcomes, panics, some of them caught.
    pub(crate) fn work(&self, rng: &mut Rng, depth: u32, parent: Option<Node>) {
        let (mut expected, span) = self.begin(rng, parent);
        let node = expected.node;
        let mut guard = span.enter();
        guard.set("depth", depth);
        let _on_the_way_out = rng.bool().then(|| InDrop { load: self, node, seed: rng.u64(..) });
        for _ in 0..if depth == 0 { 0 } else { rng.usize(0..5) } {
            match rng.u32(0..16) {
                0..8 => self.work(rng, depth - 1, Some(node)),
                8..10 => {
                    let caught = catch_unwind(AssertUnwindSafe(|| self.work(rng, depth - 1, Some(node))));
                    assert_eq!(Node::here(), Some(node), "unwinding leads back: {caught:?}");
                }
                10..12 => self.send_child(rng, depth - 1, node),
                12..14 => self.send_detached(rng, node),
                14 => {
                    guard.event("tick", &[("n", 1.into())]);
                    expected.outcome(&mut guard, *rng.choice(&Outcome::ALL).unwrap());
                    return;
                }
                _ if rng.u32(0..3) == 0 => self.panic(),
                _ => {}
            }
        }
    }

    /// A child on another thread, which may begin when its parent has long ended.
    fn send_child(&self, rng: &mut Rng, depth: u32, parent: Node) {
        let (load, mut rng) = (self.clone(), rng.fork());
        let child = carry(move || {
            let _ = catch_unwind(AssertUnwindSafe(|| load.work(&mut rng, depth, Some(parent))));
        });
        self.send(Box::new(child));
    }

    /// A span that begins here, is entered on another thread perhaps, and ends there.
    fn send_detached(&self, rng: &mut Rng, parent: Node) {
        let (mut expected, mut span) = self.begin(rng, Some(parent));
        let (load, mut rng) = (self.clone(), rng.fork());
        self.send(Box::new(move || {
            let _ = catch_unwind(AssertUnwindSafe(|| match rng.u32(0..4) {
                0 => {
                    expected.outcome(&mut span, Outcome::Noop);
                    drop((span, expected));
                }
                1 => {
                    // In this order: the span ends, then what is known of it.
                    let expected = expected;
                    let _guard = span.enter();
                    load.work(&mut rng, 1, Some(expected.node));
                }
                2 => {
                    let _both = (span, expected);
                    load.panic();
                }
                _ => drop((span, expected)),
            }));
        }));
    }

    fn send(&self, job: Job) {
        self.jobs.send(job).expect("the workers outlive the load");
    }

    /// A task: spans around awaits, tasks within, cancellations of parts of it, panics.
    pub(crate) fn task(&self, mut rng: Rng, depth: u32, parent: Option<Node>) -> Task {
        // Where the span begins is where the task is made.
        let (expected, span) = self.begin(&mut rng, parent);
        let load = self.clone();
        let body = async move {
            let expected = expected;
            let node = expected.node;
            for _ in 0..if depth == 0 { 1 } else { rng.usize(1..4) } {
                assert_eq!(Node::here(), Some(node));
                match rng.u32(0..16) {
                    0..5 => tokio::task::yield_now().await,
                    5..8 if depth > 0 => load.task(rng.fork(), depth - 1, Some(node)).await,
                    8..10 if depth > 0 => {
                        let child = load.task(rng.fork(), depth - 1, Some(node));
                        let cancelled = Cancelled { polls: rng.u32(0..3), future: child };
                        cancelled.await;
                        load.cancelled.fetch_add(1, Ordering::Relaxed);
                    }
                    10 if depth > 0 => {
                        let child = task::spawn(load.task(rng.fork(), depth - 1, Some(node)));
                        if rng.bool() {
                            child.abort();
                        }
                    }
                    11 if depth > 0 => {
                        let (load, mut rng) = (load.clone(), rng.fork());
                        let _ = task::spawn_blocking(move || load.work(&mut rng, 0, Some(node))).await;
                    }
                    12..15 => {
                        let (load, mut rng) = (&load, rng.fork());
                        let _ = catch_unwind(AssertUnwindSafe(|| load.work(&mut rng, 1, Some(node))));
                    }
                    15 if rng.u32(0..3) == 0 => load.panic(),
                    _ => {}
                }
            }
        };
        Box::pin(body.in_span(span))
    }
}

pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a span while a panic unwinds, or at the end of a scope: it ends well either way.
struct InDrop<'a> {
    load: &'a Load,
    node: Node,
    seed: u64,
}

impl Drop for InDrop<'_> {
    fn drop(&mut self) {
        let (_expected, span) = self.load.begin(&mut Rng::with_seed(self.seed), Some(self.node));
        drop(span.enter());
    }
}

/// Polls a future a few times and then drops it.
struct Cancelled {
    polls: u32,
    future: Task,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.polls == 0 {
            return Poll::Ready(());
        }
        self.polls -= 1;
        self.future.as_mut().poll(cx)
    }
}

/// One of the threads that do what others send.
pub(crate) fn serve(jobs: &std::sync::Mutex<std::sync::mpsc::Receiver<Job>>) {
    loop {
        let Ok(job) = jobs.lock().unwrap().recv() else { return };
        job();
        assert_eq!(active::span(), None, "a job leaves nothing behind");
    }
}
