//! The little linear algebra the detectors need, in plain loops: the same bits on every machine, unlike a library
//! that picks instructions by processor.

use rayon::prelude::*;

use super::lanes::{CHUNK, LANES, Lane};
use crate::parallel::follow;

/// Groups of rows per block of [`cross`]: with a few dozen sensors a block stays in the first-level cache.
pub(super) const BLOCK: usize = 8;

/// A symmetric or triangular matrix of `n * n` values, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Square {
    pub(super) n: usize,
    pub(super) data: Vec<f64>,
}

impl Square {
    pub(super) fn zeros(n: usize) -> Self {
        Self { n, data: vec![0.0; n * n] }
    }

    pub(super) fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.n + j]
    }

    pub(super) fn set(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.n + j] = value;
    }

    pub(super) fn add_diagonal(&mut self, value: f64) {
        for i in 0..self.n {
            self.data[i * self.n + i] += value;
        }
    }

    /// Copies the lower triangle over the upper one.
    pub(super) fn mirror(&mut self) {
        for i in 0..self.n {
            for j in 0..i {
                self.data[j * self.n + i] = self.data[i * self.n + j];
            }
        }
    }
}

/// Sums of products of the columns of `groups` (see [`groups`](super::lanes::groups)) of `d` columns: the Gram
/// matrix, both triangles. Chunks of fixed size are summed in order.
pub(super) fn gram(groups: &[Lane], d: usize) -> Square {
    let parts: Vec<Square> = groups
        .par_chunks((CHUNK / LANES * d).max(1))
        .map(follow(|rows: &[Lane]| {
            let mut sum = Square::zeros(d);
            let mut block = vec![[0.0; LANES]; BLOCK * d];
            for rows in rows.chunks(BLOCK * d) {
                block.fill([0.0; LANES]);
                for (g, z) in rows.chunks_exact(d).enumerate() {
                    z.iter().enumerate().for_each(|(c, z)| block[c * BLOCK + g] = *z);
                }
                cross(&block, &block, &mut sum);
            }
            sum
        }))
        .collect();
    let mut total = Square::zeros(d);
    for part in parts {
        total.data.iter_mut().zip(&part.data).for_each(|(t, p)| *t += p);
    }
    total.mirror();
    total
}

/// Adds to the lower triangle of `sum` the products of each column of block `a` with each of block `b`. A block holds
/// [`BLOCK`] groups, column after column; places of missing rows are zero.
pub(super) fn cross(a: &[Lane], b: &[Lane], sum: &mut Square) {
    let n = sum.n;
    for (i, left) in a.chunks_exact(BLOCK).enumerate() {
        let sums = &mut sum.data[i * n..=i * n + i];
        for (sum, right) in sums.iter_mut().zip(b.chunks_exact(BLOCK)) {
            let mut parts: Lane = [0.0; LANES];
            for (left, right) in left.iter().zip(right) {
                for lane in 0..LANES {
                    parts[lane] += left[lane] * right[lane];
                }
            }
            *sum += total(&parts);
        }
    }
}

/// Sum over the lanes, in a fixed order.
pub(super) fn total(v: &Lane) -> f64 {
    ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]))
}

/// The lower Cholesky factor of `a` (lower triangle read); `None` unless `a` is positive definite beyond rounding.
pub(super) fn cholesky(a: &Square) -> Option<Square> {
    let n = a.n;
    let mut l = Square::zeros(n);
    for i in 0..n {
        for j in 0..=i {
            let (row_i, row_j) = (&l.data[i * n..i * n + j], &l.data[j * n..j * n + j]);
            let rest = a.at(i, j) - row_i.iter().zip(row_j).map(|(x, y)| x * y).sum::<f64>();
            if i == j {
                if !(rest > 1e-14 * a.at(i, i) && rest.is_finite()) {
                    return None;
                }
                l.set(i, i, rest.sqrt());
            } else {
                l.set(i, j, rest / l.at(j, j));
            }
        }
    }
    Some(l)
}

/// [`cholesky`] of `a`, with ever more added to its diagonal until that succeeds; `None` if nothing sensible helps.
pub(super) fn cholesky_ridged(mut a: Square) -> Option<Square> {
    let largest = (0..a.n).map(|i| a.at(i, i)).fold(0.0_f64, f64::max);
    let mut ridge = 1e-12 * largest.max(1e-6);
    for _ in 0..13 {
        if let Some(l) = cholesky(&a) {
            return Some(l);
        }
        a.add_diagonal(ridge);
        ridge *= 10.0;
    }
    None
}

/// The inverse of a lower triangular matrix.
pub(super) fn invert_lower(l: &Square) -> Square {
    let n = l.n;
    let mut inverse = Square::zeros(n);
    for j in 0..n {
        inverse.set(j, j, 1.0 / l.at(j, j));
        for i in j + 1..n {
            let sum: f64 = (j..i).map(|k| l.at(i, k) * inverse.at(k, j)).sum();
            inverse.set(i, j, -sum / l.at(i, i));
        }
    }
    inverse
}

/// The inverse of the matrix whose lower Cholesky factor has the inverse `l`: its transpose times itself.
pub(super) fn inverse_from(l: &Square) -> Square {
    let n = l.n;
    let mut p = Square::zeros(n);
    for i in 0..n {
        for j in 0..=i {
            p.set(i, j, (i..n).map(|k| l.at(k, i) * l.at(k, j)).sum());
        }
    }
    p.mirror();
    p
}

/// Eigenvalues (descending) and unit eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van
/// Loan, "Matrix Computations", 8.5). Each vector's largest entry is positive, which makes it unique.
pub(super) fn eigen(mut a: Square) -> Vec<(f64, Vec<f64>)> {
    let n = a.n;
    let mut vectors = Square::zeros(n);
    vectors.add_diagonal(1.0);
    let scale: f64 = a.data.iter().map(|v| v * v).sum();
    for _ in 0..60 {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a.at(i, j).powi(2)).sum();
        if off <= 1e-26 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> =
        (0..n).map(|i| (a.at(i, i), vectors.data[i * n..(i + 1) * n].to_vec())).collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    for (_, v) in &mut pairs {
        let largest = v.iter().copied().fold(0.0_f64, |m, e| if e.abs() > m.abs() { e } else { m });
        if largest < 0.0 {
            for e in v.iter_mut() {
                *e = -*e;
            }
        }
    }
    pairs
}

/// Zeroes entry `p, q` of `a` by a rotation, applied to the rows of `vectors` too.
fn rotate(a: &mut Square, vectors: &mut Square, p: usize, q: usize) {
    let n = a.n;
    let apq = a.at(p, q);
    if apq == 0.0 {
        return;
    }
    let theta = (a.at(q, q) - a.at(p, p)) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a.at(k, p), a.at(k, q));
        a.set(k, p, c * x - s * y);
        a.set(k, q, s * x + c * y);
    }
    let turn = |m: &mut Square| {
        for k in 0..n {
            let (x, y) = (m.at(p, k), m.at(q, k));
            m.set(p, k, c * x - s * y);
            m.set(q, k, s * x + c * y);
        }
    };
    turn(a);
    turn(vectors);
}

#[cfg(test)]
mod tests {
    use super::super::lanes::groups;
    use super::super::rng::Rng;
    use super::*;
    use crate::Matrix;
    use crate::features::Standard;

    /// A positive definite matrix and the rows it is the Gram matrix of.
    fn example(n: usize, rows: usize) -> (Square, Matrix) {
        let mut rng = Rng::new(11, 0);
        let x = Matrix { rows, cols: n, data: (0..rows * n).map(|_| rng.unit() - 0.5).collect() };
        let as_is = Standard { means: vec![0.0; n], sds: vec![1.0; n] };
        (gram(&groups(&as_is, &x), n), x)
    }

    #[test]
    fn the_gram_matrix_is_the_sum_of_products_over_all_rows() {
        let (g, x) = example(3, 2500);
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..x.rows).map(|r| x.row(r)[i] * x.row(r)[j]).sum();
                assert!((g.at(i, j) - sum).abs() < 1e-9, "{i},{j}");
            }
        }
    }

    #[test]
    fn the_inverse_by_cholesky_times_the_matrix_is_one() {
        let (g, _) = example(7, 50);
        let p = inverse_from(&invert_lower(&cholesky(&g).unwrap()));
        for i in 0..7 {
            for j in 0..7 {
                let product: f64 = (0..7).map(|k| g.at(i, k) * p.at(k, j)).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-9, "{i},{j}: {product}");
            }
        }
    }

    #[test]
    fn a_singular_matrix_is_factored_only_with_a_ridge() {
        let ones = Square { n: 3, data: vec![1.0; 9] };
        assert!(cholesky(&ones).is_none());
        assert!(cholesky_ridged(ones).is_some());
        assert!(cholesky_ridged(Square::zeros(2)).is_some());
        assert!(cholesky_ridged(Square { n: 1, data: vec![f64::NAN] }).is_none());
    }

    #[test]
    fn eigenvectors_are_stretched_by_their_eigenvalues() {
        let (g, _) = example(9, 40);
        let pairs = eigen(g.clone());
        assert!(pairs.windows(2).all(|w| w[0].0 >= w[1].0));
        for (value, v) in pairs {
            assert!((v.iter().map(|e| e * e).sum::<f64>() - 1.0).abs() < 1e-12);
            for i in 0..9 {
                let row: f64 = (0..9).map(|k| g.at(i, k) * v[k]).sum();
                assert!((row - value * v[i]).abs() < 1e-10, "{i}");
            }
        }
    }
}
