//! Instruments, exemplars, exposition and OTLP push on prometheus-client
