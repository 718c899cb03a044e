//! Spans: recorder, API, OTLP encoding
