//! The destinations of log lines; each is a [`Sink`](obs_export::Sink) of [`LogLine`](crate::LogLine)s.
//!
//! | sink | name | writes |
//! |---|---|---|
//! | [`WriterSink`] | `stdout`, `stderr` | JSON lines, or text for people ([`Format`]) |
//! | [`FileSink`] | `file` | JSON lines, or text for people, appended |
//! | [`LokiSink`] | `loki` | Loki's push API |
//! | [`SqliteSink`] | `sqlite` | table `ACM_RunLogs` |

mod console;
mod file;
mod loki;
mod sqlite;
mod writer;

pub use console::Format;
pub use file::{FileError, FileSink};
pub use loki::{LokiOptions, LokiSink};
pub use sqlite::{SqliteError, SqliteSink};
pub use writer::WriterSink;
