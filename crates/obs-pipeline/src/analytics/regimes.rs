//! How long the equipment spent in each operating regime.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One regime's part of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occupancy {
    /// Label; negative means unknown.
    pub regime: i32,
    /// Rows in it.
    pub rows: usize,
    /// Their share, 0..=1.
    pub share: f64,
    /// How often it was entered: runs of consecutive rows.
    pub visits: usize,
}

/// Occupancy of every regime that occurs, by label.
pub fn regime_occupancy(labels: &[i32]) -> Vec<Occupancy> {
    let mut counts: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    let mut before = None;
    for &label in labels {
        let (rows, visits) = counts.entry(label).or_default();
        *rows += 1;
        *visits += usize::from(before != Some(label));
        before = Some(label);
    }
    let share = |rows: usize| rows as f64 / labels.len() as f64;
    counts
        .into_iter()
        .map(|(regime, (rows, visits))| Occupancy { regime, rows, share: share(rows), visits })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_shares_and_visits_are_counted_per_regime() {
        let o = regime_occupancy(&[0, 0, 1, 0, -1, -1, -1, 0]);
        let seen: Vec<_> = o.iter().map(|o| (o.regime, o.rows, o.visits)).collect();
        assert_eq!(seen, [(-1, 3, 1), (0, 4, 3), (1, 1, 1)]);
        assert!((o.iter().map(|o| o.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(regime_occupancy(&[]).is_empty());
    }
}
