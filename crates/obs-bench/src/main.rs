//! `obs-bench`: our costs, measured: `cargo run --release -p obs-bench -- <question>`.

use clap::{Parser, Subcommand};
use obs_bench::{Answer, Findings, delivery, outage, overhead, peer, spans};
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(about = "Measures what obs costs")]
struct Cli {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// How much CPU time does telemetry add to the detector batch?
    Overhead(overhead::Args),
    /// How many items go through the queue, the sender and the spool?
    Delivery(delivery::Args),
    /// What does a caller notice of a destination that does not answer?
    Outage(outage::Args),
    /// What does a span cost beside other libraries?
    Spans(spans::Args),
    /// One candidate of `spans` in a process of its own; started by it.
    #[command(hide = true)]
    SpanCandidate(spans::CandidateArgs),
    /// The other side of a measurement; started by the others.
    #[command(hide = true)]
    Peer(peer::Args),
}

fn main() -> ExitCode {
    let answer = answer(&Cli::parse().question);
    match answer {
        Ok(findings) => {
            let _ = write!(std::io::stdout(), "{findings}");
            if findings.missed().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(question: &Question) -> Answer {
    match question {
        Question::Overhead(args) => overhead::run(args),
        Question::Delivery(args) => delivery::run(args, &std::env::current_exe()?),
        Question::Outage(args) => outage::run(args, &std::env::current_exe()?),
        Question::Spans(args) => spans::run(args, &std::env::current_exe()?),
        Question::SpanCandidate(args) => spans::run_candidate(args),
        Question::Peer(args) => Ok(peer::serve(args).map(|()| Findings::default())?),
    }
}
