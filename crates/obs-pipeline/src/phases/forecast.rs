//! `forecast.*`: health, its trend, and the life that remains.

use super::Phases;
use super::baseline::Parts;
use super::fusion::Fused;
use crate::forecast::{Rul, estimate_rul, fit_degradation};
use crate::health::{Zone, index};
use crate::report::HealthReport;
use crate::split::units;
use obs_trace::{Outcome, span};

#[derive(Debug)]
pub(crate) struct Outlook {
    /// Health of every scored row.
    pub(crate) health: Vec<f64>,
    pub(crate) latest: Option<HealthReport>,
    pub(crate) rul: Option<Rul>,
    pub(crate) refusal: Option<String>,
}

pub(crate) fn forecast(
    phases: &Phases<'_>,
    fused: &Fused,
    parts: &Parts,
    cadence_seconds: Option<f64>,
) -> Outlook {
    let tracer = &phases.instruments.tracer;
    let config = &phases.config.forecast;
    let mut run = span!(tracer, "forecast.run", n_samples = fused.score.len());
    let median = fused.thresholds.baseline.median;
    let health = index(&fused.score, &fused.limits, median, &parts.score.breaks, &phases.config.health);
    let latest = health
        .last()
        .map(|h| HealthReport { index: *h, zone: Zone::of(*h, &phases.config.health) })
        .filter(|h| h.index.is_finite());
    if let Some(latest) = latest {
        phases.instruments.metrics.record_health_score(phases.equipment, latest.index);
        obs_logs::health!(phases.log(), "health index"; "health" => latest.index, "zone" => latest.zone.as_str());
    }
    // Of several units only the last one's history ends at the end of the data.
    let history = units(&parts.score).last().map_or(&health[..], |unit| &health[unit.clone()]);
    let fitted = {
        let mut span = span!(tracer, "forecast.fit_degradation", n_samples = history.len());
        let fitted = fit_degradation(history, config);
        match &fitted {
            Ok(fitted) => span.set("model", fitted.model.name()),
            Err(_) => span.outcome(Outcome::Noop),
        }
        fitted
    };
    let estimate = {
        let mut span = span!(tracer, "forecast.estimate_rul");
        let estimate =
            match (fitted, cadence_seconds.filter(|_| parts.score.axis != crate::TimeAxis::Counter)) {
                (Ok(fitted), Some(seconds)) => {
                    estimate_rul(&fitted, seconds / 3600.0, config).map_err(|refusal| refusal.to_string())
                }
                (Ok(_), None) => Err("the input counts rows, not time: hours cannot be given".to_owned()),
                (Err(refusal), _) => Err(refusal.to_string()),
            };
        if estimate.is_err() {
            span.outcome(Outcome::Noop);
        }
        estimate
    };
    let (rul, refusal) = match estimate {
        Ok(rul) => {
            phases
                .instruments
                .metrics
                .record_remaining_life(phases.equipment, [rul.p10, rul.p50, rul.p90].map(|h| h * 3600.0));
            obs_logs::rul!(phases.log(), "remaining life estimated";
                "hours" => rul.hours, "p10" => rul.p10, "p90" => rul.p90, "confidence" => rul.confidence);
            (Some(rul), None)
        }
        Err(reason) => {
            run.outcome(Outcome::Noop);
            obs_logs::forecast!(phases.log(), "no remaining life given: {reason}");
            (None, Some(reason))
        }
    };
    Outlook { health, latest, rul, refusal }
}
