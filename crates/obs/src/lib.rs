//! Observability for Rust batch pipelines and services: one init for traces, metrics, logs and profiles
