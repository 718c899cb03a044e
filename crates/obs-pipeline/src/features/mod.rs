//! From sensor readings to what detectors take: gaps filled, units removed, windows summarised, content hashed.

mod hash;
mod scaler;
mod standard;
mod window;

pub use hash::hash;
pub use scaler::Scaler;
pub use standard::{LIMIT, Standard};
pub use window::{WindowStat, windowed, windowed_stats};

pub(crate) use window::{STREAM_STATS, segment_start, window_row};
