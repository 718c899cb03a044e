//! Same input, same bytes: on one thread, on two, with telemetry and without.

use crate::command::{Ended, Workplace, fan};
use crate::full_run::full_run;

/// PIPE-06
#[test]
fn scores_and_episodes_are_equal_byte_for_byte_on_any_number_of_threads() {
    for (threads, telemetry) in [("1", true), ("2", false)] {
        let workplace = Workplace::new().with_env("RAYON_NUM_THREADS", threads);
        let input = fan();
        let mut args = vec![input.to_str().unwrap(), "--json"];
        if !telemetry {
            args.push("--no-telemetry");
        }
        let ended = workplace.run(args);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(
            workplace.read("obs-out/scores.csv") == full_run().scores,
            "{threads} threads: scores differ"
        );
        assert_eq!(workplace.read("obs-out/episodes.csv"), full_run().episodes, "{threads} threads");
        assert_eq!(ended.card()["episodes"], full_run().card["episodes"]);
        nothing_recorded(&workplace, &ended, !telemetry);
    }
}

fn nothing_recorded(workplace: &Workplace, ended: &Ended, silent: bool) {
    assert_eq!(ended.stderr.is_empty(), silent);
    assert_eq!(workplace.path("obs-out/trace.otlp.json").exists(), !silent);
    assert_eq!(ended.card()["ledger"]["trace"]["created"] == 0, silent);
    assert_eq!(ended.card()["artifacts"].get("trace").is_none(), silent);
}
