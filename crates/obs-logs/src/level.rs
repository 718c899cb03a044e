//! [`Level`]: how much a line matters.

use std::fmt;
use std::str::FromStr;

/// How much a line matters, from [`Level::Trace`] (least) to [`Level::Critical`] (most); compared in that order.
///
/// ```
/// use obs_logs::Level;
/// assert_eq!(Level::parse("warning"), Ok(Level::Warn));
/// assert!(Level::Error > Level::Info);
/// assert_eq!(Level::Warn.as_str(), "WARN");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Steps within steps.
    Trace,
    /// What a developer wants to see.
    Debug,
    /// What an operator wants to see; the default minimum.
    #[default]
    Info,
    /// Something is off, the work goes on.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot go on.
    Critical,
}

/// A level that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("log level `{0}` is unknown: expected trace, debug, info, warn (or warning), error or critical")]
pub struct LevelError(String);

impl Level {
    /// Every level, least first.
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];

    /// The level as lines spell it: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `CRITICAL`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    /// Reads a level in any case, blanks around it ignored; `ACM_LOG_LEVEL` takes these spellings.
    pub fn parse(text: &str) -> Result<Self, LevelError> {
        let word = text.trim();
        if word.eq_ignore_ascii_case("warning") {
            return Ok(Self::Warn);
        }
        Self::ALL
            .into_iter()
            .find(|level| word.eq_ignore_ascii_case(level.as_str()))
            .ok_or_else(|| LevelError(text.chars().take(64).collect()))
    }

    /// The level with this place in [`Level::ALL`]; anything beyond the last counts as the last.
    pub(crate) const fn from_index(index: u8) -> Self {
        Self::ALL[if index < 6 { index as usize } else { 5 }]
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(s: &str) -> Result<Self, LevelError> {
        Self::parse(s)
    }
}

impl From<slog::Level> for Level {
    fn from(level: slog::Level) -> Self {
        match level {
            slog::Level::Trace => Self::Trace,
            slog::Level::Debug => Self::Debug,
            slog::Level::Info => Self::Info,
            slog::Level::Warning => Self::Warn,
            slog::Level::Error => Self::Error,
            slog::Level::Critical => Self::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CFG-07
    #[test]
    fn levels_are_read_in_any_case_and_written_in_upper_case() {
        for level in Level::ALL {
            assert_eq!(Level::parse(&level.as_str().to_lowercase()), Ok(level));
            assert_eq!(format!(" {level} ").parse(), Ok(level));
            assert_eq!(Level::from_index(level as u8), level);
        }
        assert_eq!(Level::parse("Warning"), Ok(Level::Warn));
    }

    #[test]
    fn an_unknown_level_is_named_together_with_the_accepted_ones() {
        assert_eq!(
            Level::parse("loud").unwrap_err().to_string(),
            "log level `loud` is unknown: expected trace, debug, info, warn (or warning), error or critical"
        );
        assert!(Level::parse("").is_err());
        assert!(Level::parse(&"x".repeat(1 << 20)).unwrap_err().to_string().len() < 200);
    }
}
