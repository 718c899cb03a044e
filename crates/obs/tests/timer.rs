//! A timer is a span and a duration under one name, and `#[timed]` reaches the process's metrics. Alone in its process, because
//! it installs the globals.

use obs::{LogOutput, Metrics, RunContext, timed, traced};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[traced("pipeline.process")]
#[timed("batch.process")]
fn process(rows: u32) -> u32 {
    rows * 2
}

fn sections() {
    let mut section = obs::timer("fit.pca");
    section.set("n_samples", 10);
    drop(obs::timer("outputs.comprehensive_analytics"));
    drop(section);
    process(1);
}

/// How often each stage and function was measured, as a scrape has it.
fn counts(metrics: &Metrics) -> Vec<String> {
    let text = metrics.text();
    let durations = text.lines().filter(|line| {
        line.starts_with("acm_stage_duration_seconds_count")
            || line.starts_with("acm_function_duration_seconds_count")
    });
    durations.map(str::to_owned).collect()
}

/// NAME-06, TRC-05
#[test]
fn the_series_of_a_timer_is_complete_whether_or_not_its_span_is_recorded() {
    obs::set_context(RunContext { equipment: Some("FD_FAN".to_owned()), ..RunContext::default() });
    // Before `init` nothing is kept anywhere that is seen.
    sections();
    let names = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&names);
    let recorded = obs::builder("acm-batch")
        .logs(LogOutput::None)
        .on_span_end(move |span| seen.lock().unwrap().push(span.name.to_string()));
    let nowhere = obs::builder("acm-batch").logs(LogOutput::None);
    let sampled_out = recorded.clone().set("traces.sample_ratio", "0");
    let expected = [
        "acm_function_duration_seconds_count{function=\"batch.process\"} 1",
        "acm_stage_duration_seconds_count{stage=\"analytics.generate\",parent=\"analytics\",equipment=\"FD_FAN\"} 1",
        "acm_stage_duration_seconds_count{stage=\"fit.pca\",parent=\"fit\",equipment=\"FD_FAN\"} 1",
    ];
    for builder in [recorded, nowhere, sampled_out] {
        let telemetry = builder.init().unwrap();
        sections();
        assert!(telemetry.flush(Duration::from_secs(5)).is_complete());
        let seen = counts(&obs::metrics());
        assert!(expected.iter().all(|line| seen.contains(&(*line).to_owned())), "{seen:#?}");
        telemetry.shutdown(Duration::from_secs(5));
        assert_eq!(names.lock().unwrap()[..], ["analytics.generate", "fit.pca", "pipeline.process"]);
    }
    // After the guard is gone as before it was there.
    sections();
    assert_eq!(names.lock().unwrap().len(), 3);
}
