//! The trait all detectors share, their kinds, and what they give back.

use std::fmt;
use std::ops::Range;

use super::DetectError;
use crate::Matrix;

/// The detectors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Each sensor against its own previous row.
    Ar1,
    /// All sensors against the few directions they usually move in.
    Pca,
    /// How easily random cuts separate a row from the rest.
    IForest,
    /// How likely a row is under a mixture of Gaussians.
    Gmm,
    /// Each sensor against what the others say it should be.
    Omr,
}

impl Kind {
    /// Every kind, in the order in which they are fitted.
    pub const ALL: [Self; 5] = [Self::Ar1, Self::Pca, Self::IForest, Self::Gmm, Self::Omr];

    /// `ar1`, `pca`, `iforest`, `gmm` or `omr`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ar1 => "ar1",
            Self::Pca => "pca",
            Self::IForest => "iforest",
            Self::Gmm => "gmm",
            Self::Omr => "omr",
        }
    }

    /// The kind of that [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One score per row; larger is stranger.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// `ar1`, `pca_spe`, `pca_t2`, `iforest`, `gmm`, `gmm_w16`, `omr` or `omr_w16`.
    pub name: &'static str,
    /// As many finite values as rows were scored.
    pub values: Vec<f64>,
}

/// A fitted detector.
pub trait Detector: fmt::Debug + Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> Kind;

    /// Number of sensors it was fitted on.
    fn sensors(&self) -> usize;

    /// Scores every row of `x`. `breaks` are the rows (ascending, row 0 left out) at which whatever remembers earlier
    /// rows starts afresh. A cell that is `NaN`, or that `x` lacks, counts as the training mean; values are cut at
    /// [`LIMIT`](crate::features::LIMIT) training standard deviations. The scores are finite.
    fn score(&self, x: &Matrix, breaks: &[usize]) -> Vec<Stream>;

    /// Which sensors make the rows `rows` of `x` strange: one share per sensor, summing to 1 (all equal where no
    /// sensor stands out at all). Only [`Kind::Omr`] can tell; `None` from the others, and for rows that `x` does not
    /// have.
    fn contributions(&self, _x: &Matrix, _rows: Range<usize>) -> Option<Vec<f64>> {
        None
    }

    /// The detector as bytes (JSON) for the model registry; [`load`](super::load) gives back one that scores alike to
    /// the last bit.
    fn save(&self) -> Result<Vec<u8>, DetectError>;
}
