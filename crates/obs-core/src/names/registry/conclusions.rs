//! What is concluded from scores: regimes, fusion, thresholds, drift, forecast, analytics.

use super::attribute::{Attribute, float, int, text};
use super::{SpanEntry, always, optional};

const SAMPLES: &[Attribute] = &[int("n_samples")];
const REGIMES_FOUND: &str = "operating regimes were found";
const ONE_TABLE: &str = "a program times the parts of its analytics";

pub(super) const SPANS: &[SpanEntry] = &[
    always("regimes", "Which operating state each row is in", SAMPLES),
    always(
        "regimes.fit",
        "Operating states found in training rows",
        &[int("n_samples"), int("n_regimes").when(REGIMES_FOUND)],
    ),
    optional("regimes.label", REGIMES_FOUND, "Rows given their state", &[int("n_samples"), int("n_unknown")]),
    optional(
        "regimes.transient_detection",
        REGIMES_FOUND,
        "Rows between two states found",
        &[int("n_samples"), int("n_transients")],
    ),
    always("calibrate", "Streams of scores brought to one scale", &[int("n_streams")]),
    always("fusion", "One score out of many, and its episodes", &[int("n_samples"), int("n_episodes")]),
    always("fusion.auto_tune", "Weights of the streams chosen", &[]),
    always("fusion.combine", "Streams joined by their weights", &[int("n_streams")]),
    always(
        "thresholds.calculate",
        "Where the fused score alarms",
        &[int("n_samples"), int("n_regimes"), float("threshold")],
    ),
    always("fusion.detect_episodes", "Stretches over the threshold", &[int("n_samples"), int("n_episodes")]),
    always("fusion.cusum", "Onset of each episode by cumulative sums", &[int("n_episodes")]),
    always("drift", "Slow change of the fused score", &[int("n_samples"), text("state")]),
    always("forecast.run", "Health, its trend, and the life that remains", SAMPLES),
    always(
        "forecast.fit_degradation",
        "Trend fitted to health",
        &[int("n_samples"), text("model").when("health has a trend")],
    ),
    always("forecast.estimate_rul", "Remaining useful life from the trend", &[]),
    always(
        "analytics.generate",
        "Which sensors and states stood out",
        &[int("n_samples"), int("n_hotspots"), int("n_timeline_points")],
    ),
    optional("analytics.sensors", ONE_TABLE, "Sensors farthest from normal", &[int("n_hotspots")]),
    optional(
        "analytics.timeline",
        ONE_TABLE,
        "Health and contributions over time",
        &[int("n_timeline_points")],
    ),
    optional("analytics.regimes", ONE_TABLE, "Time spent in each operating state", &[int("n_regimes")]),
    optional("analytics.correlation", ONE_TABLE, "How alike the detectors' streams are", &[int("n_streams")]),
];
