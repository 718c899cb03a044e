//! [`fit`]: training rows to a detector.

use super::ar1::Ar1;
use super::gmm::Gmm;
use super::iforest::IForest;
use super::omr::Omr;
use super::pca::Pca;
use super::windows::{WithWindows, has_windows};
use super::{DetectConfig, DetectError, Detector, Kind, View};
use crate::Matrix;

/// Fewest rows any detector is fitted on: fewer say nothing about spread.
pub(super) const MIN_ROWS: usize = 8;

/// Most sensors; a tree's cut stores its sensor in 16 bits.
const MAX_SENSORS: usize = 1 << 16;

/// Fits one kind of detector to `train`: standardised rows of one healthy stretch, without gaps. `breaks` are the
/// rows (ascending, row 0 left out) at which time does not run on from the row before.
pub fn fit(
    kind: Kind,
    train: &Matrix,
    breaks: &[usize],
    cfg: &DetectConfig,
) -> Result<Box<dyn Detector>, DetectError> {
    check(kind, train, cfg)?;
    fit_view(kind, &View::whole(train, breaks), cfg, has_windows(train, cfg))
}

/// Refuses settings and training that nothing can be fitted with.
pub(super) fn check(kind: Kind, train: &Matrix, cfg: &DetectConfig) -> Result<(), DetectError> {
    cfg.validate()?;
    let detector = kind.name();
    if train.cols == 0 {
        return Err(DetectError::NoSensors { detector });
    }
    if train.cols > MAX_SENSORS {
        return Err(DetectError::TooManySensors { detector, sensors: train.cols, most: MAX_SENSORS });
    }
    if train.rows < MIN_ROWS {
        return Err(DetectError::TooFewRows { detector, rows: train.rows, needed: MIN_ROWS });
    }
    match train.data.iter().position(|v| !v.is_finite()) {
        Some(i) => {
            Err(DetectError::NotFinite { row: i / train.cols, sensor: i % train.cols, value: train.data[i] })
        }
        None => Ok(()),
    }
}

/// [`fit`] without its checks, on part of a training; `windows` says whether gmm and omr get their windowed streams.
pub(super) fn fit_view(
    kind: Kind,
    view: &View<'_>,
    cfg: &DetectConfig,
    windows: bool,
) -> Result<Box<dyn Detector>, DetectError> {
    Ok(match kind {
        Kind::Ar1 => Box::new(Ar1::fit(view, cfg)),
        Kind::Pca => Box::new(Pca::fit(view, cfg)),
        Kind::IForest => Box::new(IForest::fit(view, cfg)),
        Kind::Gmm => Box::new(WithWindows::<Gmm>::fit(view, cfg, windows)?),
        Kind::Omr => Box::new(WithWindows::<Omr>::fit(view, cfg, windows)?),
    })
}
