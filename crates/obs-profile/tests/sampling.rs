//! The profiler at work. One process owns the profiling signal, so these tests take turns.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use obs_core::active::{attach_context, enter};
use obs_core::{Clock, Ledger, RunContext};
use obs_profile::{Filter, ProfileError, Profiler, ProfilerOptions, flamegraph, top_functions};
use std::sync::Arc;
use std::time::Duration;
use support::{burn, hot_one, hot_two, process_time, span, turn, used_since};

fn start(hz: u32) -> Profiler {
    Profiler::start(ProfilerOptions { hz, ..ProfilerOptions::default() }).unwrap()
}

/// What SIGPROF does: a handler's address, `SIG_DFL` or `SIG_IGN`.
#[expect(unsafe_code, reason = "sigaction is a C interface")]
fn disposition() -> usize {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: asks only; `action` is valid for the call and zeroed, hence initialised in any case.
    unsafe {
        assert_eq!(libc::sigaction(libc::SIGPROF, std::ptr::null(), action.as_mut_ptr()), 0);
        action.assume_init().sa_sigaction
    }
}

/// The profiling timer's period in microseconds; zero when it is off.
#[expect(unsafe_code, reason = "getitimer is a C interface")]
fn timer_period() -> i64 {
    let mut value = std::mem::MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: `value` is valid for the call and zeroed, hence initialised in any case.
    let value = unsafe {
        assert_eq!(libc::getitimer(libc::ITIMER_PROF, value.as_mut_ptr()), 0);
        value.assume_init()
    };
    value.it_interval.tv_sec * 1_000_000 + value.it_interval.tv_usec
}

/// PRO-02: over any stretch, samples are CPU time times rate.
#[test]
fn samples_are_cpu_time_times_rate() {
    let _turn = turn();
    for hz in [100, 1000] {
        let profiler = start(hz);
        let before = process_time();
        burn(Duration::from_secs(1), hot_one);
        let used = used_since(before);
        let profile = profiler.stop();
        let (samples, expected) = (profile.count() as f64, used.as_secs_f64() * f64::from(hz));
        assert!(
            (samples - expected).abs() <= expected * 0.15,
            "{samples} samples, {expected} expected at {hz} Hz"
        );
        assert_eq!(profile.dropped, 0);
    }
}

#[test]
fn several_busy_threads_add_up() {
    let _turn = turn();
    let profiler = start(100);
    let before = process_time();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| burn(Duration::from_millis(400), hot_one));
        }
    });
    let expected = used_since(before).as_secs_f64() * 100.0;
    let samples = profiler.stop().count() as f64;
    assert!((samples - expected).abs() <= expected * 0.15, "{samples} samples, {expected} expected");
}

/// PRO-07, PRO-12: each span's profile shows what the span did.
#[test]
fn each_span_shows_its_own_function() {
    let _turn = turn();
    let run = RunContext { equipment: Some("FD_FAN".to_owned()), ..RunContext::default() };
    let profiler = start(250);
    {
        let _run = attach_context(Some(run.share()));
        let one = enter(Some(span(7, 1)));
        burn(Duration::from_millis(600), hot_one);
        drop(one);
        let two = enter(Some(span(7, 2)));
        burn(Duration::from_millis(600), hot_two);
        drop(two);
    }
    burn(Duration::from_millis(400), hot_two);
    let profile = profiler.stop();

    for (id, function) in [(1, "hot_one"), (2, "hot_two")] {
        let filter = Filter::Span(span(7, id).span_id);
        let total: u64 = profile.matching(filter).map(|s| s.count).sum();
        let top = top_functions(&profile, filter, 1);
        assert!(top[0].name.ends_with(function), "{top:?}");
        assert!(top[0].own as f64 > 0.8 * total as f64, "{top:?} of {total}");
        assert!(profile.matching(filter).all(|s| s.trace_id == Some(span(7, 1).trace_id)));
        let equipment = |s: &obs_profile::Sample| s.context.as_ref().and_then(|c| c.equipment.clone());
        assert!(profile.matching(filter).all(|s| equipment(s).as_deref() == Some("FD_FAN")));
        let svg = flamegraph(&profile, filter).unwrap();
        assert!(svg.contains(function) && svg.contains("burn"), "callers are there too");
    }
    let outside: u64 = profile.samples.iter().filter(|s| s.span_id.is_none()).map(|s| s.count).sum();
    assert!(outside >= 60, "{outside} samples outside spans, 100 expected");
}

/// Copies and frees blocks: most of the time goes to the C library, which has no frame pointers.
#[inline(never)]
fn copies(n: u64) -> u64 {
    let block = vec![n as u8; 4096];
    (0..200).map(|_| std::hint::black_box(block.clone()).len() as u64).sum()
}

#[test]
fn samples_in_the_c_library_keep_their_callers() {
    let _turn = turn();
    let profiler = start(250);
    burn(Duration::from_secs(1), copies);
    let profile = profiler.stop();
    let top = top_functions(&profile, Filter::All, usize::MAX);
    let caller = top.iter().find(|f| f.name.ends_with("burn")).unwrap();
    assert!(caller.total as f64 > 0.9 * profile.count() as f64, "{} of {}", caller.total, profile.count());
}

#[test]
fn a_span_that_is_not_recorded_leaves_no_ids() {
    let _turn = turn();
    let profiler = start(250);
    let unrecorded = obs_core::active::ActiveSpan { sampled: false, ..span(7, 1) };
    let scope = enter(Some(unrecorded));
    burn(Duration::from_millis(200), hot_one);
    drop(scope);
    let profile = profiler.stop();
    assert!(profile.count() > 0);
    assert!(profile.samples.iter().all(|s| s.span_id.is_none() && s.trace_id.is_none()));
}

#[test]
fn a_second_profiler_is_refused_until_the_first_stops() {
    let _turn = turn();
    let first = start(100);
    let error = Profiler::start(ProfilerOptions::default()).unwrap_err();
    assert!(matches!(error, ProfileError::AlreadyRunning));
    assert!(error.to_string().contains("already running"));
    drop(first);
    drop(start(100));
}

/// PRO-04: off means off, before and after.
#[test]
fn nothing_is_installed_before_start_or_after_stop() {
    let _turn = turn();
    let before = disposition();
    assert_eq!(timer_period(), 0);
    let profiler = start(200);
    assert_ne!(disposition(), before);
    assert_eq!(timer_period(), 5_000);
    let _profile = profiler.stop();
    assert_eq!(disposition(), before);
    assert_eq!(timer_period(), 0);
    burn(Duration::from_millis(50), hot_one); // a late signal would end the process
}

extern "C" fn foreign_handler(_signal: libc::c_int) {}

#[test]
#[expect(unsafe_code, reason = "signal is a C interface")]
fn a_handler_that_was_there_comes_back() {
    let _turn = turn();
    let foreign = foreign_handler as extern "C" fn(libc::c_int) as *const () as usize;
    // SAFETY: `foreign_handler` does nothing, which is safe in a handler.
    let original = unsafe { libc::signal(libc::SIGPROF, foreign) };
    drop(start(100));
    assert_eq!(disposition(), foreign);
    // SAFETY: puts back what was there.
    unsafe { libc::signal(libc::SIGPROF, original) };
}

#[test]
fn samples_without_room_are_dropped_and_counted() {
    let _turn = turn();
    let ledger = Arc::new(Ledger::default());
    let options = ProfilerOptions {
        hz: 1000,
        drain_every: Duration::from_hours(1),
        ledger: Some(Arc::clone(&ledger)),
        ..ProfilerOptions::default()
    };
    let profiler = Profiler::start(options).unwrap();
    // The ring holds 512 samples. The kernel gives one per tick of CPU time, 100 to 250 a second and fewer on a busy
    // machine; whether the ring is full shows only when it is emptied, so each try burns twice as long as the last.
    let before = process_time();
    for seconds in [3, 6, 12, 24] {
        burn(Duration::from_secs(seconds), hot_one);
        drop(profiler.snapshot());
        if ledger.snapshot().profile.account.created > 0 {
            break;
        }
    }
    let used = used_since(before).as_millis() as f64;
    let profile = profiler.stop();
    let account = ledger.snapshot().profile.account;
    assert!(profile.dropped > 0, "the ring never filled: {} samples in {used} ms", profile.count());
    assert_eq!(account.dropped["limit"], profile.dropped);
    assert!(account.is_balanced());
    let all = (profile.count() + profile.dropped) as f64;
    assert!((all - used).abs() <= used * 0.15, "{all} samples and drops, {used} expected");
}

#[test]
fn profiles_follow_each_other_without_gap_or_overlap() {
    let _turn = turn();
    let clock = Clock::manual(1_000);
    let profiler =
        Profiler::start(ProfilerOptions { clock: clock.clone(), ..ProfilerOptions::default() }).unwrap();
    burn(Duration::from_millis(300), hot_one);
    clock.advance(Duration::from_nanos(10));
    let seen = profiler.snapshot();
    let first = profiler.take();
    assert!(seen.count() > 0 && first.count() >= seen.count());
    clock.advance(Duration::from_nanos(5));
    let second = profiler.stop();
    assert_eq!((first.start_ns, first.end_ns, first.period_ns), (1_000, 1_010, 10_000_000));
    assert_eq!((second.start_ns, second.end_ns), (1_010, 1_015));
    assert!(second.count() < first.count());
}
