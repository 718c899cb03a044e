//! Operating regimes: which of a few typical states the machine is in, and when it changes from one to another.
//!
//! [`fit()`] finds the states in training readings; [`Regimes::label`] says for every row which one it is in, how
//! surely, and whether it is on its way. Both look at sensors only, never at what a detector made of them: a regime
//! must not change because the machine is faulty.

mod config;
mod fit;
mod kmeans;
mod label;
mod silhouette;
mod stored;

#[cfg(test)]
mod tests;

pub use config::{RegimeConfig, RegimeError};
pub use fit::{Regimes, fit};
pub use label::{Labels, UNKNOWN};

pub(crate) use kmeans::kmeans;
