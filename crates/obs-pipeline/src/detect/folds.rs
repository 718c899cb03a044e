//! [`out_of_fold`]: scores of training rows by models that have not seen them.

use rayon::prelude::*;

use super::fit::{MIN_ROWS, check, fit_view};
use super::windows::has_windows;
use super::{DetectConfig, DetectError, Kind, Stream, View};
use crate::Matrix;
use crate::parallel::follow;

/// What the training rows score when they are new.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfFold {
    /// The streams of the detector, one value per training row.
    pub streams: Vec<Stream>,
}

/// Cuts `train` into `folds` contiguous parts (usually 4) and scores each with a detector fitted to the others.
/// Filters and windows start afresh at the edges. A model scores its own training rows too low, so thresholds set on
/// those would alarm on most healthy rows; these scores are what healthy rows will really get.
pub fn out_of_fold(
    kind: Kind,
    train: &Matrix,
    breaks: &[usize],
    cfg: &DetectConfig,
    folds: usize,
) -> Result<OutOfFold, DetectError> {
    check(kind, train, cfg)?;
    if folds < 2 || folds > train.rows {
        return Err(DetectError::Folds { folds, rows: train.rows });
    }
    let edge = |i: usize| i * train.rows / folds;
    let largest = (0..folds).map(|i| edge(i + 1) - edge(i)).max().unwrap_or(0);
    if train.rows - largest < MIN_ROWS {
        return Err(DetectError::TooFewRows {
            detector: kind.name(),
            rows: train.rows,
            needed: MIN_ROWS + MIN_ROWS.div_ceil(folds - 1),
        });
    }
    let windows = has_windows(train, cfg);
    let parts: Vec<Vec<Stream>> = (0..folds)
        .into_par_iter()
        .map(follow(|i| {
            let fold = edge(i)..edge(i + 1);
            let detector = fit_view(kind, &View::without(train, breaks, &fold), cfg, windows)?;
            let inside: Vec<usize> =
                breaks.iter().filter(|&&b| b > fold.start && b < fold.end).map(|b| b - fold.start).collect();
            Ok(detector.score(&train.slice_rows(fold), &inside))
        }))
        .collect::<Result<_, DetectError>>()?;
    let mut parts = parts.into_iter();
    let mut streams = parts.next().unwrap_or_default();
    for part in parts {
        for (stream, more) in streams.iter_mut().zip(part) {
            stream.values.extend(more.values);
        }
    }
    Ok(OutOfFold { streams })
}
