//! What does a caller notice of a destination that does not answer?
//!
//! Lines go to Loki and spans to an OTLP receiver, both black holes at first: they take connections and requests and
//! answer nothing. Every call is timed and the memory of the process watched. Then both come back, while lines and spans
//! go on being made, and everything has to arrive, the oldest first.

mod latency;
mod load;
mod rig;

use crate::{Answer, Findings};
use latency::Latencies;
use load::Load;
use rig::Rig;
use std::fmt::Write;
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
/// What memory may grow by beside the queues.
const BESIDE_QUEUES: u64 = 16_000_000;

/// Measures it; `program` is the command `obs-bench`.
pub fn run(args: &Args, program: &Path) -> Answer {
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let mut rig = Rig::start(program, folder.path())?;
    let mut load = Load::new(Duration::from_secs(args.seconds));
    let before = crate::memory::resident()?;
    load.run(&rig, Duration::from_secs(args.seconds))?;
    let (lines, spans) = (load.lines.summary(), load.spans.summary());
    let on_disk = rig.spool_bytes();
    rig.peer.open()?;
    load.run(&rig, AFTERWARDS)?;
    let drained = rig.drain(&mut load.peak)?;
    let growth = load.peak.saturating_sub(before);
    let made = load.made();
    let taken = rig.peer.taken()?;
    let report = rig.shutdown();

    let mut findings = Findings::default();
    let text = &mut findings.text;
    writeln!(text, "{} s without an answer, {} lines and spans a second each", args.seconds, load::A_SECOND)?;
    for (what, latencies) in [("log call", lines), ("span end", spans)] {
        writeln!(text, "  {what}  {latencies}")?;
    }
    writeln!(
        text,
        "  memory    {:.1} MB before, {:.1} MB at its peak; the queues hold {:.1} MB; {:.1} MB on disk when they came back",
        before as f64 / 1e6,
        load.peak as f64 / 1e6,
        rig::QUEUES as f64 / 1e6,
        on_disk as f64 / 1e6,
    )?;
    writeln!(text, "  all delivered {:.2} s after the load ended", drained.as_secs_f64())?;
    for (what, seen) in [("lines", taken.lines), ("spans", taken.spans)] {
        writeln!(
            text,
            "  {what}     {made} made, {} arrived, {} of them again, {} after a younger one",
            seen.different, seen.again, seen.disordered
        )?;
    }
    for (what, Latencies { p99, .. }) in [("log call", lines), ("span end", spans)] {
        let bar = Duration::from_micros(args.p99_us);
        findings.bar(format!("{what}: p99 under {bar:?}"), p99 < bar);
    }
    findings.bar("memory: grows by at most the queues and 16 MB", growth <= rig::QUEUES + BESIDE_QUEUES);
    for (what, seen) in [("lines", taken.lines), ("spans", taken.spans)] {
        findings.bar(format!("{what}: all delivered"), seen.different == made);
        findings.bar(format!("{what}: the oldest first"), seen.disordered == 0);
    }
    findings.bar("ledger: balanced, nothing dropped or left on disk", rig::is_settled(&report, made));
    Ok(findings)
}
