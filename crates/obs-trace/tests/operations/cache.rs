//! Caches.

use crate::{only, own, text};
use obs_core::names::SpanKind;
use obs_trace::{Tracer, Value, operations};

fn hash_of(tracer: &Tracer, key: &str) -> String {
    drop(operations::cache(tracer, "set", "scenario", key).start());
    let span = only(tracer);
    assert!(!format!("{span:?}").contains(key), "{span:?}");
    own(&span)["acm.key_hash"].as_str().unwrap().to_owned()
}

/// TRC-18
#[test]
fn a_key_is_recorded_as_a_hash_and_never_as_it_is() {
    let tracer = Tracer::for_tests();
    let hash = hash_of(&tracer, "user:ada@plant.example");
    assert!(hash.len() == 16 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{hash}");
    assert_eq!(hash, hash_of(&tracer, "user:ada@plant.example"));
    assert_ne!(hash, hash_of(&tracer, "user:bob@plant.example"));
}

/// TRC-18
#[test]
fn hit_and_miss_are_recorded_where_they_are_told() {
    let tracer = Tracer::for_tests();
    for hit in [true, false] {
        operations::cache(&tracer, "get", "scenario", "k").start().hit(hit);
        let span = only(&tracer);
        assert_eq!((span.name.as_ref(), span.kind), ("cache.get", SpanKind::Client));
        let own = own(&span);
        assert_eq!((&own["acm.hit"], &own["acm.cache_type"]), (&Value::Bool(hit), &text("scenario")));
    }
    drop(operations::cache(&tracer, "set", "scenario", "k").start());
    assert!(!own(&only(&tracer)).contains_key("acm.hit"));
}

#[test]
fn operations_that_are_no_names_have_one_name() {
    let tracer = Tracer::for_tests();
    for (operation, name) in
        [("GET", "cache.get"), ("touch", "cache.touch"), ("get or set", "cache.operation")]
    {
        drop(operations::cache(&tracer, operation, "scenario", 7).start());
        assert_eq!(only(&tracer).name, name);
    }
}
