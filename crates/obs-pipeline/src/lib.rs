//! The detector batch: sensor data to scores, episodes and remaining life, fully instrumented.

pub mod frame;
pub mod matrix;

pub use frame::{Frame, TimeAxis};
pub use matrix::Matrix;
