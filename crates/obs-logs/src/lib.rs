//! Structured logs on slog: one JSON line for stdout, files, Loki and SQL
