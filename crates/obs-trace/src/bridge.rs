//! Bridges from other instrumentation: its spans land in the same traces as ours, and nest with them both ways.

#[cfg(feature = "opentelemetry")]
pub mod otel;
#[cfg(feature = "tracing")]
pub mod tracing;
