//! The run that most tests look at: the whole fan, as batch 3 of 12, sent to all back ends at once.

use crate::command::{Ended, Workplace, fan};
use obs_testing::decode;
use obs_testing::otlp::Attributes;
use obs_testing::pyroscope::SampleSeen;
use obs_testing::pyroscope::samples::samples;
use obs_testing::schema::otlp::trace::v1::Span;
use obs_testing::{LineSeen, LokiServer, MetricSeen, OtlpServer, ProfileSeen, PyroscopeServer, SpanSeen};
use serde_json::Value;
use std::sync::LazyLock;

pub(crate) const SERVICE: &str = "acm-pipeline";
pub(crate) const RUN_ID: &str = "6f1c2b7e-93d4-4a50-8b1e-2d7c9a04f6e3";
pub(crate) const EQUIPMENT: &str = "FD_FAN";
pub(crate) const EQUIP_ID: i64 = 4107;

/// Everything the run left behind, in memory.
#[derive(Debug)]
pub(crate) struct FullRun {
    pub(crate) ended: Ended,
    pub(crate) card: Value,
    pub(crate) spans: Vec<SpanSeen>,
    pub(crate) metrics: Vec<MetricSeen>,
    pub(crate) lines: Vec<LineSeen>,
    pub(crate) profiles: Vec<ProfileSeen>,
    pub(crate) trace_resource: Attributes,
    pub(crate) trace_file: Vec<Span>,
    pub(crate) metrics_file: String,
    pub(crate) profile_file: Vec<SampleSeen>,
    pub(crate) run_file: Value,
    pub(crate) scores: String,
    pub(crate) episodes: String,
    /// `RunID, EquipID, TraceID, SpanID, Message, Context, Component` of `ACM_RunLogs`.
    pub(crate) run_logs: Vec<Vec<String>>,
    /// `RunID, EquipID, Equipment, Outcome` of `ACM_Runs`.
    pub(crate) runs: Vec<Vec<String>>,
}

impl FullRun {
    pub(crate) fn trace_id(&self) -> &str {
        self.card["trace_id"].as_str().unwrap()
    }

    /// The spans that OTLP received, without their origin.
    pub(crate) fn spans_sent(&self) -> Vec<Span> {
        self.spans.iter().map(|seen| seen.span.clone()).collect()
    }
}

/// The run; made once per test process.
pub(crate) fn full_run() -> &'static FullRun {
    static RUN: LazyLock<FullRun> = LazyLock::new(make);
    &RUN
}

fn make() -> FullRun {
    let (otlp, loki) = (OtlpServer::start().unwrap(), LokiServer::start().unwrap());
    let pyroscope = PyroscopeServer::start().unwrap();
    let workplace = Workplace::new()
        .with_env("OTEL_SERVICE_NAME", SERVICE)
        // Ten times the default, so that even a fast machine takes samples inside spans.
        .with_env("OBS_PROFILE_HZ", "1000");
    let input = fan();
    let (otlp_url, loki_url, pyroscope_url) = (otlp.url(), loki.url(), pyroscope.url());
    let equip_id = EQUIP_ID.to_string();
    let ended = workplace.run([
        input.to_str().unwrap(),
        "--json",
        "--equipment",
        EQUIPMENT,
        "--equip-id",
        &equip_id,
        "--run-id",
        RUN_ID,
        "--batch-num",
        "3",
        "--batch-total",
        "12",
        "--out",
        "out",
        "--db",
        "plant.db",
        "--otlp",
        &otlp_url,
        "--loki",
        &loki_url,
        "--pyroscope",
        &pyroscope_url,
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let traces = decode::otlp_json(&workplace.read("out/trace.otlp.json")).unwrap();
    let resource = &traces.resource_spans[0].resource.as_ref().unwrap().attributes;
    let profile = decode::pprof_gz(&std::fs::read(workplace.path("out/profile.pb.gz")).unwrap()).unwrap();
    FullRun {
        card: ended.card(),
        spans: otlp.spans(),
        metrics: otlp.metrics(),
        lines: loki.lines(),
        profiles: pyroscope.profiles(),
        trace_resource: resource
            .iter()
            .map(|kv| (kv.key.clone(), kv.value.clone().unwrap().value.unwrap()))
            .collect(),
        trace_file: traces
            .resource_spans
            .into_iter()
            .flat_map(|r| r.scope_spans)
            .flat_map(|s| s.spans)
            .collect(),
        metrics_file: workplace.read("out/metrics.txt"),
        profile_file: samples(&profile).unwrap(),
        run_file: serde_json::from_str(&workplace.read("out/run.json")).unwrap(),
        scores: workplace.read("out/scores.csv"),
        episodes: workplace.read("out/episodes.csv"),
        run_logs: workplace.query(
            "plant.db",
            "SELECT RunID, EquipID, TraceID, SpanID, Message, Context, Component FROM ACM_RunLogs ORDER BY ID",
        ),
        runs: workplace.query("plant.db", "SELECT RunID, EquipID, Equipment, Outcome FROM ACM_Runs"),
        ended,
    }
}
