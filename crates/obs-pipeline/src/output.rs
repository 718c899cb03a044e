//! What a run leaves behind: CSV files, result tables, the model registry.

pub mod csv;
mod database;
pub(crate) mod registry;
pub(crate) mod tables;

pub use database::Database;
