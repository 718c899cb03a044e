//! The labels of a sample, as Pyroscope and pprof tools show them.

use crate::profile::Sample;

/// Names of the labels.
pub mod key {
    /// The trace, 32 hex digits.
    pub const TRACE_ID: &str = "trace_id";
    /// The span, 16 hex digits.
    pub const SPAN_ID: &str = "span_id";
    /// The service.
    pub const SERVICE_NAME: &str = "service_name";
    /// The equipment.
    pub const EQUIPMENT: &str = "equipment";
    /// The equipment's number.
    pub const EQUIP_ID: &str = "equip_id";
    /// The run.
    pub const RUN_ID: &str = "run_id";
}

/// What is known of a sample; what is not known has no label.
pub(crate) fn labels(sample: &Sample, service: &str) -> Vec<(&'static str, String)> {
    let context = sample.context.as_deref();
    let known = [
        (key::TRACE_ID, sample.trace_id.map(|id| id.to_string())),
        (key::SPAN_ID, sample.span_id.map(|id| id.to_string())),
        (key::SERVICE_NAME, Some(service.to_owned())),
        (key::EQUIPMENT, context.and_then(|c| c.equipment.clone())),
        (key::EQUIP_ID, context.and_then(|c| c.equip_id).map(|id| id.to_string())),
        (key::RUN_ID, context.and_then(|c| c.run_id).map(|id| id.to_string())),
    ];
    known.into_iter().filter_map(|(key, value)| value.filter(|v| !v.is_empty()).map(|v| (key, v))).collect()
}
