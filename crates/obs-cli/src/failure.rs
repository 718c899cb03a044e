//! [`Failure`]: why `obs run` did not succeed, and how that is told: in one line on stderr.

use crate::render::clean;
use clap::error::ErrorKind;
use obs::InitError;
use obs::config::ConfigError;
use obs_pipeline::RunError;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit code of what the caller can mend.
const USAGE: u8 = 2;

/// Why `obs run` did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Telemetry(InitError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Listen(#[from] obs_http::ServeError),
    #[error("--batch-num {num} is not accepted: expected 1 to {total}, which is --batch-total")]
    Batch { num: u32, total: u32 },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
}

impl Failure {
    /// 1 when the run failed, 2 when the caller can mend it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Telemetry(_) | Self::Listen(_) | Self::Batch { .. } => USAGE,
            Self::Run(error) if error.is_usage() => USAGE,
            Self::Run(_) | Self::Write { .. } => 1,
        }
    }

    /// Telemetry that did not start. A setting is called by the option it came from, if it came from one.
    pub(crate) fn telemetry(mut error: InitError, options: &[(&'static str, &'static str)]) -> Self {
        if let InitError::Config(ConfigError::Value { what, .. }) = &mut error
            && let Some((_, option)) = options.iter().find(|(key, _)| key == what)
        {
            *what = (*option).to_owned();
        }
        Self::Telemetry(error)
    }
}

/// Says why on stderr, in one line whatever it quotes.
pub(crate) fn tell(message: &str, code: u8) -> ExitCode {
    let error = anstyle::AnsiColor::Red.on_default().bold();
    // Nothing is left to do when stderr is closed.
    let _ = writeln!(anstream::stderr(), "{error}error{error:#}: {}", clean(message));
    ExitCode::from(code)
}

/// Help and version as clap prints them; everything else in one line, with clap's tip and without its usage text.
pub(crate) fn usage(refusal: &clap::Error) -> ExitCode {
    let help = refusal.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if help || !refusal.use_stderr() {
        let _ = refusal.print();
        return ExitCode::from(if help { USAGE } else { 0 });
    }
    let text = refusal.render().to_string();
    let told: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let told = told.join(" ");
    tell(told.strip_prefix("error: ").unwrap_or(&told), USAGE)
}
