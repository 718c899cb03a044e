//! The run itself, its start and end, and what it reads.

use super::attribute::{float, int};
use super::{SpanEntry, always, optional};

pub(super) const SPANS: &[SpanEntry] = &[
    always("pipeline.run", "One run of the batch; root of its trace", &[int("n_samples")]),
    always("startup", "Everything before data is read", &[]),
    always("config.load", "Settings read and checked", &[]),
    always(
        "load.data",
        "Sensor data read as one frame",
        &[int("n_files"), int("n_samples"), int("n_features")],
    ),
    always(
        "data.validate",
        "The frame against the data contract",
        &[int("n_samples"), int("n_features"), float("quality_score")],
    ),
    optional(
        "data.validate.missing",
        "missing values are looked for on their own",
        "Missing values counted and judged",
        &[int("n_samples"), int("n_features")],
    ),
    always("baseline.seed", "Healthy rows told from those to score", &[int("n_samples")]),
    always("finalize", "Last steps of the run; last child of the root", &[]),
];
