//! Our costs, measured: `cargo run --release -p obs-bench -- <question>`.

mod cpu;
mod overhead;

use clap::{Parser, Subcommand};
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
}

fn main() -> ExitCode {
    let result = match Cli::parse().question {
        Question::Overhead(args) => overhead::run(&args),
    };
    match result {
        Ok(text) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
