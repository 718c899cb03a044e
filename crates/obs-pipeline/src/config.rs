//! [`PipelineConfig`]: every number of the batch, by phase.

use crate::analytics::AnalyticsConfig;
use crate::calibrate::CalibrationConfig;
use crate::detect::DetectConfig;
use crate::drift::DriftConfig;
use crate::episodes::EpisodeConfig;
use crate::forecast::ForecastConfig;
use crate::fusion::FusionConfig;
use crate::health::HealthConfig;
use crate::input::quality::DataContract;
use crate::regimes::RegimeConfig;
use crate::thresholds::ThresholdConfig;

/// Settings of all phases; the defaults are those of each phase's own page.
#[derive(Clone, Debug, Default)]
pub struct PipelineConfig {
    /// What the data must hold.
    pub contract: DataContract,
    /// Detectors.
    pub detect: DetectConfig,
    /// Operating states.
    pub regimes: RegimeConfig,
    /// Scores to robust z.
    pub calibration: CalibrationConfig,
    /// z streams to one fused score.
    pub fusion: FusionConfig,
    /// Alarm thresholds.
    pub thresholds: ThresholdConfig,
    /// Episodes.
    pub episodes: EpisodeConfig,
    /// Drift chart.
    pub drift: DriftConfig,
    /// Health index.
    pub health: HealthConfig,
    /// Degradation and remaining life.
    pub forecast: ForecastConfig,
    /// Timelines and rankings.
    pub analytics: AnalyticsConfig,
}

/// Folds of the out-of-fold training scores.
pub const FOLDS: usize = 4;
