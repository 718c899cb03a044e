//! The degradation models: linear and exponential trend, and Holt's linear method.

use serde::{Deserialize, Serialize};

use super::ForecastConfig;

/// Smallest deficit from 100 that the exponential trend takes the logarithm of, in points of health.
const MIN_DEFICIT: f64 = 0.5;

/// A degradation model as of the newest point; `s` counts points after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Model {
    /// level + slope s.
    Linear {
        /// Health at s = 0.
        level: f64,
        /// Change of health per point.
        slope: f64,
    },
    /// 100 - deficit exp(rate s): damage that feeds on itself.
    Exponential {
        /// Deficit from 100 at s = 0, over 0.
        deficit: f64,
        /// Growth rate of the deficit per point.
        rate: f64,
    },
    /// level + trend s, with level and trend tracked by exponential smoothing (Holt 1957).
    Holt {
        /// Health at s = 0.
        level: f64,
        /// Change of health per point.
        trend: f64,
    },
}

impl Model {
    /// Health `s` points after the newest one, not bounded to 0..=100.
    pub fn at(&self, s: f64) -> f64 {
        match self {
            Self::Linear { level, slope: rate } | Self::Holt { level, trend: rate } => {
                rate.mul_add(s, *level)
            }
            Self::Exponential { deficit, rate } => 100.0 - deficit * (rate * s).clamp(-50.0, 50.0).exp(),
        }
    }

    /// `linear`, `exponential` or `holt`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "linear",
            Self::Exponential { .. } => "exponential",
            Self::Holt { .. } => "holt",
        }
    }
}

/// A way to fit a model; windows in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Linear(usize),
    Exponential(usize),
    Holt,
}

impl Candidate {
    /// All candidates for a history of `points` points, the simplest first.
    pub(super) fn all(points: usize, cfg: &ForecastConfig) -> Vec<Self> {
        let mut windows = vec![cfg.long_window.min(points), cfg.short_window.min(points)];
        windows.dedup();
        let linear = windows.iter().map(|w| Self::Linear(*w));
        let exponential = windows.iter().map(|w| Self::Exponential(*w));
        linear.chain(exponential).chain([Self::Holt]).collect()
    }

    /// Points it looks back; Holt's memory counts as the long window.
    pub(super) fn window(self, cfg: &ForecastConfig) -> usize {
        match self {
            Self::Linear(window) | Self::Exponential(window) => window,
            Self::Holt => cfg.long_window,
        }
    }

    /// Fits to the newest points. `points` must not be empty.
    pub(super) fn fit(self, points: &[f64], cfg: &ForecastConfig) -> Fit {
        match self {
            Self::Linear(window) => {
                let y = tail(points, window);
                let line = Line::fit(y);
                let model = Model::Linear { level: line.level, slope: line.slope };
                Fit { model, residuals: line.residuals(y), log_residuals: Vec::new() }
            }
            Self::Exponential(window) => {
                let y = tail(points, window);
                let logs: Vec<f64> = y.iter().map(|h| (100.0 - h).max(MIN_DEFICIT).ln()).collect();
                let line = Line::fit(&logs);
                let model = Model::Exponential { deficit: line.level.exp(), rate: line.slope };
                let last = (y.len() - 1) as f64;
                let residuals = y.iter().enumerate().map(|(i, h)| h - model.at(i as f64 - last)).collect();
                Fit { model, residuals, log_residuals: line.residuals(&logs) }
            }
            Self::Holt => holt(points, cfg),
        }
    }
}

/// A fitted model with what it left over, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) model: Model,
    /// Health minus fit (Holt: minus the forecast one point ahead), in points of health.
    pub(super) residuals: Vec<f64>,
    /// Residuals on the logarithmic scale; only for the exponential trend.
    pub(super) log_residuals: Vec<f64>,
}

/// A least-squares line through equally spaced values, `level` at the last of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) level: f64,
    pub(super) slope: f64,
}

impl Line {
    /// Fits; level with slope 0 for a single value, zero for none.
    pub(super) fn fit(y: &[f64]) -> Self {
        let n = y.len() as f64;
        let middle = (n - 1.0) / 2.0;
        let mean = crate::quantile::mean(y);
        let spread = n * (n * n - 1.0) / 12.0;
        let product: f64 = y.iter().enumerate().map(|(i, v)| (i as f64 - middle) * (v - mean)).sum();
        let slope = if spread > 0.0 { product / spread } else { 0.0 };
        Self { level: slope.mul_add(middle.max(0.0), mean), slope }
    }

    /// Values minus line.
    pub(super) fn residuals(self, y: &[f64]) -> Vec<f64> {
        let last = y.len().saturating_sub(1) as f64;
        y.iter().enumerate().map(|(i, v)| v - self.slope.mul_add(i as f64 - last, self.level)).collect()
    }
}

/// Holt's linear method over all points, started by the line through the first ten.
fn holt(points: &[f64], cfg: &ForecastConfig) -> Fit {
    let first = &points[..points.len().min(10)];
    let start = Line::fit(first);
    let (mut level, mut trend) = (start.level - start.slope * first.len() as f64, start.slope);
    let mut residuals = Vec::with_capacity(points.len());
    for value in points {
        let error = value - (level + trend);
        level += trend + cfg.holt_alpha * error;
        trend += cfg.holt_alpha * cfg.holt_beta * error;
        residuals.push(error);
    }
    Fit {
        model: Model::Holt { level, trend },
        residuals: tail(&residuals, cfg.long_window).to_vec(),
        log_residuals: Vec::new(),
    }
}

/// The last `n` values.
pub(super) fn tail(values: &[f64], n: usize) -> &[f64] {
    &values[values.len().saturating_sub(n.max(1))..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_recovered_with_its_level_at_the_end() {
        let y: Vec<f64> = (0..40).map(|i| 90.0 - 0.5 * f64::from(i)).collect();
        let fit = Candidate::Linear(30).fit(&y, &ForecastConfig::default());
        assert!((fit.model.at(0.0) - 70.5).abs() < 1e-9 && (fit.model.at(10.0) - 65.5).abs() < 1e-9);
        assert!(fit.residuals.len() == 30 && fit.residuals.iter().all(|r| r.abs() < 1e-9));
        let holt = Candidate::Holt.fit(&y, &ForecastConfig::default());
        assert!((holt.model.at(10.0) - 65.5).abs() < 1e-9 && holt.model.name() == "holt");
    }

    #[test]
    fn an_exponential_deficit_is_recovered() {
        let y: Vec<f64> = (0..40).map(|i| 100.0 - 2.0 * (0.05 * f64::from(i)).exp()).collect();
        let fit = Candidate::Exponential(30).fit(&y, &ForecastConfig::default());
        assert!((fit.model.at(5.0) - (100.0 - 2.0 * (0.05f64 * 44.0).exp())).abs() < 1e-9, "{fit:?}");
    }

    #[test]
    fn one_value_gives_a_level_line() {
        assert_eq!(Line::fit(&[7.0]), Line { level: 7.0, slope: 0.0 });
        assert!(Model::Exponential { deficit: 1.0, rate: 3.0 }.at(1e9).is_finite());
    }
}
