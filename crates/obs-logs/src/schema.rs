//! The JSON Schema of a line.

/// JSON Schema (draft 2020-12) that every [`LogLine::json`](crate::LogLine::json) satisfies.
pub const SCHEMA: &str = include_str!("schema.json");
