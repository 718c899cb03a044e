//! Detectors: how strange is each row, given a healthy stretch to compare with?
//!
//! [`fit()`] learns one [`Kind`] of detector from training rows; its [`Detector::score`] gives one or two
//! [`Stream`]s, one score per row, larger is stranger. [`out_of_fold`] scores the training rows themselves by models
//! that have not seen them, which is what alarm thresholds must be set on. [`load`] brings back what
//! [`Detector::save`] wrote.
//!
//! All of it is deterministic: the same input gives the same bytes on one thread or many. Scores are finite whatever
//! the rows hold.

mod ar1;
mod config;
mod detector;
mod em;
mod error;
pub(crate) mod exact;
mod fit;
mod folds;
mod forest;
mod gmm;
mod iforest;
mod lanes;
mod linalg;
mod omr;
mod pca;
pub(crate) mod rng;
mod robust;
mod store;
mod view;
mod windows;

#[cfg(test)]
mod tests;

pub use config::{
    Ar1Config, DetectConfig, GmmConfig, IForestConfig, OmrConfig, PcaConfig, ResidualConfig, WindowConfig,
};
pub use detector::{Detector, Kind, Stream};
pub use error::DetectError;
pub use fit::fit;
pub use folds::{OutOfFold, out_of_fold};
pub use omr::culprits;
pub use store::load;

pub(crate) use robust::median;
pub(crate) use view::View;
