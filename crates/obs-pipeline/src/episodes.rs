//! Episodes: stretches of rows in which the fused score stays in alarm.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::stretch::stretches;
use crate::thresholds::Baseline;

/// Numbers of [`detect`] and [`mark_onsets`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EpisodeConfig {
    /// Rows in a row at or over the threshold that open an episode. Default 2.
    pub open_rows: usize,
    /// Rows in a row under `close_share` of the threshold that close it. Default 3.
    pub close_rows: usize,
    /// Share of the threshold under which a row counts towards closing. Default 0.5.
    pub close_share: f64,
    /// Episodes of one stretch with at most this many rows between them become one. Default 5.
    pub merge_gap: usize,
    /// Shorter episodes are dropped, after merging. Default 3.
    pub min_rows: usize,
    /// Peak over threshold from which an episode is a warning. Default 1.5.
    pub warning_ratio: f64,
    /// Peak over threshold from which it is critical. Default 3.
    pub critical_ratio: f64,
    /// Slack of the CUSUM that marks the onset, in healthy sd. Default 0.5.
    pub onset_slack: f64,
    /// How far before the opening row the onset may lie. Default 240 rows.
    pub onset_rows: usize,
}

impl Default for EpisodeConfig {
    fn default() -> Self {
        Self {
            open_rows: 2,
            close_rows: 3,
            close_share: 0.5,
            merge_gap: 5,
            min_rows: 3,
            warning_ratio: 1.5,
            critical_ratio: 3.0,
            onset_slack: 0.5,
            onset_rows: 240,
        }
    }
}

/// How far over its threshold an episode went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Peak under 1.5 times the threshold.
    Info,
    /// Under 3 times.
    Warning,
    /// 3 times or more.
    Critical,
}

impl Severity {
    /// `info`, `warning` or `critical`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One episode. Rows are indices into the fused score; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// First row at or over the threshold.
    pub start_row: usize,
    /// Last row before the score fell away (or the stretch ended).
    pub end_row: usize,
    /// Row of the highest fused score; the first of several.
    pub peak_row: usize,
    /// Highest fused score.
    pub peak_z: f64,
    /// Mean fused score from start to end.
    pub mean_z: f64,
    /// Largest fused score over its row's threshold.
    pub peak_ratio: f64,
    /// From `peak_ratio`.
    pub severity: Severity,
    /// Likely onset, at or before `start_row`; `start_row` itself until [`mark_onsets`] has run.
    pub onset_row: usize,
}

impl Episode {
    /// The rows of the episode.
    pub fn rows(&self) -> Range<usize> {
        self.start_row..self.end_row + 1
    }
}

/// Finds the episodes of a fused score, in order of time, disjoint, none across a break.
///
/// `thresholds` holds one positive threshold per row ([`crate::thresholds::Thresholds::for_rows`]); rows past the
/// shorter of the two are not looked at. An episode ends with its stretch: what happens across a break in the data is
/// not known, so episodes on its two sides stay two, each of which must open by its own rows. A row without a finite
/// score (or a positive threshold) counts as a row of no alarm.
pub fn detect(fused: &[f64], thresholds: &[f64], breaks: &[usize], cfg: &EpisodeConfig) -> Vec<Episode> {
    let rows = fused.len().min(thresholds.len());
    let ratios: Vec<f64> = fused.iter().zip(thresholds).map(|(score, limit)| ratio(*score, *limit)).collect();
    stretches(rows, breaks)
        .into_iter()
        .flat_map(|stretch| merged(alarms(&ratios, stretch, cfg), cfg))
        .filter(|found| found.len() >= cfg.min_rows.max(1))
        .map(|found| describe(fused, &ratios, found, cfg))
        .collect()
}

/// Marks each episode's likely onset: the row where the score's upper CUSUM (Page 1954, steps in healthy sd less
/// `cfg.onset_slack`) last left zero before the episode's start. It is searched for at most `cfg.onset_rows` back, after
/// the episode before, and within the episode's own stretch.
pub fn mark_onsets(
    episodes: &mut [Episode],
    fused: &[f64],
    baseline: Baseline,
    breaks: &[usize],
    cfg: &EpisodeConfig,
) {
    let mut free_from = 0;
    for episode in episodes {
        let start = episode.start_row.min(fused.len());
        let stretch = breaks.iter().copied().filter(|b| *b <= start).max().unwrap_or(0);
        let from = free_from.max(stretch).max(start.saturating_sub(cfg.onset_rows)).min(start);
        episode.onset_row = from + onset(&fused[from..start], baseline, cfg.onset_slack);
        free_from = episode.end_row + 1;
    }
}

/// The episode number of every row, counted from 1; 0 for rows outside.
pub fn label_rows(rows: usize, episodes: &[Episode]) -> Vec<u32> {
    let mut labels = vec![0; rows];
    for (number, episode) in (1..).zip(episodes) {
        if let Some(inside) = labels.get_mut(episode.start_row..rows.min(episode.end_row + 1)) {
            inside.fill(number);
        }
    }
    labels
}

/// Score over threshold; 0 where either says nothing.
fn ratio(score: f64, threshold: f64) -> f64 {
    if score.is_finite() && threshold.is_finite() && threshold > 0.0 { score / threshold } else { 0.0 }
}

/// The opening and closing rules over one stretch, before merging.
fn alarms(ratios: &[f64], stretch: Range<usize>, cfg: &EpisodeConfig) -> Vec<Range<usize>> {
    let (open_rows, close_rows) = (cfg.open_rows.max(1), cfg.close_rows.max(1));
    let mut out = Vec::new();
    let mut open: Option<usize> = None;
    let (mut over, mut under) = (0, 0);
    for row in stretch.clone() {
        if let Some(start) = open {
            under = if ratios[row] < cfg.close_share { under + 1 } else { 0 };
            if under == close_rows {
                out.push(start..row + 1 - close_rows);
                open = None;
                over = 0;
            }
        } else {
            over = if ratios[row] >= 1.0 { over + 1 } else { 0 };
            if over == open_rows {
                open = Some(row + 1 - open_rows);
                under = 0;
            }
        }
    }
    if let Some(start) = open {
        out.push(start..stretch.end - under);
    }
    out
}

/// Joins neighbours with few rows between them.
fn merged(found: Vec<Range<usize>>, cfg: &EpisodeConfig) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for next in found {
        match out.last_mut() {
            Some(last) if next.start - last.end <= cfg.merge_gap => last.end = next.end,
            _ => out.push(next),
        }
    }
    out
}

/// The figures of one episode.
fn describe(fused: &[f64], ratios: &[f64], rows: Range<usize>, cfg: &EpisodeConfig) -> Episode {
    let (mut peak_row, mut peak_z, mut peak_ratio) = (rows.start, f64::NEG_INFINITY, 0.0);
    let (mut sum, mut counted) = (0.0, 0);
    for row in rows.clone() {
        peak_ratio = f64::max(peak_ratio, ratios[row]);
        if fused[row].is_finite() {
            sum += fused[row];
            counted += 1;
            if fused[row] > peak_z {
                (peak_row, peak_z) = (row, fused[row]);
            }
        }
    }
    let severity = if peak_ratio >= cfg.critical_ratio {
        Severity::Critical
    } else if peak_ratio >= cfg.warning_ratio {
        Severity::Warning
    } else {
        Severity::Info
    };
    Episode {
        start_row: rows.start,
        end_row: rows.end - 1,
        peak_row,
        peak_z,
        mean_z: sum / f64::from(counted.max(1)),
        peak_ratio,
        severity,
        onset_row: rows.start,
    }
}

/// Where the upper CUSUM of the rows before an episode last left zero: the estimate of the change point. The number of rows when it rests at zero right before the episode.
fn onset(before: &[f64], baseline: Baseline, slack: f64) -> usize {
    let mut sum = 0.0;
    let mut start = 0;
    for (i, &score) in before.iter().enumerate() {
        let step = if score.is_finite() {
            (score - baseline.median) / baseline.scale.max(1e-9) - slack
        } else {
            0.0
        };
        sum = f64::max(sum + step, 0.0);
        if sum <= 0.0 {
            start = i + 1;
        }
    }
    start
}

#[cfg(test)]
mod tests;
