//! What the attributes can stand on: every kind of function compiles as it does without them, and does the same.

#![deny(warnings)]
#![expect(unsafe_code, reason = "an unsafe function is one of the shapes")]

use obs_metrics::{Metrics, timed};
use obs_trace::{Tracer, Value, traced};
use std::borrow::Cow;
use std::fmt::Display;

struct Frame {
    tracer: Tracer,
    name: String,
    rows: Vec<f64>,
}

impl Frame {
    #[traced(tracer = self.tracer)]
    fn into_name(self) -> String {
        self.name
    }

    #[traced(tracer = self.tracer)]
    fn first(&self) -> Option<&f64> {
        self.rows.first()
    }

    #[traced(tracer = self.tracer)]
    fn row(&mut self, at: usize) -> Result<&mut f64, String> {
        let rows = self.rows.len();
        self.rows.get_mut(at).ok_or_else(|| format!("{at} of {rows}"))
    }

    #[traced(tracer = self.tracer)]
    fn owner(mut self: Box<Self>, rows: usize) -> Result<Box<Self>, String> {
        self.rows.truncate(rows);
        Ok(self)
    }

    #[traced(tracer = self.tracer)]
    fn title<'a>(&'a self, prefix: &'a str) -> Cow<'a, str> {
        if prefix.is_empty() {
            return Cow::Borrowed(&self.name);
        }
        Cow::Owned(format!("{prefix}{}", self.name))
    }

    #[traced(tracer = self.tracer)]
    fn scaled(&self, by: f64) -> impl Iterator<Item = f64> + '_ {
        self.rows.iter().map(move |x| x * by)
    }

    #[traced(tracer = self.tracer)]
    fn checked(&self, limit: f64) -> Result<impl Iterator<Item = &f64>, String> {
        if self.rows.iter().any(|x| *x > limit) {
            return Err("too large".to_owned());
        }
        Ok(self.rows.iter())
    }
}

trait Score {
    fn tracer(&self) -> &Tracer;

    #[traced("score.default", tracer = self.tracer())]
    fn score(&self) -> f64 {
        1.0
    }
}

impl Score for Frame {
    fn tracer(&self) -> &Tracer {
        &self.tracer
    }
}

struct Twice;

impl Score for (Tracer, Twice) {
    fn tracer(&self) -> &Tracer {
        &self.0
    }

    #[traced("score.own", tracer = self.0)]
    fn score(&self) -> f64 {
        2.0
    }
}

#[traced(tracer = tracer)]
fn joined<T, const N: usize>(tracer: &Tracer, items: [T; N], last: impl Display) -> String
where
    T: Display,
{
    items.iter().map(ToString::to_string).chain([last.to_string()]).collect()
}

#[traced(tracer = tracer)]
unsafe fn at(tracer: &Tracer, data: *const u8) -> Result<u8, String> {
    // SAFETY: the caller vouches for the pointer.
    Ok(unsafe { *data })
}

#[traced(tracer = *tracer)]
extern "C" fn called_back(tracer: &&Tracer, code: i32) -> i32 {
    code + 1
}

/// Documentation and attributes stay, also those within.
#[traced(tracer = tracer)]
#[must_use]
fn attributed(tracer: &Tracer, #[cfg(not(test))] absent: u32, #[cfg(test)] present: u32) -> u32 {
    #![expect(unused_variables, reason = "to see that it is heard")]
    let unused = 1;
    present
}

#[traced(tracer = tracer)]
fn never(tracer: &Tracer) -> ! {
    std::panic::resume_unwind(Box::new(()))
}

// In one line each, where the compiler looks for braces that are not needed.
#[rustfmt::skip]
mod short {
    use super::{Metrics, Tracer, timed, traced};
    use std::pin::Pin;

    #[traced(tracer = tracer)]
    pub(super) fn value(tracer: &Tracer) -> u32 { 1 }

    #[traced(tracer = tracer)]
    pub(super) fn result(tracer: &Tracer) -> Result<u32, String> { Ok(1) }

    #[traced(tracer = tracer)]
    pub(super) async fn future(tracer: &Tracer) -> Result<u32, String> { Ok(1) }

    #[traced(tracer = tracer)]
    pub(super) fn boxed(tracer: &Tracer) -> Pin<Box<dyn Future<Output = u32>>> { Box::pin(async { 1 }) }

    #[traced(tracer = tracer)]
    pub(super) fn nothing(tracer: &Tracer) {}

    #[timed("short.all", metrics = metrics)]
    pub(super) async fn all(metrics: &Metrics, tracer: &Tracer) -> u32 { value(tracer) + result(tracer).unwrap_or(0) }

    #[timed("short.boxed", metrics = metrics)]
    pub(super) fn measured(metrics: &Metrics) -> Pin<Box<dyn Future<Output = u32>>> { Box::pin(async { 1 }) }
}

macro_rules! made {
    ($name:ident, $argument:ident: $ty:ty, $body:expr) => {
        #[traced(tracer = tracer)]
        fn $name(tracer: &Tracer, $argument: $ty) -> Result<$ty, String> {
            Ok($body)
        }
    };
}

made!(made_by_a_macro, rows: u32, rows + 1);

#[traced("both.outside", tracer = tracer)]
#[timed("both.outside", metrics = metrics)]
fn traced_first(tracer: &Tracer, metrics: &Metrics) -> Result<u32, String> {
    Ok(1)
}

#[timed("both.inside", metrics = metrics)]
#[traced("both.inside", tracer = tracer)]
async fn timed_first(tracer: &Tracer, metrics: &Metrics) -> Result<u32, String> {
    Err("no".to_owned())
}

fn done<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn frame(tracer: &Tracer) -> Frame {
    Frame { tracer: tracer.clone(), name: "fan".to_owned(), rows: vec![1.0, 2.0] }
}

fn names(tracer: &Tracer) -> Vec<String> {
    tracer.take_finished().into_iter().map(|span| span.name.into_owned()).collect()
}

/// TRC-01
#[test]
fn methods_keep_their_receivers_lifetimes_and_types() {
    let tracer = Tracer::for_tests();
    let mut it = frame(&tracer);
    *it.row(1).unwrap() += 1.0;
    assert_eq!(it.row(2), Err("2 of 2".to_owned()));
    assert_eq!(it.first().map(|x| x + 0.5), Some(1.5));
    assert_eq!((it.title(""), it.title("a ")), (Cow::Borrowed("fan"), Cow::Owned("a fan".to_owned())));
    assert_eq!(it.scaled(2.0).map(|x| x as i32).collect::<Vec<_>>(), [2, 6]);
    assert_eq!(it.checked(9.0).map(Iterator::count), Ok(2));
    assert_eq!(it.checked(1.0).map(Iterator::count), Err("too large".to_owned()));
    assert!((it.score() - 1.0).abs() < 1e-9);
    assert!(((tracer.clone(), Twice).score() - 2.0).abs() < 1e-9);
    let it = Box::new(it).owner(1).unwrap();
    assert_eq!((it.rows.len(), it.into_name()), (1, "fan".to_owned()));
    let expected = [
        "row",
        "row",
        "first",
        "title",
        "title",
        "scaled",
        "checked",
        "checked",
        "score.default",
        "score.own",
        "owner",
        "into_name",
    ];
    assert_eq!(names(&tracer), expected);
}

/// TRC-01
#[test]
fn functions_keep_what_they_are() {
    let tracer = Tracer::for_tests();
    assert_eq!(joined(&tracer, [1, 2], 'x'), "12x");
    let byte = 7;
    // SAFETY: the pointer is to a value that lives.
    assert_eq!(unsafe { at(&tracer, &raw const byte) }, Ok(7));
    let call: extern "C" fn(&&Tracer, i32) -> i32 = called_back;
    assert_eq!(call(&&tracer, 1), 2);
    assert_eq!(attributed(&tracer, 3), 3);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| never(&tracer))).unwrap_err();
    assert_eq!(made_by_a_macro(&tracer, 1), Ok(2));
    let spans = tracer.take_finished();
    let seen: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(seen, ["joined", "at", "called_back", "attributed", "never", "made_by_a_macro"]);
    assert_eq!(spans[3].attribute("arg.present"), Some(&Value::I64(3)));
    assert_eq!(spans[5].attribute("arg.rows"), Some(&Value::I64(1)));
}

/// TRC-05
#[test]
fn both_attributes_work_in_either_order() {
    let tracer = Tracer::for_tests();
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), std::sync::Arc::default());
    assert_eq!(traced_first(&tracer, &metrics), Ok(1));
    assert_eq!(done(timed_first(&tracer, &metrics)), Err("no".to_owned()));
    assert_eq!(names(&tracer), ["both.outside", "both.inside"]);
    for name in ["both.outside", "both.inside"] {
        let line = format!("acm_function_duration_seconds_count{{function=\"{name}\"}} 1");
        assert!(metrics.text().contains(&line), "{line}");
    }
}

#[test]
fn short_functions_draw_no_remarks() {
    let tracer = Tracer::for_tests();
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), std::sync::Arc::default());
    assert_eq!(done(short::all(&metrics, &tracer)), 2);
    assert_eq!(done(short::future(&tracer)), Ok(1));
    assert_eq!(done(short::boxed(&tracer)) + done(short::measured(&metrics)), 2);
    short::nothing(&tracer);
    assert_eq!(names(&tracer), ["value", "result", "future", "boxed", "nothing"]);
}

/// A loop that a server runs for ever.
#[traced(tracer = tracer)]
async fn for_ever(tracer: &Tracer) -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

#[traced(tracer = tracer)]
async fn for_ever_unless_it_fails(
    tracer: &Tracer,
    rows: &str,
) -> Result<std::convert::Infallible, std::num::ParseIntError> {
    rows.parse::<u32>()?;
    loop {
        std::future::pending::<()>().await;
    }
}

#[test]
fn functions_may_never_end() {
    let tracer = Tracer::for_tests();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::pin!(for_ever(&tracer)).poll(&mut context).is_pending());
    assert!(done(for_ever_unless_it_fails(&tracer, "x")).is_err());
    assert_eq!(names(&tracer), ["for_ever", "for_ever_unless_it_fails"]);
}
