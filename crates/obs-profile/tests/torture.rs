//! The signal handler under malloc storms, panics, unwinding and thread churn at the highest rate.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

mod support;

use obs_core::active::enter;
use obs_profile::{Profiler, ProfilerOptions};
use std::collections::BTreeMap;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{burn, hot_one, process_time, span, turn, used_since};

/// Allocates and frees blocks of all sizes.
fn malloc_storm(seed: u64) -> u64 {
    let mut kept = BTreeMap::new();
    for n in 0..500_u64 {
        let size = seed.wrapping_mul(n + 1).wrapping_mul(2_654_435_761) % 5000;
        kept.insert(size, vec![n as u8; size as usize]);
        if n % 3 == 0 {
            kept.pop_first();
        }
    }
    kept.values().map(Vec::len).sum::<usize>() as u64
}

/// Unwinds through some frames with destructors.
fn unwinding(depth: u64) -> u64 {
    #[inline(never)]
    fn down(depth: u64) -> String {
        let name = format!("frame {depth}");
        if depth == 0 {
            resume_unwind(Box::new(name));
        }
        let below = down(depth - 1);
        name + &below
    }
    u64::from(catch_unwind(|| down(depth % 50)).is_err())
}

#[test]
fn the_handler_survives_storms_of_malloc_unwinding_threads_and_spans() {
    let _turn = turn();
    let profiler = Profiler::start(ProfilerOptions { hz: 1000, ..ProfilerOptions::default() }).unwrap();
    let before = process_time();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let until_stopped = |work: fn(u64) -> u64| {
            let stop = &stop;
            scope.spawn(move || {
                let mut n = 1;
                while !stop.load(Ordering::Relaxed) {
                    let _span = enter(Some(span(1, n)));
                    n += 1 + std::hint::black_box(work(n)) % 2;
                }
            });
        };
        until_stopped(malloc_storm);
        until_stopped(unwinding);
        until_stopped(|n| std::thread::spawn(move || malloc_storm(n)).join().unwrap());
        until_stopped(|n| std::fs::read("/proc/self/stat").unwrap().len() as u64 + n);
        burn(Duration::from_millis(1500), hot_one);
        stop.store(true, Ordering::Relaxed);
    });
    let used = used_since(before).as_millis() as f64;
    let profile = profiler.stop();
    let all = (profile.count() + profile.dropped) as f64;
    assert!((all - used).abs() <= used * 0.15, "{all} samples, {used} expected");
    let deep = profile.samples.iter().filter(|s| s.stack.len() > 3).map(|s| s.count).sum::<u64>();
    assert!(deep > 0, "whole stacks were walked");
}

#[test]
fn starting_and_stopping_under_load_loses_no_life() {
    let _turn = turn();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::black_box(malloc_storm(3));
                }
            });
        }
        for _ in 0..100 {
            let profiler =
                Profiler::start(ProfilerOptions { hz: 1000, ..ProfilerOptions::default() }).unwrap();
            burn(Duration::from_millis(3), hot_one);
            drop(profiler);
        }
        stop.store(true, Ordering::Relaxed);
    });
}
