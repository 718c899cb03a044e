//! What does a caller notice of a destination that does not answer?
//!
//! Lines go to Loki and spans to an OTLP receiver. Both answer at first. Then they are black holes, which take connections
//! and requests and answer nothing: every call is timed and the memory of the process watched. Then both come back, while
//! lines and spans go on being made, and everything has to arrive, the oldest first.

mod latency;
mod load;
mod rig;
mod seen;

use crate::Answer;
use load::{Load, Times};
use rig::Rig;
use seen::Seen;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long, and how strict.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// How long nobody answers, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// What 99 of 100 calls have to stay under, in microseconds
    #[arg(long, default_value_t = 20)]
    pub p99_us: u64,
    /// Folder for the spool; default one of the system's for temporary files
    #[arg(long)]
    pub folder: Option<PathBuf>,
}

/// How long lines and spans go on after the destinations came back.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// A part of the outage: how long they are there before it.
const BEFOREHAND: u64 = 4;

/// Measures it; `program` is the command `obs-bench`.
pub fn run(args: &Args, program: &Path) -> Answer {
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let outage = Duration::from_secs(args.seconds);
    let beforehand = Duration::from_secs(args.seconds.div_ceil(BEFOREHAND));
    let (mut calm, mut dark) = (Times::of(beforehand), Times::of(outage));
    let (mut rig, mut load) = (Rig::start(program, folder.path())?, Load::new());
    rig.peer.open()?;
    load.run(&rig, beforehand, &mut calm)?;
    rig.peer.close()?;
    let before = crate::memory::resident()?;
    load.peak = before;
    load.run(&rig, outage, &mut dark)?;
    let on_disk = rig.spool_bytes();
    rig.peer.open()?;
    load.run(&rig, AFTERWARDS, &mut Times::of(Duration::ZERO))?;
    let drained = rig.drain(&mut load.peak)?;
    let taken = rig.peer.taken()?;
    let report = rig.shutdown();
    let seen =
        Seen { calm, dark, before, peak: load.peak, on_disk, drained, made: load.made(), taken, report };
    seen.findings(args)
}
