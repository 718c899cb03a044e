//! [`HealthIndex`]: one health series from many sensors, learned from units that ran to failure.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::SimilarityConfig;
use crate::matrix::Matrix;
use crate::stretch::ewma;

/// A linear map from sensors to health: about 1 in the first rows of a unit's life, about 0 in the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthIndex {
    /// Health at the sensors' means.
    pub intercept: f64,
    /// Mean of each sensor over the rows it was learned from.
    pub means: Vec<f64>,
    /// Change of health per unit of each sensor; 0 for a sensor that did not vary.
    pub weights: Vec<f64>,
    /// Weight of the newest row in the moving average.
    pub alpha: f64,
}

impl HealthIndex {
    /// Learns by ridge regression from whole lives: one matrix per unit, a row per row of life, the last one before
    /// failure, sensors in columns, all finite. Only the first `healthy_rows` and last `failed_rows` of each unit
    /// count; a unit too short to hold both is left out. `None` without a usable unit, or when units differ in their
    /// number of sensors.
    pub fn fit(units: &[Matrix], cfg: &SimilarityConfig) -> Option<Self> {
        let sensors = units.first()?.cols;
        if units.iter().any(|u| u.cols != sensors) {
            return None;
        }
        let mut rows: Vec<(&[f64], f64)> = Vec::new();
        for unit in units.iter().filter(|u| u.rows >= cfg.healthy_rows + cfg.failed_rows) {
            rows.extend((0..cfg.healthy_rows).map(|r| (unit.row(r), 1.0)));
            rows.extend((unit.rows - cfg.failed_rows..unit.rows).map(|r| (unit.row(r), 0.0)));
        }
        if rows.is_empty() {
            return None;
        }
        let n = rows.len() as f64;
        let intercept = rows.iter().map(|(_, y)| y).sum::<f64>() / n;
        let means: Vec<f64> = (0..sensors).map(|c| rows.iter().map(|(x, _)| x[c]).sum::<f64>() / n).collect();
        let sds: Vec<f64> = (0..sensors)
            .map(|c| (rows.iter().map(|(x, _)| (x[c] - means[c]).powi(2)).sum::<f64>() / n).sqrt())
            .collect();
        // A spread below rounding error of the mean is none.
        let scales: Vec<f64> = sds
            .iter()
            .zip(&means)
            .map(|(sd, m)| if *sd > 1e-12 * m.abs() { 1.0 / sd } else { 0.0 })
            .collect();

        let mut gram = DMatrix::<f64>::identity(sensors, sensors) * cfg.ridge.max(1e-9);
        let mut target = DVector::<f64>::zeros(sensors);
        let mut x = DVector::<f64>::zeros(sensors);
        for (values, y) in &rows {
            for c in 0..sensors {
                x[c] = (values[c] - means[c]) * scales[c];
            }
            gram.ger(1.0, &x, &x, 1.0);
            target.axpy(y - intercept, &x, 1.0);
        }
        let solved = gram.cholesky()?.solve(&target);
        let weights = solved.iter().zip(&scales).map(|(w, s)| w * s).collect();
        Some(Self { intercept, means, weights, alpha: cfg.alpha })
    }

    /// The smoothed index of one unit, a value per row.
    ///
    /// # Panics
    /// When `unit` has another number of sensors than the units the index was learned from.
    pub fn apply(&self, unit: &Matrix) -> Vec<f64> {
        assert_eq!(unit.cols, self.weights.len(), "an index applies to the sensors it was learned from");
        let value = |row: &[f64]| {
            let parts = row.iter().zip(&self.means).zip(&self.weights).map(|((x, m), w)| (x - m) * w);
            self.intercept + parts.sum::<f64>()
        };
        let raw: Vec<f64> = (0..unit.rows).map(|r| value(unit.row(r))).collect();
        ewma(&raw, self.alpha, &[])
    }
}
