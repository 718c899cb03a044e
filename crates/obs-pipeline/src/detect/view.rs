//! [`View`]: the training rows a model may see, without copying them.

use std::ops::Range;

use super::rng::Rng;
use crate::Matrix;
use crate::features::segment_start;

/// Some stretches of a matrix. Time does not run on from one stretch to the next, nor across a break.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(crate) x: &'a Matrix,
    breaks: &'a [usize],
    /// Ascending, disjoint; either may be empty.
    stretches: [Range<usize>; 2],
}

impl<'a> View<'a> {
    pub(crate) fn whole(x: &'a Matrix, breaks: &'a [usize]) -> Self {
        Self::new(x, breaks, [0..x.rows, x.rows..x.rows])
    }

    /// Everything but the rows of `fold`.
    pub(crate) fn without(x: &'a Matrix, breaks: &'a [usize], fold: &Range<usize>) -> Self {
        Self::new(x, breaks, [0..fold.start, fold.end..x.rows])
    }

    fn new(x: &'a Matrix, breaks: &'a [usize], stretches: [Range<usize>; 2]) -> Self {
        Self { x, breaks, stretches }
    }

    pub(crate) fn rows(&self) -> usize {
        self.stretches.iter().map(ExactSizeIterator::len).sum()
    }

    /// At most `cap` rows, ascending: all of them, or one at random from each of `cap` equal shares (so that no cycle
    /// in the data falls in step with the choice).
    pub(crate) fn pick(&self, cap: usize, seed: u64) -> Vec<usize> {
        let n = self.rows();
        let places: Vec<usize> = if n <= cap {
            (0..n).collect()
        } else {
            let mut rng = Rng::new(seed, 0x70_69_63_6b);
            let edge = |i: usize| (i as u128 * n as u128 / cap as u128) as usize;
            (0..cap).map(|i| edge(i) + rng.below(edge(i + 1) - edge(i))).collect()
        };
        let mut places = places.into_iter().peekable();
        let mut rows = Vec::with_capacity(places.len());
        let mut before = 0;
        for s in &self.stretches {
            while let Some(p) = places.next_if(|p| p - before < s.len()) {
                rows.push(s.start + p - before);
            }
            before += s.len();
        }
        rows
    }

    /// First row from which time runs unbroken up to `row`, which must be one of the view's.
    pub(crate) fn start_of(&self, row: usize) -> usize {
        let stretch = self.stretches.iter().find(|s| s.contains(&row)).map_or(row, |s| s.start);
        segment_start(self.breaks, row).max(stretch)
    }

    /// The rows `rows`, copied.
    pub(crate) fn gather(&self, rows: &[usize]) -> Matrix {
        let mut out = Matrix::zeros(rows.len(), self.x.cols);
        for (i, r) in rows.iter().enumerate() {
            out.row_mut(i).copy_from_slice(self.x.row(*r));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_without_a_fold_skips_its_rows_and_breaks_time_there() {
        let x = Matrix::zeros(20, 1);
        let view = View::without(&x, &[3], &(5..10));
        assert_eq!(view.rows(), 15);
        assert_eq!(view.pick(100, 0), [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
        assert_eq!([2, 4, 10, 15].map(|r| view.start_of(r)), [0, 3, 10, 10]);
        assert_eq!(View::without(&x, &[], &(0..5)).pick(100, 0)[0], 5);
    }

    #[test]
    fn thinning_takes_one_row_of_each_share() {
        let x = Matrix::zeros(1000, 1);
        let rows = View::whole(&x, &[]).pick(100, 1);
        assert_eq!(rows.len(), 100);
        assert!(rows.iter().enumerate().all(|(i, r)| r / 10 == i), "{rows:?}");
        assert_eq!(rows, View::whole(&x, &[]).pick(100, 1));
    }
}
