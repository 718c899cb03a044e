//! [`Matrix`]: dense rows of features, as detectors take them.

/// A dense matrix, row after row: `data[r * cols + c]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `rows * cols` values.
    pub data: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Interleaves columns of equal length into rows.
    ///
    /// # Panics
    /// When the columns differ in length.
    pub fn from_columns(columns: &[Vec<f64>]) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let mut m = Self::zeros(rows, columns.len());
        for (c, column) in columns.iter().enumerate() {
            assert_eq!(column.len(), rows, "columns of one matrix are equally long");
            for (r, v) in column.iter().enumerate() {
                m.data[r * m.cols + c] = *v;
            }
        }
        m
    }

    /// Row `r` as a slice of `cols` values.
    pub fn row(&self, r: usize) -> &[f64] {
        &self.data[r * self.cols..(r + 1) * self.cols]
    }

    /// Row `r`, to write to.
    pub fn row_mut(&mut self, r: usize) -> &mut [f64] {
        &mut self.data[r * self.cols..(r + 1) * self.cols]
    }

    /// Column `c`, copied.
    pub fn column(&self, c: usize) -> Vec<f64> {
        (0..self.rows).map(|r| self.data[r * self.cols + c]).collect()
    }

    /// The rows of `range`, copied.
    #[must_use]
    pub fn slice_rows(&self, range: std::ops::Range<usize>) -> Matrix {
        Matrix {
            rows: range.len(),
            cols: self.cols,
            data: self.data[range.start * self.cols..range.end * self.cols].to_vec(),
        }
    }
}
