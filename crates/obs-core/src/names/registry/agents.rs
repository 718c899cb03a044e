//! Analysis of queries: its steps, its issue detectors, and the agent that asks a model.

use super::attribute::{Attribute, flag, int, text};
use super::{SpanEntry, optional};
use crate::keys;

const ANALYSIS: &str = "a query is analysed";
const CHECKED: &str = "the analysis looks for this issue";
const FOUND: &str = "the issue was found";
const CAPTURED: &str = "the program captures content, which is off by default";
const KNOWN: &str = "the model's answer says so";

/// What each issue detector's span carries, also those of issue types that are not listed here.
const ISSUE: &[Attribute] =
    &[text("detector_type"), flag("issue_detected").when(FOUND), text("severity").when(FOUND)];

pub(super) const SPANS: &[SpanEntry] = &[
    optional(
        "analysis.analyze_query",
        ANALYSIS,
        "One analysis, from query to issues",
        &[text("job_id"), int("issues_detected")],
    ),
    optional("analysis.fetch_data", ANALYSIS, "What is known of the query read", &[]),
    optional("detector.cartesian_join", CHECKED, "Joins without a condition", ISSUE),
    optional("detector.data_skew", CHECKED, "Work that a few keys take most of", ISSUE),
    optional("detector.full_table_scan", CHECKED, "Tables read whole for a few rows", ISSUE),
    optional("detector.missing_statistics", CHECKED, "Plans made without statistics", ISSUE),
    optional("detector.small_files", CHECKED, "Tables of too many small files", ISSUE),
    optional("detector.spill_to_disk", CHECKED, "Steps that ran out of memory", ISSUE),
    optional(
        "agent.call_optimizer",
        "the agent is asked about issues",
        "One call of the agent, from issues to advice",
        &[text("job_id"), int("issues_count")],
    ),
    optional("agent.build_context", "the call comes without messages", "Messages made of the issues", &[]),
    optional(
        "agent.llm_invocation",
        "the agent asks a model",
        "One request to a model, until its answer",
        &[
            text("model"),
            int("messages_count"),
            flag("has_tool_calls"),
            int("tool_calls_count"),
            text(keys::GEN_AI_OPERATION_NAME),
            text(keys::GEN_AI_REQUEST_MODEL),
            text(keys::GEN_AI_PROVIDER_NAME).when("the program says it"),
            int(keys::GEN_AI_USAGE_INPUT_TOKENS).when(KNOWN),
            int(keys::GEN_AI_USAGE_OUTPUT_TOKENS).when(KNOWN),
            text(keys::GEN_AI_INPUT_MESSAGES).when(CAPTURED),
            text(keys::GEN_AI_OUTPUT_MESSAGES).when(CAPTURED),
        ],
    ),
    optional(
        "agent.tool_call",
        "the model's answer asks for a tool",
        "One tool run for the model",
        &[text(keys::GEN_AI_TOOL_NAME), text(keys::GEN_AI_OPERATION_NAME)],
    ),
];
