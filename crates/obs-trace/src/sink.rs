//! Where spans go: an OTLP receiver, a file.

mod json_file;
mod otlp;

pub use json_file::JsonFileSink;
pub use otlp::OtlpSink;
