//! How well a partition separates rows (Rousseeuw 1987).

use crate::Matrix;

use super::kmeans::squared_distance;

/// Mean silhouette of each of `partitions` (cluster per row) over all rows of `x`: 1 for groups far apart, 0 for
/// none. A row alone in its cluster counts 0. The distances, which are most of the work, are computed once for all
/// partitions.
pub(super) fn silhouettes(x: &Matrix, partitions: &[Vec<u32>]) -> Vec<f64> {
    let sizes: Vec<Vec<f64>> = partitions.iter().map(|labels| cluster_sizes(labels)).collect();
    let mut totals = vec![0.0; partitions.len()];
    let mut distances = vec![0.0; x.rows];
    for r in 0..x.rows {
        for (other, distance) in distances.iter_mut().enumerate() {
            *distance = squared_distance(x.row(r), x.row(other)).sqrt();
        }
        for ((labels, sizes), total) in partitions.iter().zip(&sizes).zip(&mut totals) {
            *total += silhouette(labels[r] as usize, labels, sizes, &distances);
        }
    }
    totals.iter().map(|t| t / x.rows.max(1) as f64).collect()
}

fn cluster_sizes(labels: &[u32]) -> Vec<f64> {
    let clusters = labels.iter().max().map_or(0, |m| *m as usize + 1);
    let mut sizes = vec![0.0; clusters];
    for label in labels {
        sizes[*label as usize] += 1.0;
    }
    sizes
}

/// Silhouette of one row of cluster `own` with these `distances` to all rows.
fn silhouette(own: usize, labels: &[u32], sizes: &[f64], distances: &[f64]) -> f64 {
    if sizes[own] < 2.0 {
        return 0.0;
    }
    let mut sums = vec![0.0; sizes.len()];
    for (label, distance) in labels.iter().zip(distances) {
        sums[*label as usize] += distance;
    }
    let within = sums[own] / (sizes[own] - 1.0);
    let nearest_other = (0..sizes.len())
        .filter(|&c| c != own && sizes[c] > 0.0)
        .map(|c| sums[c] / sizes[c])
        .fold(f64::INFINITY, f64::min);
    let larger = within.max(nearest_other);
    if larger > 0.0 && nearest_other.is_finite() { (nearest_other - within) / larger } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_along_the_gap_is_better_than_one_across() {
        let x = Matrix { rows: 4, cols: 1, data: vec![0.0, 1.0, 10.0, 11.0] };
        let s = silhouettes(&x, &[vec![0, 0, 1, 1], vec![0, 1, 0, 1], vec![0, 0, 0, 0], vec![0, 1, 2, 3]]);
        // Rows 0 and 3: within 1, to the others 10.5; rows 1 and 2: 1 and 9.5.
        let expected = f64::midpoint(9.5 / 10.5, 8.5 / 9.5);
        assert!((s[0] - expected).abs() < 1e-12, "{s:?}");
        assert!(s[1] < 0.0);
        assert_eq!(s[2..], [0.0, 0.0]);
    }
}
