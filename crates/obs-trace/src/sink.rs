//! Where spans go: an OTLP receiver, a file, an exporter of the OpenTelemetry SDK.

#[cfg(feature = "opentelemetry-sdk")]
mod exporter;
mod json_file;
mod otlp;

#[cfg(feature = "opentelemetry-sdk")]
pub use exporter::ExporterSink;
pub use json_file::JsonFileSink;
pub use otlp::OtlpSink;
