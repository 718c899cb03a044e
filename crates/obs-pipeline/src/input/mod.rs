//! Sensor tables as plants export them, read into a [`Frame`](crate::Frame), and the contract they are held to.
//!
//! [`read`] detects how a table is written and says so in its [`ReadReport`]; [`quality::validate`] judges what came
//! out. On the way: `text` (bytes to text), `dialect` (delimiter, names), `plan` (the use of each column), `parse` (cells
//! to columns), `time` (one reading for a column of timestamps), `assemble` (one time line, one frame).

mod assemble;
mod derive;
mod dialect;
mod error;
mod number;
mod options;
mod parse;
mod plan;
pub mod quality;
mod read;
mod records;
mod report;
mod table;
mod text;
mod text_table;
mod time;
mod transpose;

pub use derive::derive;
pub use error::InputError;
pub use options::{Loaded, ReadOptions};
pub use read::read;
pub use report::ReadReport;
