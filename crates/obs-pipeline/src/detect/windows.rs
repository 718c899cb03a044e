//! A row model on the rows themselves and, where there is enough to learn from, on their windowed features.

use std::fmt;
use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::lanes::{CHUNK, RowModel, score_groups};
use super::{DetectConfig, DetectError, Detector, Kind, Stream, View, store};
use crate::Matrix;
use crate::features::{STREAM_STATS, Standard, WindowStat, segment_start, window_row};
use crate::parallel::follow;

/// A row model that can be fitted to the rows of a matrix.
pub(super) trait FitRows: RowModel + Sized {
    /// The kind of detector it makes.
    const KIND: Kind;
    /// Names of the stream over rows and of that over windows.
    const NAMES: [&'static str; 2];

    /// Fits `x`, each row of which shares its news with the `overlap` rows before it (1: with none but itself).
    fn fit_rows(x: &Matrix, overlap: usize, cfg: &DetectConfig) -> Result<Self, DetectError>;
}

/// Whether `train` has enough sensors and rows for a windowed stream.
pub(super) fn has_windows(train: &Matrix, cfg: &DetectConfig) -> bool {
    train.cols >= cfg.windows.min_sensors && train.rows >= cfg.windows.min_train_rows
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WithWindows<M> {
    rows: M,
    windows: Option<Windows<M>>,
}

/// A model of windowed features: mean, deviation and slope of each sensor over the last `length` rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Windows<M> {
    length: usize,
    model: M,
}

impl<M: FitRows> WithWindows<M> {
    pub(super) fn fit(view: &View<'_>, cfg: &DetectConfig, windows: bool) -> Result<Self, DetectError> {
        let picked = view.pick(cfg.fit_rows, cfg.seed);
        let x = view.gather(&picked);
        let rows = M::fit_rows(&x, 1, cfg)?;
        let windows = if windows {
            let length = cfg.windows.rows;
            let features = training_windows(view, &picked, length, rows.standard());
            Some(Windows { length, model: M::fit_rows(&features, length, cfg)? })
        } else {
            None
        };
        Ok(Self { rows, windows })
    }
}

/// Windowed features of the training rows `picked`; those near the start of a stretch are left out unless too few
/// remain.
fn training_windows(view: &View<'_>, picked: &[usize], length: usize, standard: &Standard) -> Matrix {
    let full: Vec<usize> = picked.iter().copied().filter(|&r| r - view.start_of(r) + 1 >= length).collect();
    let rows = if full.len() * 2 >= picked.len() { &full } else { picked };
    let d = standard.cols();
    let mut out = Matrix::zeros(rows.len(), STREAM_STATS.len() * d);
    let width = out.cols;
    let here = obs_core::active::capture();
    let init = || (here.attach(), Vec::new());
    out.data.par_chunks_mut(width).zip(rows).for_each_init(init, |(_scope, window), (out, &r)| {
        let first = view.start_of(r).max((r + 1).saturating_sub(length));
        window.resize((r + 1 - first) * d, 0.0);
        for (i, z) in window.chunks_mut(d).enumerate() {
            standard.row(view.x.row(first + i), z);
        }
        window_row(window, d, &STREAM_STATS, out);
    });
    out
}

/// Scores of all rows of `x` by the windowed model. Features exist for one chunk of rows at a time only.
fn score_windows<M: RowModel>(w: &Windows<M>, standard: &Standard, x: &Matrix, breaks: &[usize]) -> Vec<f64> {
    let d = standard.cols();
    let mut values = vec![0.0; x.rows];
    values.par_chunks_mut(CHUNK).enumerate().for_each(follow(|(chunk, out): (usize, &mut [f64])| {
        let rows = chunk * CHUNK..chunk * CHUNK + out.len();
        let first = segment_start(breaks, rows.start).max((rows.start + 1).saturating_sub(w.length));
        let mut z = vec![0.0; (rows.end - first) * d];
        for (i, z) in z.chunks_mut(d).enumerate() {
            standard.row(x.row(first + i), z);
        }
        let mut features = Matrix::zeros(out.len(), STREAM_STATS.len() * d);
        for (i, r) in rows.enumerate() {
            let from = segment_start(breaks, r).max((r + 1).saturating_sub(w.length)).max(first);
            let features = features.row_mut(i);
            window_row(&z[(from - first) * d..(r + 1 - first) * d], d, &STREAM_STATS, features);
            discount(features, r + 1 - from, w.length, &w.model.standard().means);
        }
        w.model.score_into(&features, out);
    }));
    values
}

/// Draws the features of a window that holds only `n` of its `length` rows towards their training means `typical`: by
/// n / length for means and deviations and by its square for slopes. A short window's features are noisier than those
/// the model knows (a slope's deviation grows with n^-1.5); left alone, every restart would look like a fault.
fn discount(features: &mut [f64], n: usize, length: usize, typical: &[f64]) {
    if n >= length {
        return;
    }
    let share = n as f64 / length as f64;
    let d = features.len() / STREAM_STATS.len();
    for (i, (f, typical)) in features.iter_mut().zip(typical).enumerate() {
        let weight = if STREAM_STATS[i / d] == WindowStat::Slope { share * share } else { share };
        *f = typical + weight * (*f - typical);
    }
}

impl<M> Detector for WithWindows<M>
where
    M: FitRows + store::Sound + Serialize + fmt::Debug + Send,
{
    fn kind(&self) -> Kind {
        M::KIND
    }

    fn sensors(&self) -> usize {
        self.rows.standard().cols()
    }

    fn score(&self, x: &Matrix, breaks: &[usize]) -> Vec<Stream> {
        let standard = self.rows.standard();
        let [values] = score_groups(x, standard, |z, scratch| [self.rows.score_lanes(z, scratch)]);
        let mut streams = vec![Stream { name: M::NAMES[0], values }];
        if let Some(w) = &self.windows {
            streams.push(Stream { name: M::NAMES[1], values: score_windows(w, standard, x, breaks) });
        }
        streams
    }

    fn contributions(&self, x: &Matrix, rows: Range<usize>) -> Option<Vec<f64>> {
        self.rows.contributions(x, rows)
    }

    fn save(&self) -> Result<Vec<u8>, DetectError> {
        store::encode(M::KIND, self)
    }
}

impl<M: RowModel + store::Sound> store::Sound for WithWindows<M> {
    fn is_sound(&self) -> bool {
        let width = STREAM_STATS.len() * self.rows.standard().cols();
        self.rows.is_sound()
            && self
                .windows
                .as_ref()
                .is_none_or(|w| w.length >= 2 && w.model.is_sound() && w.model.standard().cols() == width)
    }
}
