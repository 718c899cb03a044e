//! The `obs` command.
//!
//! Exit codes: 0 success or nothing to do (which is said), 1 the run failed, 2 usage, input or configuration error.

mod args;
mod listen;
mod progress;
mod render;
mod run;
mod slowest;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match args::Cli::parse().command {
        args::Command::Run(args) => match run::run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                let error = anstyle::AnsiColor::Red.on_default().bold();
                // Nothing is left to do when stderr is closed.
                let _ = writeln!(anstream::stderr(), "{error}error{error:#}: {failure}");
                ExitCode::from(failure.exit_code())
            }
        },
    }
}
