//! Which spans arrive, and that every span is accounted for: sampling at the root, sampling of whole traces, the limit of
//! spans of a trace.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

#[path = "common/mod.rs"]
mod common;

use common::{BEGINNING, Rig};
use obs_core::config::SpanLimits;
use obs_core::ledger::Account;
use obs_core::sampling::{KeepRules, RootSampler, SamplerConfig, TailConfig};
use obs_core::{SpanId, TraceId, active};
use obs_testing::{assert_span_tree, tree};
use obs_trace::propagation::SpanContext;
use obs_trace::{Sampler, Tracer, carry, span};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Chooses no trace at its root, and keeps by these rules.
fn tail(keep: KeepRules, tail: TailConfig) -> Rig {
    let config =
        SamplerConfig { root: RootSampler::AlwaysOff, keep, tail: Some(tail), ..SamplerConfig::default() };
    Rig::new(|b| b.sampler(Sampler::new(&config)))
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

fn traces(spans: &[Span]) -> HashSet<Vec<u8>> {
    spans.iter().map(|span| span.trace_id.clone()).collect()
}

/// Delivered, sampled out, dropped.
fn fates(account: &Account) -> (u64, u64, BTreeMap<&'static str, u64>) {
    (account.delivered, account.sampled_out, account.dropped.clone())
}

fn caller(sampled: bool) -> SpanContext {
    let ids = (TraceId::new(u128::MAX).unwrap(), SpanId::new(9).unwrap());
    SpanContext { is_remote: true, ..SpanContext::new(ids.0, ids.1, sampled) }
}

#[test]
fn traces_with_an_error_are_kept_whole_and_the_others_counted() {
    let rig = tail(KeepRules::default(), TailConfig::default());
    for n in 0..100 {
        let _root = span!(rig.tracer, "pipeline.run");
        let _fit = span!(rig.tracer, "models.fit");
        let mut query = span!(rig.tracer, "sql.query");
        if n % 10 == 3 {
            query.error("no such table");
        }
    }
    let (spans, account) = rig.close();
    assert_eq!((spans.len(), traces(&spans).len()), (30, 10));
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    assert_eq!(account.created, 300);
    assert_eq!(fates(&account), (30, 270, BTreeMap::new()));
}

#[test]
fn traces_with_a_slow_root_are_kept_and_a_slow_child_alone_keeps_nothing() {
    let second = Duration::from_secs(1);
    let rules = KeepRules { errors: false, slower_than: Some(5 * second), flagged: false };
    let rig = tail(rules, TailConfig::default());
    for length in [4, 5, 6] {
        let root = rig.tracer.span("pipeline.run").set("length", length).start();
        drop(span!(rig.tracer, "fit.pca"));
        rig.clock.advance(length * second);
        drop(root);
    }
    {
        let root = span!(rig.tracer, "pipeline.run");
        let child = span!(rig.tracer, "fit.pca").detach();
        drop(root);
        rig.clock.advance(9 * second);
        drop(child);
    }
    let (spans, account) = rig.close();
    assert_span_tree!(spans, {
        "pipeline.run" (length = 5) { "fit.pca" }
        "pipeline.run" (length = 6) { "fit.pca" }
    });
    assert_eq!(fates(&account), (4, 4, BTreeMap::new()));
}

#[test]
fn flagged_traces_are_kept_if_the_rules_say_so() {
    for flagged in [true, false] {
        let rules = KeepRules { errors: false, slower_than: None, flagged };
        let rig = tail(rules, TailConfig::default());
        for keep in [true, false] {
            let _root = span!(rig.tracer, "pipeline.run");
            let mut child = span!(rig.tracer, "fit.pca");
            if keep {
                child.keep();
            }
        }
        let (spans, account) = rig.close();
        let kept = if flagged { 2 } else { 0 };
        assert_eq!((spans.len() as u64, fates(&account)), (kept, (kept, 4 - kept, BTreeMap::new())));
    }
}

#[test]
fn spans_that_end_after_their_root_follow_what_was_decided() {
    let rig = tail(KeepRules::default(), TailConfig::default());
    let late = [true, false].map(|failed| {
        let mut root = span!(rig.tracer, "pipeline.run");
        if failed {
            root.error("failed");
        }
        let late = span!(rig.tracer, "persist.scores").detach();
        drop(root);
        late
    });
    let (decided, _) = rig.deliver();
    assert_eq!(names(&decided), ["pipeline.run"]);
    for mut late in late {
        // Too late to change anything.
        late.error("too late");
        drop(late);
    }
    let (late, _) = rig.deliver();
    assert_eq!(names(&late), ["persist.scores"]);
    assert_eq!((&late[0].trace_id, &late[0].parent_span_id), (&decided[0].trace_id, &decided[0].span_id));
    let (rest, account) = rig.close();
    assert!(rest.is_empty());
    assert_eq!(fates(&account), (2, 2, BTreeMap::new()));
}

/// A root may be read before the spans of another thread that ended before it did.
#[test]
fn spans_of_other_threads_that_ended_before_the_root_count_and_come_along() {
    let rig = tail(KeepRules::default(), TailConfig::default());
    let (jobs, queue) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
    let (done, wait) = mpsc::channel();
    let over = AtomicBool::new(false);
    std::thread::scope(|s| {
        s.spawn(move || {
            for job in queue {
                job();
                done.send(()).unwrap();
            }
        });
        // Reads at every moment.
        s.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                rig.tracer.flush();
            }
        });
        for n in 0..3_000 {
            let _root = span!(rig.tracer, "pipeline.run");
            let tracer = rig.tracer.clone();
            let child = carry(move || {
                let mut child = span!(tracer, "fit.pca");
                if n % 2 == 0 {
                    child.error("failed");
                }
            });
            jobs.send(Box::new(child)).unwrap();
            wait.recv().unwrap();
        }
        drop(jobs);
        over.store(true, Ordering::Relaxed);
    });
    let (spans, account) = rig.close();
    assert_eq!((spans.len(), traces(&spans).len()), (3_000, 1_500));
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    assert_eq!(fates(&account), (3_000, 3_000, BTreeMap::new()));
}

#[test]
fn the_first_span_of_a_new_thread_that_ended_before_the_root_counts_and_comes_along() {
    let rig = tail(KeepRules::default(), TailConfig::default());
    let over = AtomicBool::new(false);
    std::thread::scope(|s| {
        s.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                rig.tracer.flush();
            }
        });
        for _ in 0..1_000 {
            let _root = span!(rig.tracer, "pipeline.run");
            let tracer = rig.tracer.clone();
            let child = carry(move || span!(tracer, "fit.pca").error("failed"));
            std::thread::spawn(child).join().unwrap();
        }
        over.store(true, Ordering::Relaxed);
    });
    let (spans, account) = rig.close();
    assert_eq!(spans.len(), 2_000);
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    assert_eq!(fates(&account), (2_000, 0, BTreeMap::new()));
}

#[test]
fn what_is_held_back_is_bounded_in_bytes_and_in_spans() {
    for limits in [
        TailConfig { max_bytes: 100_000, ..TailConfig::default() },
        TailConfig { max_spans: 500, ..TailConfig::default() },
    ] {
        let rig = tail(KeepRules::default(), limits);
        let roots: Vec<_> = (0..2_000)
            .map(|_| {
                let root = span!(rig.tracer, "pipeline.run");
                drop(span!(rig.tracer, "fit.pca"));
                root.detach()
            })
            .collect();
        let early = rig.deliver().1.sampled_out;
        let held = 2_000 - early;
        assert!((100..=1_000).contains(&held), "{held} spans are held back by {limits:?}");
        for mut root in roots {
            root.error("failed");
        }
        let (spans, account) = rig.close();
        // The oldest went; of these nothing comes any more, whatever happens to their roots.
        assert_eq!(account.created, 4_000);
        assert_eq!(spans.len() as u64, 2 * held);
        assert_eq!(tree::no_orphans(&spans), Ok(()));
        assert_eq!(fates(&account), (2 * held, 2 * early, BTreeMap::new()));
    }
}

#[test]
fn a_trace_that_was_held_back_too_long_is_decided_on_as_it_is() {
    let rig = tail(KeepRules::default(), TailConfig::default());
    let roots = [true, false].map(|failed| {
        let root = span!(rig.tracer, "pipeline.run");
        let mut child = span!(rig.tracer, "fit.pca");
        if failed {
            child.error("failed");
        }
        drop(child);
        root.detach()
    });
    rig.clock.advance(Duration::from_secs(29));
    assert!(rig.deliver().0.is_empty());
    rig.clock.advance(Duration::from_secs(2));
    let (early, account) = rig.deliver();
    assert_eq!(
        (names(&early), account.sampled_out),
        (vec!["fit.pca"], 1),
        "the one trace had failed already"
    );
    drop(roots);
    let (spans, account) = rig.close();
    assert_eq!(names(&spans), ["pipeline.run"]);
    assert_eq!(fates(&account), (2, 2, BTreeMap::new()));
}

/// TRC-11
#[test]
fn the_1001st_span_of_a_trace_is_dropped_and_counted_and_the_root_says_so() {
    let rig = Rig::new(|b| b);
    {
        let _root = span!(rig.tracer, "pipeline.run");
        (0..1_001).for_each(|_| drop(span!(rig.tracer, "fit.pca")));
        // One more below one that is too many.
        let over = span!(rig.tracer, "models.fit");
        assert!(!over.is_recording() && !over.active().unwrap().sampled);
        assert!(!span!(rig.tracer, "fit.pca").is_recording());
    }
    let (spans, account) = rig.close();
    assert_eq!(spans.len(), 1_000);
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    let root = tree::single_root(&spans).unwrap();
    assert_span_tree!([root], { "pipeline.run"("obs.dropped_spans" = 4) });
    assert_eq!(account.created, 1_004);
    assert_eq!(fates(&account), (1_000, 0, BTreeMap::from([("limit", 4)])));
}

/// TRC-11
#[test]
fn threads_that_work_on_one_trace_share_its_limit_within_a_few_spans() {
    let rig = Rig::new(|b| b);
    {
        let _root = span!(rig.tracer, "pipeline.run");
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(carry(|| {
                    for _ in 0..1_000 {
                        let _fit = span!(rig.tracer, "models.fit");
                        drop(span!(rig.tracer, "fit.pca"));
                    }
                }));
            }
        });
    }
    let (spans, account) = rig.close();
    assert!((1_000..1_010).contains(&spans.len()), "{}", spans.len());
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    let root = tree::single_root(&spans).unwrap();
    let over = 8_001 - spans.len() as u64;
    assert_span_tree!([root], { "pipeline.run"("obs.dropped_spans" = over) });
    assert_eq!(account.created, 8_001);
    assert_eq!(fates(&account), (8_001 - over, 0, BTreeMap::from([("limit", over)])));
}

#[test]
fn spans_of_traces_that_are_not_chosen_are_counted_each() {
    let rig = Rig::new(|b| b.sampler(Sampler::ratio(0.0)));
    for _ in 0..10 {
        let _root = span!(rig.tracer, "pipeline.run");
        let _fit = span!(rig.tracer, "models.fit");
        drop(span!(rig.tracer, "fit.pca"));
    }
    let (spans, account) = rig.close();
    assert!(spans.is_empty());
    assert_eq!((account.created, fates(&account)), (30, (0, 30, BTreeMap::new())));
}

/// Exemplars, log lines and samples point to a trace only if it arrives.
#[test]
fn the_place_of_a_thread_says_sampled_exactly_when_the_trace_was_chosen() {
    let held_back = SamplerConfig {
        root: RootSampler::AlwaysOff,
        tail: Some(TailConfig::default()),
        ..SamplerConfig::default()
    };
    for (sampler, sampled, recorded) in [
        (Sampler::ratio(1.0), true, true),
        (Sampler::ratio(0.0), false, false),
        (Sampler::new(&held_back), false, true),
    ] {
        let rig = Rig::new(|b| b.sampler(sampler));
        let root = span!(rig.tracer, "pipeline.run");
        let here = active::span().unwrap();
        assert_eq!((here.sampled, root.is_recording()), (sampled, recorded));
        let child = span!(rig.tracer, "fit.pca");
        let below = active::span().unwrap();
        assert_eq!((below.sampled, below.trace_id, child.is_recording()), (sampled, here.trace_id, recorded));
        assert_eq!(active::read_in_signal_handler().span, Some(below));
        drop((child, root));
        assert_eq!(active::span(), None);
        assert_eq!(rig.deliver().0.len(), if sampled { 2 } else { 0 });
    }
}

#[test]
fn a_remote_parent_decides_unless_the_sampler_is_told_to() {
    let alone = |root| SamplerConfig { root, parent_based: false, ..SamplerConfig::default() };
    let based = |root| SamplerConfig { root, ..SamplerConfig::default() };
    for (config, sampled, arrives) in [
        (based(RootSampler::AlwaysOff), true, true),
        (based(RootSampler::AlwaysOn), false, false),
        (alone(RootSampler::AlwaysOff), true, false),
        (alone(RootSampler::AlwaysOn), false, true),
    ] {
        let rig = Rig::new(|b| b.sampler(Sampler::new(&config)));
        {
            let _request = rig.tracer.span("http.request").parent(&caller(sampled)).start();
            drop(span!(rig.tracer, "sql.query"));
        }
        let (spans, account) = rig.close();
        let expected = if arrives { (2, 0, BTreeMap::new()) } else { (0, 2, BTreeMap::new()) };
        assert_eq!(fates(&account), expected, "{config:?} {sampled}");
        if arrives {
            assert_span_tree!(spans, { "http.request" { "sql.query" } });
            let root = spans.iter().find(|s| s.name == "http.request").unwrap();
            assert_eq!((root.trace_id.as_slice(), root.flags), (&[255; 16][..], 0x301));
            assert_eq!(root.parent_span_id, caller(true).span_id.to_bytes());
        }
    }
}

/// A tree of spans, some of which fail; how many.
fn grow(tracer: &Tracer, rng: &mut fastrand::Rng, depth: u32) -> u64 {
    let mut span = span!(tracer, "fit.pca");
    if rng.u32(0..60) == 0 {
        span.error("failed");
    }
    let below = if depth == 0 { 0 } else { rng.u32(0..5) };
    1 + (0..below).map(|_| grow(tracer, rng, depth - 1)).sum::<u64>()
}

/// Whatever is chosen, kept, cut off: parents of what arrives arrive, and everything is accounted for.
#[test]
fn of_a_random_forest_nothing_arrives_without_its_parent() {
    let config = SamplerConfig {
        root: RootSampler::Ratio(0.3),
        tail: Some(TailConfig { max_spans: 3_000, ..TailConfig::default() }),
        ..SamplerConfig::default()
    };
    let limits = SpanLimits { spans_per_trace: 40, ..SpanLimits::default() };
    // Random ids: the share goes by them.
    let rig = Rig::new(|b| b.sampler(Sampler::new(&config)).limits(limits).ids(obs_core::Ids::Random));
    let made: u64 = std::thread::scope(|s| {
        let threads = (0..4).map(|thread| {
            let tracer = &rig.tracer;
            s.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(thread);
                (0..1_000).map(|_| grow(tracer, &mut rng, 4)).sum::<u64>()
            })
        });
        threads.collect::<Vec<_>>().into_iter().map(|t| t.join().unwrap()).sum()
    });
    let (spans, account) = rig.close();
    assert_eq!(tree::no_orphans(&spans), Ok(()));
    assert_eq!(account.created, made);
    assert!(account.delivered > made / 10 && account.sampled_out > made / 10, "{account:?}");
    assert!(account.dropped["limit"] > 100 && account.dropped.len() == 1, "{account:?}");
    assert!(spans.iter().all(|span| span.start_time_unix_nano == BEGINNING));
}
