//! Drift: has the fused score's slow part left its training level?
//!
//! A two-sided tabular CUSUM (Page 1954; Montgomery, Introduction to Statistical Quality Control) over means of
//! consecutive blocks of rows. Block means are the slow part: they are nearly independent, which the chart's run
//! lengths (k = 0.5, h = 5: a false signal in about 465 steps, a shift of 1 sd found in about 10) assume and single
//! rows of a smoothed score are not.

use serde::{Deserialize, Serialize};

use crate::quantile::{finite, mean, sd};
use crate::stretch::stretches;

/// Numbers of drift monitoring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DriftConfig {
    /// Slack k, in sd of the training blocks. Default 0.5.
    pub slack: f64,
    /// Decision limit h, in sd. Default 5.
    pub limit: f64,
    /// Ceiling of the sums, as a multiple of the limit, so that they come back after a long fault. Default 2.
    pub ceiling: f64,
    /// Rows per block. Default 24; shorter (at least 4) where train would have fewer than 16 blocks.
    pub block_rows: usize,
}

impl Default for DriftConfig {
    fn default() -> Self {
        Self { slack: 0.5, limit: 5.0, ceiling: 2.0, block_rows: 24 }
    }
}

/// What the slow part does at a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftState {
    /// Both sums are within the limit.
    #[default]
    Stable,
    /// A sum is over the limit.
    Drifting,
    /// The upper sum is over the limit and the slow part itself is at or over the alarm threshold.
    Fault,
}

impl DriftState {
    /// `stable`, `drifting` or `fault`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Drifting => "drifting",
            Self::Fault => "fault",
        }
    }
}

/// Level and spread of the fused score's slow part on training rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftBaseline {
    /// Mean of the block means.
    pub mean: f64,
    /// Their sd, at least what independent rows would give; at least 0.01.
    pub sd: f64,
    /// Rows per block.
    pub block_rows: usize,
}

impl DriftBaseline {
    /// From the out-of-fold fused scores of training rows; blocks restart at `breaks`.
    pub fn fit(oof_fused: &[f64], breaks: &[usize], cfg: &DriftConfig) -> Self {
        let block_rows = cfg.block_rows.min((oof_fused.len() / 16).max(4)).max(1);
        let mut means = Vec::new();
        for stretch in stretches(oof_fused.len(), breaks) {
            for block in oof_fused[stretch].chunks_exact(block_rows) {
                let values = finite(block);
                if !values.is_empty() {
                    means.push(mean(&values));
                }
            }
        }
        let rows = finite(oof_fused);
        let independent = sd(&rows) / (block_rows as f64).sqrt();
        let center = if means.is_empty() { mean(&rows) } else { mean(&means) };
        Self { mean: center, sd: sd(&means).max(independent).max(0.01), block_rows }
    }
}

/// The drift chart, one value per row. Row `r` knows the blocks that end at or before `r`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DriftSeries {
    /// Mean of the last whole block; the training mean before the first.
    pub slow: Vec<f64>,
    /// Upper sum, in sd, 0..=`limit * ceiling`.
    pub up: Vec<f64>,
    /// Lower sum, in sd, same range.
    pub down: Vec<f64>,
    /// The verdict.
    pub state: Vec<DriftState>,
}

impl DriftSeries {
    /// The last row's state; `Stable` without rows.
    pub fn latest(&self) -> DriftState {
        self.state.last().copied().unwrap_or_default()
    }

    /// First row that is not stable.
    pub fn first_row(&self) -> Option<usize> {
        self.state.iter().position(|s| *s != DriftState::Stable)
    }

    /// Share of rows that are not stable, 0..=1.
    pub fn share(&self) -> f64 {
        let moved = self.state.iter().filter(|s| **s != DriftState::Stable).count();
        moved as f64 / self.state.len().max(1) as f64
    }
}

/// Runs the chart over the fused score of scored rows. Sums and blocks restart at `breaks`; the rows of a block that a
/// break or the end cuts short keep the last whole block's values. `alarm` is the alarm threshold in z.
pub fn monitor(
    fused: &[f64],
    baseline: &DriftBaseline,
    alarm: f64,
    breaks: &[usize],
    cfg: &DriftConfig,
) -> DriftSeries {
    let mut out = DriftSeries::default();
    // At least 0: clamping to a negative or undefined ceiling would panic.
    let cap = (cfg.limit * cfg.ceiling.max(1.0)).max(0.0);
    for stretch in stretches(fused.len(), breaks) {
        let (mut slow, mut up, mut down) = (baseline.mean, 0.0, 0.0);
        let (mut sum, mut counted) = (0.0, 0.0);
        for (i, &score) in fused[stretch].iter().enumerate() {
            if score.is_finite() {
                sum += score;
                counted += 1.0;
            }
            if (i + 1) % baseline.block_rows.max(1) == 0 {
                if counted > 0.0 {
                    slow = sum / counted;
                    let z = (slow - baseline.mean) / baseline.sd.max(1e-9);
                    up = (up + z - cfg.slack).clamp(0.0, cap);
                    down = (down - z - cfg.slack).clamp(0.0, cap);
                }
                (sum, counted) = (0.0, 0.0);
            }
            let state = match (up > cfg.limit, down > cfg.limit) {
                (true, _) if slow >= alarm => DriftState::Fault,
                (false, false) => DriftState::Stable,
                _ => DriftState::Drifting,
            };
            out.slow.push(slow);
            out.up.push(up);
            out.down.push(down);
            out.state.push(state);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CFG: DriftConfig = DriftConfig { slack: 0.5, limit: 5.0, ceiling: 2.0, block_rows: 4 };
    const BASE: DriftBaseline = DriftBaseline { mean: 0.0, sd: 1.0, block_rows: 4 };

    /// PIPE-08
    #[test]
    fn a_shift_of_two_sd_is_drift_after_four_blocks_and_counts_as_hand_computed() {
        let d = monitor(&[2.0; 20], &BASE, 3.0, &[], &CFG);
        // Each block adds 2 - 0.5: 1.5, 3, 4.5, 6 > 5.
        assert_eq!(d.up[3..].iter().step_by(4).copied().collect::<Vec<_>>(), [1.5, 3.0, 4.5, 6.0, 7.5]);
        assert_eq!(d.first_row(), Some(15));
        assert_eq!(d.latest(), DriftState::Drifting);
        assert!((d.share() - 0.25).abs() < 1e-12);
    }

    #[test]
    fn a_slow_part_over_the_alarm_is_a_fault_and_it_ends() {
        let series = [vec![4.0; 20], vec![0.0; 60]].concat();
        let d = monitor(&series, &BASE, 3.0, &[], &CFG);
        assert_eq!(d.state[19], DriftState::Fault);
        // The sum is capped at 10 and sinks by 0.5 a block.
        assert_eq!(d.state[20 + 4 * 9 - 1], DriftState::Drifting);
        assert_eq!(d.state[20 + 4 * 10 - 1], DriftState::Stable);
    }

    #[test]
    fn a_fall_is_drift_too_and_never_a_fault() {
        let d = monitor(&[-3.0; 40], &BASE, -5.0, &[], &CFG);
        assert!(d.down.iter().all(|v| *v <= 10.0));
        assert_eq!(d.latest(), DriftState::Drifting);
    }

    #[test]
    fn sums_restart_at_a_break_and_short_input_is_stable() {
        let d = monitor(&[2.0; 20], &BASE, 3.0, &[14], &CFG);
        assert_eq!((d.up[13], d.up[14], d.up[17]), (4.5, 0.0, 1.5));
        assert_eq!(monitor(&[], &BASE, 3.0, &[], &CFG).latest(), DriftState::Stable);
        assert_eq!(monitor(&[9.0; 3], &BASE, 3.0, &[], &CFG).latest(), DriftState::Stable);
    }

    #[test]
    fn the_baseline_is_the_mean_and_sd_of_block_means() {
        let train: Vec<f64> = (0..64).map(|i| f64::from((i / 4) % 2)).collect();
        let b = DriftBaseline::fit(&train, &[], &DriftConfig::default());
        assert_eq!(b, DriftBaseline { mean: 0.5, sd: 0.5, block_rows: 4 });
        let empty = DriftBaseline::fit(&[], &[], &DriftConfig::default());
        assert!(empty.sd > 0.0 && empty.block_rows >= 1);
    }

    #[test]
    fn a_healthy_series_like_train_stays_stable() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut noise = |n: usize| (0..n).map(|_| rng.f64() + rng.f64()).collect::<Vec<_>>();
        let b = DriftBaseline::fit(&noise(2400), &[], &DriftConfig::default());
        let d = monitor(&noise(2400), &b, 2.0, &[], &DriftConfig::default());
        assert!(d.share() < 0.05, "{}", d.share());
    }

    #[test]
    fn senseless_settings_do_not_panic() {
        let odd = DriftConfig { limit: -1.0, slack: f64::NAN, ceiling: f64::NAN, block_rows: 0 };
        assert_eq!(monitor(&[1.0; 9], &DriftBaseline::fit(&[], &[], &odd), 1.0, &[], &odd).state.len(), 9);
    }

    proptest! {
        #[test]
        fn later_rows_do_not_change_earlier_ones_and_sums_stay_in_range(
            x in prop::collection::vec(-10.0..10.0f64, 0..120),
            cut in 0..120usize,
        ) {
            let cut = cut.min(x.len());
            let (all, part) = (monitor(&x, &BASE, 2.0, &[30], &CFG), monitor(&x[..cut], &BASE, 2.0, &[30], &CFG));
            prop_assert_eq!(&all.up[..cut], &part.up[..]);
            prop_assert_eq!(&all.state[..cut], &part.state[..]);
            prop_assert!(all.up.iter().chain(&all.down).all(|v| (0.0..=10.0).contains(v)));
        }
    }
}
