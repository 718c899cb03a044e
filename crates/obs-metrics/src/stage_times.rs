//! [`StageTimes`]: the stage metric of many spans, each looked up once.

use crate::cell::Histogram;
use crate::metrics::Metrics;
use obs_core::Stage;

/// Histograms kept; beyond that the table starts anew, so that a run context per request does not fill the memory.
const KEPT: usize = 4096;

/// Observes `acm_stage_duration_seconds` at the end of spans, and keeps the histogram of each name and run context.
#[derive(Debug)]
pub struct StageTimes {
    metrics: Metrics,
    /// By the number of the name: the number of a context, and its histogram. Most names are of one run at a time.
    known: Vec<Vec<(u64, Histogram)>>,
    kept: usize,
}

impl StageTimes {
    /// Observes in these metrics.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, known: Vec::new(), kept: 0 }
    }

    /// Observes one span.
    pub fn observe(&mut self, stage: &Stage<'_>) {
        let run = stage.context.and_then(|c| c.run_id);
        if stage.number == 0 {
            self.look_up(stage).observe_at(stage.seconds, stage.span, run, stage.end);
            return;
        }
        let (number, context) = (stage.number as usize, stage.context.map_or(0, |c| c.id()));
        let known = self.known.get(number).and_then(|of| of.iter().find(|(id, _)| *id == context));
        if let Some((_, histogram)) = known {
            histogram.observe_at(stage.seconds, stage.span, run, stage.end);
            return;
        }
        let histogram = self.look_up(stage);
        histogram.observe_at(stage.seconds, stage.span, run, stage.end);
        self.keep(number, context, histogram);
    }

    fn look_up(&self, stage: &Stage<'_>) -> Histogram {
        let equipment = stage.context.and_then(|c| c.equipment.as_deref()).unwrap_or_default();
        self.metrics.stage(stage.name, stage.category, equipment)
    }

    fn keep(&mut self, number: usize, context: u64, histogram: Histogram) {
        if self.kept >= KEPT {
            self.known.clear();
            self.kept = 0;
        }
        if self.known.len() <= number {
            self.known.resize_with(number + 1, Vec::new);
        }
        // The newest first: that is the run at work.
        self.known[number].insert(0, (context, histogram));
        self.kept += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exemplar::test_span;
    use obs_core::{Clock, Ids, Ledger, RunContext, ServiceIdentity};
    use std::sync::Arc;

    #[test]
    fn each_run_has_its_histogram_and_its_exemplar() {
        let metrics =
            Metrics::with_clock(ServiceIdentity::default(), Arc::new(Ledger::default()), Clock::manual(5));
        let mut stages = StageTimes::new(metrics.clone());
        let runs = ["A", "B"].map(|equipment| {
            let run_id = Some(Ids::Random.run_id());
            RunContext { equipment: Some(equipment.into()), run_id, ..RunContext::default() }.share()
        });
        for n in 0..3 {
            for (run, seconds) in runs.iter().zip([0.1, 0.2]) {
                let stage = Stage {
                    number: n % 2,
                    name: "fit.pca",
                    category: "fit",
                    context: Some(run),
                    seconds,
                    end: 77,
                    span: Some(test_span(4, true)),
                };
                stages.observe(&stage);
            }
        }
        for (run, equipment) in runs.iter().zip(["A", "B"]) {
            let histogram = metrics.stage("fit.pca", "fit", equipment);
            assert_eq!(histogram.count(), 3, "{equipment}");
            let exemplar = histogram.exemplars().into_iter().flatten().next().unwrap();
            assert_eq!((exemplar.run_id, exemplar.time), (run.run_id, 77));
        }
    }

    #[test]
    fn the_table_is_bounded() {
        let metrics =
            Metrics::with_clock(ServiceIdentity::default(), Arc::new(Ledger::default()), Clock::manual(5));
        let mut stages = StageTimes::new(metrics.clone());
        for _ in 0..2 * KEPT {
            let run = RunContext::default().share();
            let (name, category, context) = ("fit.pca", "fit", Some(&run));
            let stage = Stage { number: 3, name, category, context, seconds: 0.1, end: 1, span: None };
            stages.observe(&stage);
            assert!(stages.known.iter().map(Vec::len).sum::<usize>() <= KEPT);
        }
        assert_eq!(metrics.stage("fit.pca", "fit", "").count(), 2 * KEPT as u64);
    }
}
