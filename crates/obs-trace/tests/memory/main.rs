//! What spans take of memory, as the allocator counts it. One after the other, in one test: the counts are the process's.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    reason = "figures, for whoever asks for output; helpers fail their test"
)]

mod allocator;

use allocator::{live, take_peak};
use obs_core::config::SpanLimits;
use obs_core::keys;
use obs_core::sampling::{RootSampler, SamplerConfig, TailConfig};
use obs_trace::{Sampler, Tracer, Value, span};

/// A tracer that someone reads.
fn tracer(sampler: Sampler) -> Tracer {
    let limits = SpanLimits { spans_per_trace: 0, ..SpanLimits::default() };
    Tracer::builder().limits(limits).sampler(sampler).on_end(|_| ()).build()
}

/// TRC-12
fn a_span_with_a_million_events_stays_below_a_megabyte() {
    let tracer = tracer(Sampler::ratio(1.0));
    let mut root = span!(tracer, "pipeline.run");
    let before = live();
    take_peak();
    for n in 0..1_000_000 {
        root.event("tick", &[("n", Value::I64(n)), ("text", Value::from("some words of text"))]);
        root.set("n", n);
        root.set_dynamic("text", if n % 2 == 0 { "short" } else { "another length" });
    }
    let grown = take_peak() - before;
    println!("a million events: {grown} bytes");
    assert!(grown < 1_000_000, "{grown} bytes for a million events");
    drop(root);
}

/// PERF-05
fn open_spans(count: usize, bound: i64) {
    let tracer = tracer(Sampler::ratio(1.0));
    let _root = span!(tracer, "pipeline.run");
    let mut open = Vec::with_capacity(count);
    let before = live();
    for n in 0..count {
        let mut span = span!(tracer, "fit.pca", n_samples = n).detach();
        span.set("detector", "pca");
        open.push(span);
    }
    let grown = live() - before;
    println!("{count} open spans: {grown} bytes");
    assert!(grown < bound, "{grown} bytes for {count} open spans");
    drop(open);
    tracer.flush();
    let left = live() - before;
    assert!(left < bound / 4 + 400_000, "{left} bytes are kept of {count} spans that have ended");
}

/// Traces whose roots never end.
fn what_is_held_back_stays_within_its_bound() {
    let tail = Some(TailConfig { max_bytes: 4 << 20, ..TailConfig::default() });
    let config = SamplerConfig { root: RootSampler::AlwaysOff, tail, ..SamplerConfig::default() };
    let tracer = tracer(Sampler::new(&config));
    let before = live();
    take_peak();
    let text = "t".repeat(1_000);
    for _ in 0..200 {
        for _ in 0..200 {
            let root = tracer.span("pipeline.run").root().detached();
            let parent = root.context();
            drop(
                parent.map(|parent| tracer.span("fit.pca").parent(&parent).set("text", text.clone()).start()),
            );
            std::mem::forget(root);
        }
        tracer.flush();
    }
    let grown = take_peak() - before;
    println!("4 MiB held back of 40,000 traces with open roots: {grown} bytes");
    // Roots that are forgotten keep what they have: about 400 bytes each. Lists grow by doubling.
    assert!(grown < 40_000 * 600 + 2 * (4 << 20), "{grown} bytes where 4 MiB may be held back");
}

/// NAME-29
fn a_span_says_by_how_much_the_memory_of_the_process_grew() {
    const BYTES: usize = 64 << 20;
    let tracer = Tracer::builder().keep_finished().build();
    let mut span = span!(tracer, "load.data");
    span.track_resources();
    let held = std::hint::black_box(vec![1_u8; BYTES]);
    drop(span);
    drop(held);
    let spans = tracer.take_finished();
    let number = |key: &str| match spans[0].attribute(key) {
        Some(Value::F64(x)) => *x,
        other => panic!("{key}: {other:?}"),
    };
    let (expected, grew) = (BYTES as f64 / 1e6, number(keys::MEM_DELTA_MB));
    assert!((grew - expected).abs() <= 0.2 * expected, "{grew} MB for {expected} MB");
    assert!(number(keys::MEM_MB) >= grew && number(keys::CPU_PCT) > 0.0 && number(keys::DURATION_S) > 0.0);
}

#[test]
fn memory_is_bounded() {
    // Threads, tables and the like of the first tracer.
    drop(span!(tracer(Sampler::ratio(1.0)), "drift"));
    a_span_with_a_million_events_stays_below_a_megabyte();
    open_spans(1_000, 500_000);
    open_spans(100_000, 40_000_000);
    what_is_held_back_stays_within_its_bound();
    a_span_says_by_how_much_the_memory_of_the_process_grew();
}
