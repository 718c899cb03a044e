//! The expansions mean what they say whatever names the program gives to things of its own.

#![deny(warnings)]
#![expect(dead_code, unused_macros, reason = "names that are there to be in the way")]

use obs_metrics::timed;
use obs_trace::{Tracer, traced};

mod std {}
mod core {}
mod alloc {}
mod obs_core {}

struct Option;
struct Some;
struct None;
struct Result<T>(::core::marker::PhantomData<T>);
struct Ok;
struct Err;
struct Box;
struct Pin;
struct String;
trait Future {}
trait Into {}
const SITE: u32 = 1;
const KEY: u32 = 2;

macro_rules! concat {
    () => {};
}
macro_rules! module_path {
    () => {};
}

type Real<T> = ::core::result::Result<T, ::std::string::String>;

#[traced("fit.pca", err, fields(site = SITE, call = call), tracer = tracer)]
fn fallible(tracer: &Tracer, call: u32, value: u32, timed: u32) -> Real<u32> {
    let error = "none";
    let future = SITE + KEY;
    if value == 0 {
        return ::core::result::Result::Err(error.into());
    }
    ::core::result::Result::Ok(call + value + timed + future)
}

/// An argument of a type that only looks like a primitive.
#[traced("fit.own", tracer = tracer)]
fn own_types(tracer: &Tracer, text: String, call: u32) -> u32 {
    let _ = text;
    call
}

#[traced("fit.gmm", err, tracer = tracer)]
#[timed]
async fn asynchronous(tracer: &Tracer, call: u32, future: u32, value: u32) -> Real<u32> {
    ::core::result::Result::Ok(call + future + value + SITE + KEY)
}

#[traced("fit.ar1", tracer = tracer)]
#[timed]
fn boxed(
    tracer: &Tracer,
    future: u32,
) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u32>>> {
    let timed = future;
    ::std::boxed::Box::pin(async move { timed + KEY })
}

fn done<F: ::core::future::Future>(future: F) -> F::Output {
    let mut context = ::core::task::Context::from_waker(::core::task::Waker::noop());
    let mut future = ::core::pin::pin!(future);
    loop {
        if let ::core::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

#[test]
fn names_of_the_program_are_not_in_the_way() {
    let tracer = Tracer::for_tests();
    assert!(fallible(&tracer, 1, 2, 3).is_ok_and(|sum| sum == 9));
    assert!(fallible(&tracer, 1, 0, 3).is_err());
    assert_eq!(own_types(&tracer, String, 5), 5);
    assert!(done(asynchronous(&tracer, 1, 2, 3)).is_ok_and(|sum| sum == 9));
    assert_eq!(done(boxed(&tracer, 1)), 3);
    let spans = tracer.take_finished();
    assert_eq!(spans.len(), 5);
    assert!(spans[2].attribute("arg.text").is_none() && spans[2].attribute("arg.call").is_some());
    assert!(spans[0].attribute("acm.call").is_some());
}
