//! Protocol-true in-process servers and harnesses for testing telemetry
