//! [`Error`]: why an instrument was not registered.

/// An instrument that cannot be registered. Recording itself never fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name is not one Prometheus accepts.
    #[error(
        "metric name `{0}` is not valid: expected letters, digits, `_` and `.`, not starting with a digit or `.`"
    )]
    BadName(String),
    /// The name ends like the series of another type.
    #[error(
        "metric name `{name}` ends in `{suffix}`, which the exposition format reserves: choose another name"
    )]
    ReservedSuffix {
        /// The name as given.
        name: String,
        /// What it ends in.
        suffix: &'static str,
    },
    /// Nothing explains what is measured.
    #[error("metric `{0}` has no help text: say in one sentence what it measures")]
    NoHelp(String),
    /// The label is not one Prometheus accepts.
    #[error(
        "label `{label}` of metric `{metric}` is not valid: expected letters, digits and `_`, not starting with a digit or `__`"
    )]
    BadLabel {
        /// The metric.
        metric: String,
        /// The label as given.
        label: String,
    },
    /// The label belongs to the format or would have one value per run.
    #[error("label `{label}` of metric `{metric}` is reserved: {why}")]
    ReservedLabel {
        /// The metric.
        metric: String,
        /// The label as given.
        label: String,
        /// What to do instead.
        why: &'static str,
    },
    /// The same label twice.
    #[error("label `{label}` of metric `{metric}` is given twice")]
    DuplicateLabel {
        /// The metric.
        metric: String,
        /// The label as given.
        label: String,
    },
    /// The upper bounds do not ascend.
    #[error(
        "buckets of metric `{0}` are not valid: expected 1 to 200 finite upper bounds, strictly ascending"
    )]
    BadBuckets(String),
    /// Another metric has the name.
    #[error("metric `{name}` exists already as {existing}; it cannot also be {wanted}")]
    Conflict {
        /// The name.
        name: String,
        /// Type and labels of the metric that has it.
        existing: String,
        /// Type and labels that were asked for.
        wanted: String,
    },
}
