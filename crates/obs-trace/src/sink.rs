//! Where spans go: an OTLP receiver, a file, a terminal, an exporter of the OpenTelemetry SDK.

mod console;
mod encoder;
#[cfg(feature = "opentelemetry-sdk")]
mod exporter;
mod json_file;
mod otlp;

pub use console::ConsoleSink;
#[cfg(feature = "opentelemetry-sdk")]
pub use exporter::ExporterSink;
pub use json_file::JsonFileSink;
pub use otlp::OtlpSink;
