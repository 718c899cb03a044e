//! The `obs` command.
//!
//! Exit codes: 0 success or nothing to do (which is said), 1 the run failed, 2 usage, input or configuration error.

mod args;
mod failure;
mod listen;
mod progress;
mod render;
mod run;
mod slowest;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = match args::Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(refusal) => return failure::usage(&refusal),
    };
    match command {
        args::Command::Run(args) => match run::run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure::tell(&failure.to_string(), failure.exit_code()),
        },
    }
}
