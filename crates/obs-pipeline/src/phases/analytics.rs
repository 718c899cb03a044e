//! `analytics.generate`: which sensors and states stood out.

use super::Phases;
use super::baseline::Parts;
use super::calibrate::Calibrated;
use super::features::Features;
use super::forecast::Outlook;
use super::regimes::Regimes;
use crate::analytics::{correlation, health_timeline, hotspots, regime_occupancy};
use crate::fusion::Stream;
use obs_trace::span;

pub(crate) fn generate(
    phases: &Phases<'_>,
    features: &Features,
    parts: &Parts,
    calibrated: &Calibrated,
    outlook: &Outlook,
    regimes: &Regimes,
) {
    let config = &phases.config.analytics;
    let mut span = span!(phases.instruments.tracer, "analytics.generate", n_samples = parts.score.rows());
    let hot = hotspots(&features.score, config.hotspots);
    let streams: Vec<Stream<'_>> = calibrated.score.iter().map(|(name, z)| Stream { name, z }).collect();
    let correlated = correlation(&streams);
    let timeline = health_timeline(&outlook.health, config.timeline_points, &phases.config.health);
    let occupancy = regime_occupancy(&regimes.score);
    span.set("n_hotspots", hot.len());
    span.set("n_timeline_points", timeline.len());
    let names = |sensor: usize| parts.score.names[sensor].as_str();
    obs_logs::health!(phases.log(), "analytics generated";
        "hottest_sensor" => hot.first().map(|h| names(h.sensor)),
        "regimes" => occupancy.len(),
        "worst_health" => timeline.iter().map(|p| p.min).fold(f64::NAN, f64::min),
        "detectors" => correlated.names.len());
}
