//! How many items go through the queue, the sender and the spool?
//!
//! Each row is measured in several rounds, and beside it, in the same round, the plain `write` of the same bytes. The
//! medians of the rounds are printed. CPU time is that of the whole process, so that the threads' work counts; the
//! receiver is another process.

mod cost;
mod load;
mod plain;
mod spool;
mod table;
mod throughput;

use crate::{Answer, Findings};
use cost::{Pair, Row};
use std::path::{Path, PathBuf};

/// How much of what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Lines and spans in one round
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..))]
    items: u64,
    /// Records of the spool in one round
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    records: u64,
    /// Rounds, after one that is not counted
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Folder for the spool and the plain file; default one of the system's for temporary files
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What each CPU second has to be good for: lines, or bytes of their bodies.
const LINES: f64 = 1e6;
const BYTES: f64 = 300e6;
/// Records that have to be appended to the spool in a second.
const RECORDS: f64 = 500e3;

/// Measures it; `program` is the command `obs-bench`.
pub fn run(args: &Args, program: &Path) -> Answer {
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let [mut lines, mut loki, mut spans] =
        ["lines over HTTP", "lines to Loki", "spans to OTLP"].map(Row::new);
    let [mut many, mut single, mut read] = ["append 512", "append 1", "read and acknowledge"].map(Row::new);
    for round in 0..=args.rounds {
        let measured = [
            (&mut lines, throughput::lines(program, args.items)?),
            (&mut loki, throughput::loki(program, args.items)?),
            (&mut spans, throughput::spans(program, args.items)?),
        ];
        add(round, measured);
    }
    // On their own: memory that the rounds above gave back is dear for whoever takes it first, here the page cache.
    for round in 0..=args.rounds {
        let spooled = spool::append_and_read(folder.path(), args.records)?;
        let alone = spool::append_single(folder.path(), args.records)?;
        add(round, [(&mut many, spooled.append), (&mut read, spooled.read), (&mut single, alone)]);
    }
    let mut findings = Findings::default();
    let (line, byte) = (lines.items_of_cpu_second(), lines.bytes_of_cpu_second());
    let what = format!(
        "lines over HTTP: 1,000,000 a CPU second or 300 MB a CPU second; {line:.0} and {:.0} MB",
        byte / 1e6
    );
    findings.bar(what, line >= LINES || byte >= BYTES);
    let appended = many.items_a_second();
    findings.bar(format!("append 512: 500,000 records a second; {appended:.0}"), appended >= RECORDS);
    findings.text = table::print(args.rounds, &[lines, loki, spans, many, single, read]);
    Ok(findings)
}

/// Keeps what a round measured, unless it is the first.
fn add<const N: usize>(round: u32, measured: [(&mut Row, Pair); N]) {
    for (row, pair) in measured {
        if round > 0 {
            row.add(pair);
        }
    }
}
