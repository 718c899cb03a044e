//! [`Thresholds`]: where a fused score becomes an alarm, and how sure that is.
//!
//! The threshold is a quantile of the *out-of-fold* fused scores of training rows. What it promises, a false-alarm rate
//! of one minus that quantile, is only as good as the number of independent training stretches behind it; that
//! number and the uncertainty it leaves are reported with the threshold.

mod warning;

use serde::{Deserialize, Serialize};

use crate::quantile::{finite, mad_sd, mean, median, quantile};
pub use warning::Warning;

/// Numbers of [`Thresholds::calculate`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThresholdConfig {
    /// Quantile of the out-of-fold fused scores that alarms. Default 0.99.
    pub quantile: f64,
    /// Raises thresholds that rest on few independent stretches: the distance from median to quantile grows by this
    /// over the square root of their number. Default 0, the plain quantile. At 0.5, with equal weights, false alarms
    /// measured 17.5 % instead of 22.8 % on SKAB anomaly-free and 18.0 % instead of 22.6 % on valve1 (missed rows there
    /// 32.2 % instead of 29.7 %).
    pub caution: f64,
    /// A regime with at least this many training rows gets its own threshold. Default 200.
    pub min_regime_rows: usize,
    /// Whether a regime's own threshold may only be above that of all rows. Default true: a quantile of a quiet
    /// regime's rows rests on few independent stretches, and a little change of state alarms on it. Measured without
    /// and with: false alarms on SKAB anomaly-free 40.5 and 24.8 %, on C-MAPSS FD001 5.5 and 0.7 % (missed rows there
    /// 13.1 and 45.0 %), on NAB machine temperature 0.4 and 0.1 %; episodes without a fault there 13 and 4, 33 and 11,
    /// 10 and 3.
    pub regimes_only_raise: bool,
    /// Lowest threshold, in z. Default 0.5: a training set without noise may not make every later row an alarm.
    pub min_threshold: f64,
    /// Threshold where no training row has a score, in z. Default 3.
    pub fallback: f64,
    /// Fewer training rows than this give [`Warning::TrainShort`]. Default 200.
    pub min_train_rows: usize,
    /// More than this share of scored rows in states train does not hold gives [`Warning::Uncovered`]. Default 0.05.
    pub max_uncovered: f64,
    /// Width of the interval on the false-alarm rate, in standard errors. Default 1.96 (95 %).
    pub interval_se: f64,
}

impl Default for ThresholdConfig {
    fn default() -> Self {
        Self {
            quantile: 0.99,
            caution: 0.0,
            min_regime_rows: 200,
            regimes_only_raise: true,
            min_threshold: 0.5,
            fallback: 3.0,
            min_train_rows: 200,
            max_uncovered: 0.05,
            interval_se: 1.96,
        }
    }
}

/// The threshold of one operating regime.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegimeThreshold {
    /// The regime's label, 0 or more.
    pub regime: i32,
    /// Training rows it rests on.
    pub rows: usize,
    /// Alarm at this fused score.
    pub threshold: f64,
}

/// Centre and spread of the fused score on healthy rows, in z.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Median of the out-of-fold fused scores.
    pub median: f64,
    /// 1.4826 times their median absolute deviation; at least 0.01.
    pub scale: f64,
}

/// Alarm thresholds with the evidence behind them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Threshold of every row without a regime threshold of its own, in z.
    pub global: f64,
    /// Regimes with enough training rows, by label.
    pub per_regime: Vec<RegimeThreshold>,
    /// The healthy fused score's centre and spread.
    pub baseline: Baseline,
    /// Training rows with a score.
    pub train_rows: usize,
    /// How many independent stretches those rows amount to (effective sample size), 1..=`train_rows`; 0 without rows.
    pub independent_stretches: f64,
    /// Expected share of healthy rows at or over their threshold: the share of out-of-fold training rows that are.
    pub false_alarm_rate: f64,
    /// Lower end of the interval on that rate.
    pub false_alarm_low: f64,
    /// Upper end of the interval on that rate.
    pub false_alarm_high: f64,
    /// What to know before trusting the thresholds.
    pub warnings: Vec<Warning>,
}

impl Thresholds {
    /// Thresholds from the out-of-fold fused scores of training rows and, where known, the rows' regimes (negative
    /// labels mean unknown). Rows whose score is not finite are left out, as are regimes if their number differs from
    /// that of the scores.
    pub fn calculate(oof_fused: &[f64], oof_regimes: Option<&[i32]>, cfg: &ThresholdConfig) -> Self {
        let scores = finite(oof_fused);
        let mut warnings = Vec::new();
        let independent_stretches = effective_rows(&scores);
        let raise = 1.0 + cfg.caution.max(0.0) / independent_stretches.max(1.0).sqrt();
        let global = alarm_at(&scores, raise, cfg);
        if scores.len() < cfg.min_train_rows {
            warnings.push(Warning::TrainShort { rows: scores.len(), needed: cfg.min_train_rows });
        }
        let regimes = oof_regimes.filter(|r| r.len() == oof_fused.len());
        let least = if cfg.regimes_only_raise { global } else { f64::NEG_INFINITY };
        let per_regime =
            regimes.map_or_else(Vec::new, |labels| by_regime(oof_fused, labels, raise, least, cfg));

        let needed = (1.0 / (1.0 - cfg.quantile.clamp(0.0, 0.9999))).round();
        if independent_stretches < needed && !scores.is_empty() {
            warnings.push(Warning::FewStretches { stretches: independent_stretches, needed });
        }
        let center = median(&scores).unwrap_or(0.0);
        let mut out = Self {
            global,
            per_regime,
            baseline: Baseline { median: center, scale: mad_sd(&scores, center).unwrap_or(0.0).max(0.01) },
            train_rows: scores.len(),
            independent_stretches,
            false_alarm_rate: 0.0,
            false_alarm_low: 0.0,
            false_alarm_high: 1.0,
            warnings,
        };
        if !scores.is_empty() {
            let limits = out.for_rows(oof_fused.len(), regimes);
            let over =
                oof_fused.iter().zip(&limits).filter(|(score, limit)| score.is_finite() && score >= limit);
            out.false_alarm_rate = over.count() as f64 / scores.len() as f64;
            (out.false_alarm_low, out.false_alarm_high) =
                wilson(out.false_alarm_rate, independent_stretches, cfg.interval_se);
        }
        out
    }

    /// Compares the operating states of the scored rows with those of the training rows and adds
    /// [`Warning::Uncovered`] when too many scored rows lie outside. Returns their share, 0..=1.
    pub fn check_coverage(
        &mut self,
        train_regimes: &[i32],
        score_regimes: &[i32],
        cfg: &ThresholdConfig,
    ) -> f64 {
        let known: std::collections::BTreeSet<i32> =
            train_regimes.iter().copied().filter(|r| *r >= 0).collect();
        let outside = score_regimes.iter().filter(|r| !known.contains(r)).count();
        let share = if score_regimes.is_empty() { 0.0 } else { outside as f64 / score_regimes.len() as f64 };
        if share > cfg.max_uncovered {
            self.warnings.push(Warning::Uncovered { rows: outside, share });
        }
        share
    }

    /// The threshold of a row in `regime`.
    pub fn of(&self, regime: i32) -> f64 {
        self.per_regime.iter().find(|r| r.regime == regime).map_or(self.global, |r| r.threshold)
    }

    /// One threshold per row; the global one where `regimes` says nothing about a row.
    pub fn for_rows(&self, rows: usize, regimes: Option<&[i32]>) -> Vec<f64> {
        let mut out: Vec<f64> =
            regimes.unwrap_or_default().iter().take(rows).map(|regime| self.of(*regime)).collect();
        out.resize(rows, self.global);
        out
    }
}

/// The configured quantile of finite scores, its distance from their median times `raise`, floored.
fn alarm_at(scores: &[f64], raise: f64, cfg: &ThresholdConfig) -> f64 {
    let threshold = match (median(scores), quantile(scores, cfg.quantile)) {
        (Some(center), Some(edge)) => edge + (raise - 1.0) * (edge - center),
        _ => cfg.fallback,
    };
    threshold.max(cfg.min_threshold)
}

/// A threshold for each known regime that has enough rows, `least` or more.
fn by_regime(
    fused: &[f64],
    labels: &[i32],
    raise: f64,
    least: f64,
    cfg: &ThresholdConfig,
) -> Vec<RegimeThreshold> {
    let mut groups: std::collections::BTreeMap<i32, Vec<f64>> = std::collections::BTreeMap::new();
    for (&score, &regime) in fused.iter().zip(labels) {
        if score.is_finite() && regime >= 0 {
            groups.entry(regime).or_default().push(score);
        }
    }
    groups.retain(|_, scores| scores.len() >= cfg.min_regime_rows.max(1));
    let threshold = |(regime, scores): (i32, Vec<f64>)| RegimeThreshold {
        regime,
        rows: scores.len(),
        threshold: alarm_at(&scores, raise, cfg).max(least),
    };
    groups.into_iter().map(threshold).collect()
}

/// Most blocks [`effective_rows`] looks at; keeps it linear in rows.
const MAX_BLOCKS: usize = 4096;

/// Effective sample size of an autocorrelated series: how many independent rows would fix its mean as well.
///
/// n / tau with the autocorrelation time tau summed over Geyer's initial monotone sequence (Practical Markov Chain
/// Monte Carlo, 1992). Series of over 4,096 rows are cut into 4,096 blocks first, whose means carry the same
/// information about the slow part. Between 1 and n; 0 for an empty series, n for a constant one.
pub fn effective_rows(series: &[f64]) -> f64 {
    let rows = series.len();
    if rows < 4 {
        return rows as f64;
    }
    let center = mean(series);
    let variance = mean(&series.iter().map(|x| (x - center).powi(2)).collect::<Vec<_>>());
    if variance <= f64::EPSILON * center.abs().max(f64::MIN_POSITIVE) {
        return rows as f64;
    }
    let block = rows.div_ceil(MAX_BLOCKS);
    let blocks: Vec<f64> = series.chunks_exact(block).map(|c| mean(c) - center).collect();
    let autocovariance = |lag: usize| -> f64 {
        blocks.iter().zip(&blocks[lag..]).map(|(a, b)| a * b).sum::<f64>() / blocks.len() as f64
    };
    // Variance of the mean = (sum of autocovariances over all lags) / blocks.
    let mut total = -autocovariance(0);
    let mut previous = f64::INFINITY;
    for lag in (0..blocks.len() / 4).step_by(2) {
        let pair = (autocovariance(lag) + autocovariance(lag + 1)).min(previous);
        if pair <= 0.0 {
            break;
        }
        total += 2.0 * pair;
        previous = pair;
    }
    let variance_of_mean = total / blocks.len() as f64;
    if variance_of_mean <= 0.0 {
        return rows as f64;
    }
    (variance / variance_of_mean).clamp(1.0, rows as f64)
}

/// Wilson's score interval for a share seen in `n` independent trials (Wilson 1927), `se` standard errors wide.
fn wilson(share: f64, n: f64, se: f64) -> (f64, f64) {
    let n = n.max(1.0);
    let z2 = se * se / n;
    let center = (share + z2 / 2.0) / (1.0 + z2);
    let half = se * (share * (1.0 - share) / n + z2 / (4.0 * n)).sqrt() / (1.0 + z2);
    ((center - half).max(0.0), (center + half).min(1.0))
}

#[cfg(test)]
mod tests;
