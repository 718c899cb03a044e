//! Analytics: what a person wants to see of a scored batch, small enough to store and draw.

mod correlation;
mod regimes;
mod sensors;
mod timeline;

pub use correlation::{Correlation, correlation, pearson};
pub use regimes::{Occupancy, regime_occupancy};
pub use sensors::{ContributionPoint, Hotspot, contribution_timeline, hotspots};
pub use timeline::{TimelinePoint, health_timeline};

/// Numbers of analytics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalyticsConfig {
    /// Most points of a timeline. Default 500.
    pub timeline_points: usize,
    /// Sensors in the list of hotspots. Default 10.
    pub hotspots: usize,
}

impl Default for AnalyticsConfig {
    fn default() -> Self {
        Self { timeline_points: 500, hotspots: 10 }
    }
}

/// Cuts `rows` rows into at most `points` ranges of equal length (the last may be shorter).
fn buckets(rows: usize, points: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let step = rows.div_ceil(points.max(1)).max(1);
    (0..rows).step_by(step).map(move |start| start..(start + step).min(rows))
}
