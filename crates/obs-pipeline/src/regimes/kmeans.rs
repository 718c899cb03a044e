//! K-means (Lloyd 1982) from a k-means++ start (Arthur and Vassilvitskii 2007).

use crate::Matrix;
use crate::detect::rng::Rng;

/// A partition of rows.
#[derive(Clone, Debug)]
pub(crate) struct KMeans {
    /// One row per cluster; fewer than asked for where there are not as many different rows.
    pub(crate) centres: Matrix,
    /// Cluster of each row.
    pub(crate) labels: Vec<u32>,
}

/// Partitions the rows of `x` into at most `k` clusters, in at most `rounds` rounds.
pub(crate) fn kmeans(x: &Matrix, k: usize, rounds: usize, rng: &mut Rng) -> KMeans {
    let mut centres = start(x, k, rng);
    let mut labels = vec![u32::MAX; x.rows];
    for _ in 0..rounds.max(1) {
        let mut changed = false;
        for (r, label) in labels.iter_mut().enumerate() {
            let (nearest, _) = nearest(&centres, x.row(r));
            changed |= *label != nearest as u32;
            *label = nearest as u32;
        }
        if !changed {
            break;
        }
        let mut sums = Matrix::zeros(centres.rows, x.cols);
        let mut counts = vec![0.0_f64; centres.rows];
        for (r, label) in labels.iter().enumerate() {
            counts[*label as usize] += 1.0;
            sums.row_mut(*label as usize).iter_mut().zip(x.row(r)).for_each(|(s, v)| *s += v);
        }
        for (c, count) in counts.iter().enumerate() {
            // A cluster that lost all its rows keeps its centre.
            if *count > 0.0 {
                centres.row_mut(c).iter_mut().zip(sums.row(c)).for_each(|(m, s)| *m = s / count);
            }
        }
    }
    KMeans { centres, labels }
}

/// Index of the centre nearest to `row` and the squared distance to it; the first of equals.
pub(crate) fn nearest(centres: &Matrix, row: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for c in 0..centres.rows {
        let distance = squared_distance(centres.row(c), row);
        if distance < best.1 {
            best = (c, distance);
        }
    }
    best
}

pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Centres among the rows, each drawn with a chance proportional to its squared distance from those before. Of a few
/// draws the one that helps most is taken, as the authors advise.
fn start(x: &Matrix, k: usize, rng: &mut Rng) -> Matrix {
    let mut centres = Matrix::zeros(0, x.cols);
    if x.rows == 0 || k == 0 {
        return centres;
    }
    let draws = 2 + (k as f64).ln() as usize;
    let first = rng.below(x.rows);
    let mut distances: Vec<f64> = (0..x.rows).map(|r| squared_distance(x.row(r), x.row(first))).collect();
    push(&mut centres, x.row(first));
    while centres.rows < k {
        let total: f64 = distances.iter().sum();
        if total <= 0.0 {
            break;
        }
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..draws {
            let row = draw(&distances, total * rng.unit());
            let closer: Vec<f64> = distances
                .iter()
                .enumerate()
                .map(|(r, d)| d.min(squared_distance(x.row(r), x.row(row))))
                .collect();
            let left: f64 = closer.iter().sum();
            if best.as_ref().is_none_or(|b| left < b.0) {
                best = Some((left, row, closer));
            }
        }
        let Some((_, row, closer)) = best else { break };
        push(&mut centres, x.row(row));
        distances = closer;
    }
    centres
}

fn push(centres: &mut Matrix, row: &[f64]) {
    centres.data.extend_from_slice(row);
    centres.rows += 1;
}

/// The row at which the running sum of `weights` passes `target`; never one of weight 0 unless all are.
fn draw(weights: &[f64], mut target: f64) -> usize {
    let mut last = 0;
    for (r, w) in weights.iter().enumerate() {
        if *w > 0.0 {
            if target < *w {
                return r;
            }
            target -= w;
            last = r;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_groups() -> Matrix {
        let mut rng = Rng::new(2, 0);
        let data = (0..300).flat_map(|r| [f64::from(r % 3) * 10.0 + rng.unit(), rng.unit()]).collect();
        Matrix { rows: 300, cols: 2, data }
    }

    #[test]
    fn separate_groups_are_told_apart() {
        let x = three_groups();
        let found = kmeans(&x, 3, 50, &mut Rng::new(1, 0));
        for r in 3..x.rows {
            assert_eq!(found.labels[r], found.labels[r % 3]);
        }
        let spread: f64 = (0..x.rows).map(|r| nearest(&found.centres, x.row(r)).1).sum();
        assert!(spread < 300.0 * 0.25, "{spread}");
    }

    #[test]
    fn there_are_no_more_clusters_than_different_rows() {
        let x = Matrix { rows: 6, cols: 1, data: vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0] };
        assert_eq!(kmeans(&x, 5, 10, &mut Rng::new(1, 0)).centres.rows, 2);
        assert_eq!(kmeans(&Matrix::zeros(0, 1), 5, 10, &mut Rng::new(1, 0)).centres.rows, 0);
    }
}
