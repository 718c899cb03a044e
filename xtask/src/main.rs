//! Automation of this repository: `cargo xtask <task>`.
//!
//! One file per task; this one only dispatches. A failed task prints its cause and exits 1, a usage error exits 2.

mod docs;
mod evaluate;
mod features_off;
mod fixtures;
mod lint_obs;
mod repo;
mod said;
mod spans;
mod tidy;
mod trace_report;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use said::Said;

/// Automation of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Write the generated reference pages of docs/, or check the committed ones and the dependency page
    Docs(docs::Args),
    /// Run the detectors on labelled public data sets and print how good they are, beside reference figures
    Evaluate(evaluate::Args),
    /// Check that calls that make spans compile to nothing without the feature `trace`
    FeaturesOff,
    /// Write the generated data sets of fixtures/, or check the committed ones
    Fixtures(fixtures::Args),
    /// Check names of spans, timers and loggers in Rust sources against the naming convention
    #[command(alias = "lint")]
    LintObs(lint_obs::Args),
    /// Print the registry of span names
    Spans(spans::Args),
    /// Check the repository's own rules: docs name real paths, module docs, lints, licences, nothing left undone
    Tidy,
    /// Print how the spans of an OTLP JSON file divide among kinds and categories
    TraceReport(trace_report::Args),
}

fn main() -> ExitCode {
    let done: Result<Said, Box<dyn Error>> = match Cli::parse().task {
        Task::Docs(args) => docs::run(&args).map(Said::well).map_err(Into::into),
        Task::Evaluate(args) => evaluate::run(&args).map(Said::well).map_err(Into::into),
        Task::FeaturesOff => features_off::run().map_err(Into::into),
        Task::Fixtures(args) => fixtures::run(&args).map(Said::well).map_err(Into::into),
        Task::LintObs(args) => lint_obs::run(&args).map_err(Into::into),
        Task::Spans(args) => Ok(Said::well(spans::run(&args))),
        Task::Tidy => tidy::run().map(Said::well).map_err(Into::into),
        Task::TraceReport(args) => trace_report::run(&args).map_err(Into::into),
    };
    // A closed pipe is the reader's choice, not a failure of the task.
    match done {
        Ok(said) => {
            let _ = io::stdout().write_all(said.text.as_bytes());
            if said.good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
