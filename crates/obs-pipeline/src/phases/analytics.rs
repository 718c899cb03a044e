//! `analytics.generate`: which sensors and states stood out.

use super::Phases;
use super::baseline::Parts;
use super::calibrate::Calibrated;
use super::features::Features;
use super::forecast::Outlook;
use super::fusion::{CULPRITS, contributions};
use super::models::Models;
use super::regimes::Regimes;
use crate::analytics::{contribution_timeline, correlation, health_timeline, hotspots, regime_occupancy};
use crate::detect::culprits;
use crate::fusion::Stream;
use crate::report::{AnalyticsReport, ContributionReport, CulpritReport, HealthPoint, HotspotReport};
use obs_trace::span;

pub(crate) fn generate(
    phases: &Phases<'_>,
    features: &Features,
    parts: &Parts,
    calibrated: &Calibrated,
    outlook: &Outlook,
    regimes: &Regimes,
    models: &Models,
) -> AnalyticsReport {
    let config = &phases.config.analytics;
    let score = &parts.score;
    let mut span = span!(phases.instruments.tracer, "analytics.generate", n_samples = score.rows());
    let streams: Vec<Stream<'_>> = calibrated.score.iter().map(|(name, z)| Stream { name, z }).collect();
    let shares = |rows| contributions(models, features, rows);
    let report = AnalyticsReport {
        hotspots: hotspots(&features.score, config.hotspots)
            .into_iter()
            .map(|spot| HotspotReport {
                sensor: score.names[spot.sensor].clone(),
                mean_abs_z: spot.mean_abs_z,
                max_abs_z: spot.max_abs_z,
                at: score.format_time(spot.max_row),
            })
            .collect(),
        health: health_timeline(&outlook.health, config.timeline_points, &phases.config.health)
            .into_iter()
            .map(|point| HealthPoint {
                start: score.format_time(point.start_row),
                end: score.format_time(point.end_row),
                mean: point.mean,
                min: point.min,
                zone: point.zone.as_str(),
            })
            .collect(),
        contributions: contribution_timeline(score.rows(), config.timeline_points, shares)
            .into_iter()
            .map(|point| ContributionReport {
                start: score.format_time(point.start_row),
                end: score.format_time(point.end_row),
                sensors: culprits(&point.shares, CULPRITS)
                    .into_iter()
                    .map(|(sensor, share)| CulpritReport { sensor: score.names[sensor].clone(), share })
                    .collect(),
            })
            .collect(),
        regimes: regime_occupancy(&regimes.score),
        detectors: correlation(&streams),
    };
    span.set("n_hotspots", report.hotspots.len());
    span.set("n_timeline_points", report.health.len());
    obs_logs::health!(phases.log(), "analytics generated";
        "hottest_sensor" => report.hotspots.first().map(|h| h.sensor.as_str()),
        "regimes" => report.regimes.len(),
        "worst_health" => report.health.iter().map(|p| p.min).fold(f64::NAN, f64::min));
    report
}
