//! [`run`]: work that may hang, on a thread of its own, waited for only so long.

use obs_core::{Clock, active};
use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

/// A piece of work and its name in reports, such as `metric/collect`.
pub(crate) type Step = (&'static str, Box<dyn FnOnce() + Send>);

/// Runs `steps` one after the other, in the caller's span and run context; waits for them at most `timeout` and returns the
/// names of those that are not done. They run on, and their thread is left to itself.
pub(crate) fn run(steps: Vec<Step>, timeout: Duration, timer: &Clock) -> Vec<&'static str> {
    let names: Vec<&'static str> = steps.iter().map(|(name, _)| *name).collect();
    if names.is_empty() {
        return names;
    }
    let until = timer.now().saturating_add(timeout.as_nanos() as u64);
    let context = active::capture();
    let (done, progress) = channel();
    let work = move || {
        let _scope = context.attach();
        for (_, step) in steps {
            step();
            // The caller may have left.
            let _ = done.send(());
        }
    };
    if Builder::new().name("obs-collect".to_owned()).spawn(work).is_err() {
        return names;
    }
    let left = || Duration::from_nanos(until.saturating_sub(timer.now()));
    let finished = names.iter().take_while(|_| progress.recv_timeout(left()).is_ok()).count();
    names[finished..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn steps_that_end_are_waited_for_and_run_in_the_callers_context() {
        let context = obs_core::RunContext { equip_id: Some(7), ..obs_core::RunContext::default() }.share();
        let _scope = active::attach_context(Some(context));
        let (seen, results) = channel();
        let step = move || seen.send(active::context().and_then(|c| c.equip_id)).unwrap();
        let late = run(vec![("metric/collect", Box::new(step))], Duration::from_secs(30), &Clock::system());
        assert!(late.is_empty());
        assert_eq!(results.try_recv(), Ok(Some(7)));
    }

    #[test]
    fn a_step_that_hangs_is_left_behind_and_told_with_what_comes_after_it() {
        let (release, hang) = sync_channel::<()>(0);
        let hangs = move || assert!(hang.recv().is_err());
        let steps: Vec<Step> = vec![("a", Box::new(|| {})), ("b", Box::new(hangs)), ("c", Box::new(|| {}))];
        assert_eq!(run(steps, Duration::from_millis(50), &Clock::system()), ["b", "c"]);
        drop(release);
    }

    #[test]
    fn a_step_that_panics_is_told_and_harms_nobody() {
        let step = || std::panic::resume_unwind(Box::new("broken"));
        assert_eq!(run(vec![("a", Box::new(step))], Duration::from_secs(30), &Clock::system()), ["a"]);
    }
}
