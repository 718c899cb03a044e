//! The phases of a run, one file per category of the span tree. Each starts its span, calls the numerics, logs what it
//! found, and hands its result on.

pub(crate) mod analytics;
pub(crate) mod baseline;
pub(crate) mod calibrate;
pub(crate) mod data;
pub(crate) mod drift;
pub(crate) mod features;
pub(crate) mod finalize;
pub(crate) mod forecast;
pub(crate) mod fusion;
pub(crate) mod load;
pub(crate) mod models;
pub(crate) mod persist;
pub(crate) mod regimes;
pub(crate) mod startup;

use crate::config::PipelineConfig;
use crate::instruments::Instruments;
use std::cell::RefCell;

/// The spans right below `pipeline.run`, in order; those with parts have them as children.
pub const TOP_LEVEL: [&str; 17] = [
    "startup",
    "load.data",
    "data.validate",
    "baseline.seed",
    "features.build",
    "models.load",
    "models.fit",
    "models.save",
    "models.score",
    "regimes",
    "calibrate",
    "fusion",
    "drift",
    "forecast.run",
    "analytics.generate",
    "persist",
    "finalize",
];

/// What every phase has at hand.
#[derive(Debug)]
pub(crate) struct Phases<'a> {
    pub(crate) instruments: &'a Instruments,
    pub(crate) config: &'a PipelineConfig,
    pub(crate) equipment: &'a str,
    warnings: RefCell<Vec<String>>,
}

impl<'a> Phases<'a> {
    pub(crate) fn new(instruments: &'a Instruments, config: &'a PipelineConfig, equipment: &'a str) -> Self {
        Self { instruments, config, equipment, warnings: RefCell::default() }
    }

    pub(crate) fn log(&self) -> &slog::Logger {
        &self.instruments.log
    }

    /// Keeps a warning for the report; the phase has logged it.
    pub(crate) fn warned(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    pub(crate) fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }
}
