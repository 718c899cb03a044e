//! What the run leaves in its folder: readable by others' tools, and only its own.

use crate::command::{Workplace, fan_rows};
use crate::full_run::full_run;
use obs_testing::pyroscope::SampleSeen;

/// Types and units of a sample's values.
fn types(sample: &SampleSeen) -> Vec<(&str, &str)> {
    sample.values.iter().map(|(kind, unit, _)| (kind.as_str(), unit.as_str())).collect()
}

/// PRO-05, PRO-10
#[test]
fn the_profile_is_valid_pprof_of_cpu_nanoseconds_in_the_file_and_at_pyroscope() {
    let run = full_run();
    let pushed: Vec<SampleSeen> = run.profiles.iter().flat_map(|p| p.samples().unwrap()).collect();
    assert!(!pushed.is_empty());
    assert_eq!(pushed, run.profile_file);
    for sample in &pushed {
        assert_eq!(types(sample), [("samples", "count"), ("cpu", "nanoseconds")]);
        let (count, cpu) = (sample.values[0].2, sample.values[1].2);
        assert_eq!(cpu, count * 1_000_000, "one sample at 1000 Hz stands for a millisecond");
        assert!(!sample.stack.is_empty());
    }
    let ours = pushed.iter().flat_map(|s| &s.stack).any(|name| name.contains("obs_pipeline::"));
    assert!(ours, "no function of the pipeline has its name in any stack");
}

#[test]
fn every_artifact_the_card_names_was_written() {
    let named = full_run().card["artifacts"].as_object().unwrap();
    let expected = [
        "analytics",
        "database",
        "episodes",
        "flamegraph",
        "flamegraph_slowest_span",
        "metrics",
        "profile",
        "run_card",
        "scores",
        "trace",
    ];
    let missing: Vec<_> = expected.iter().filter(|name| !named.contains_key(**name)).collect();
    // A machine that runs the slowest span without one sample draws no graph of it.
    assert!(missing.is_empty() || missing == [&"flamegraph_slowest_span"], "{missing:?}");
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let card = workplace.run(["fan.csv", "--json"]).card();
    for (name, path) in card["artifacts"].as_object().unwrap() {
        assert!(workplace.path(path.as_str().unwrap()).is_file(), "{name}: {path}");
    }
}

#[test]
fn the_score_files_have_the_documented_columns() {
    let run = full_run();
    let header = "timestamp,ar1_z,pca_spe_z,pca_t2_z,iforest_z,gmm_z,omr_z,fused_z,episode";
    assert_eq!(run.scores.lines().next(), Some(header));
    assert!(run.episodes.starts_with("start,end,"), "{}", run.episodes);
}

#[test]
fn a_failed_run_does_not_pass_off_an_earlier_runs_results_as_its_own() {
    let workplace =
        Workplace::new().with_file("fan.csv", fan_rows(1500)).with_file("bad.csv", "a,b\n1,2\n3,4\n");
    assert_eq!(workplace.run(["fan.csv"]).code, Some(0));
    let scores = workplace.read("obs-out/scores.csv");
    let failed = workplace.run(["bad.csv", "--json"]);
    assert_eq!(failed.code, Some(2));
    let card = failed.card();
    assert_eq!(card["outcome"], "fail");
    for name in ["scores", "episodes"] {
        assert!(card["artifacts"].get(name).is_none(), "{name}: {}", card["artifacts"]);
    }
    assert_eq!(workplace.read("obs-out/scores.csv"), scores, "nor are they destroyed");
}
