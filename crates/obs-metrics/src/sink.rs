//! Where collections go: [`OtlpMetricsSink`], [`FileSink`].

mod file;
mod otlp;

pub use file::FileSink;
pub use otlp::OtlpMetricsSink;
