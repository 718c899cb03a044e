//! [`Stages`]: the stage metric of every span.

use obs_metrics::{Histogram, Metrics};
use obs_trace::Stage;
use std::collections::HashMap;

/// Histograms kept; beyond that the table starts anew, so that a run context per request does not fill the memory.
const KEPT: usize = 4096;

/// Observes `acm_stage_duration_seconds` at the end of each span. A histogram is looked up by its labels once for each name
/// and context.
#[derive(Debug)]
pub(crate) struct Stages {
    metrics: Metrics,
    /// By number of the name and of the context.
    known: HashMap<(u32, u64), Histogram>,
}

impl Stages {
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { metrics, known: HashMap::new() }
    }

    pub(crate) fn observe(&mut self, stage: &Stage<'_>) {
        let metrics = &self.metrics;
        let histogram = || {
            let equipment = stage.context.and_then(|c| c.equipment.as_deref()).unwrap_or_default();
            metrics.stage(stage.name, stage.category, equipment)
        };
        if stage.number == 0 {
            return histogram().observe_in(stage.seconds, stage.span);
        }
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        let key = (stage.number, stage.context.map_or(0, |c| c.id()));
        self.known.entry(key).or_insert_with(histogram).observe_in(stage.seconds, stage.span);
    }
}
