//! The spool: records on disk that outlive the process, until each of them is acknowledged.
//!
//! A [`Spool`] is the folder of one process, `<dir>/<service>/<process>/`, held by a lock. Each [`Lane`] in it is a
//! queue of opaque records in segment files. What a process leaves behind is taken over by the next one of the same
//! service. The format, byte by byte, is in `docs/reference/spool.md`.
//!
//! What is promised: a record that was appended is handed out, oldest first, until it is acknowledged, expires, or
//! is found damaged; the last two are told by [`Lane::take_lost`]. A kill between any two steps loses nothing and
//! may hand out some records twice.

mod batch;
mod budget;
mod error;
mod folder;
mod header;
mod lane;
mod lock;
mod names;
mod options;
mod process;
mod record;
mod scan;
mod segment;
mod takeover;
mod write;

pub use batch::{Appended, Lost, NewRecord, Pending, Stored, StoredBatch, Why};
pub use error::SpoolError;
pub use lane::Lane;
pub use options::SpoolOptions;
pub use process::Spool;

/// The topic under which the spool speaks of its troubles.
const TOPIC: &str = "spool";
