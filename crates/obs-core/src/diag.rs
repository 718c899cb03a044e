//! [`Diag`]: the side door through which obs speaks of its own troubles: stderr, rate limited, never our own signals.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// How often one topic may speak.
const INTERVAL: Duration = Duration::from_secs(10);

/// How much a [`Diag`] says: each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiagLevel {
    /// Nothing.
    None,
    /// Nothing either: no trouble of obs's own is more than a warning to the program that it observes.
    Error,
    /// What deserves a look; the default.
    Warn,
    /// Also what changes: destinations that are back, what was decided at start.
    Info,
    /// Also each step.
    Debug,
}

impl DiagLevel {
    /// Every level, from the least to the most.
    pub const ALL: [Self; 5] = [Self::None, Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// Lower-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// A voice for obs's own troubles. Cheap to clone; clones share the rate limit.
///
/// A message has a topic (`"loki"`, `"spool"`) and a level; within ten seconds each topic speaks once on each level, and
/// the next message that passes says how many were held back.
#[derive(Clone)]
pub struct Diag {
    level: DiagLevel,
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    out: Mutex<Box<dyn Write + Send>>,
    topics: Mutex<HashMap<(&'static str, DiagLevel), Topic>>,
}

#[derive(Clone, Copy)]
struct Topic {
    last: u64,
    held_back: u64,
}

impl std::fmt::Debug for Diag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Diag").field("level", &self.level).finish_non_exhaustive()
    }
}

impl Default for Diag {
    fn default() -> Self {
        Self::stderr()
    }
}

impl Diag {
    /// Speaks on stderr.
    pub fn stderr() -> Self {
        Self::to(Box::new(std::io::stderr()), Clock::system())
    }

    /// Speaks to `out`, with `clock` for the rate limit: for tests and embedders.
    pub fn to(out: Box<dyn Write + Send>, clock: Clock) -> Self {
        let inner = Inner { clock, out: Mutex::new(out), topics: Mutex::new(HashMap::new()) };
        Self { level: DiagLevel::Warn, inner: Arc::new(inner) }
    }

    /// The same voice, saying what `level` includes; default [`DiagLevel::Warn`].
    #[must_use]
    pub fn with_level(self, level: DiagLevel) -> Self {
        Self { level, ..self }
    }

    /// Says `message` on `topic` as one line `obs: <topic>: <message>`, unless the topic spoke within the last ten
    /// seconds. Write errors are ignored: there is nobody left to tell.
    pub fn warn(&self, topic: &'static str, message: &str) {
        self.say(DiagLevel::Warn, topic, message);
    }

    /// As [`Diag::warn`], for what changed and is no trouble.
    pub fn info(&self, topic: &'static str, message: &str) {
        self.say(DiagLevel::Info, topic, message);
    }

    /// As [`Diag::warn`], for single steps.
    pub fn debug(&self, topic: &'static str, message: &str) {
        self.say(DiagLevel::Debug, topic, message);
    }

    fn say(&self, level: DiagLevel, topic: &'static str, message: &str) {
        if level > self.level {
            return;
        }
        let now = self.inner.clock.now();
        let held_back = {
            let mut topics = self.inner.topics.lock().unwrap_or_else(PoisonError::into_inner);
            match topics.get_mut(&(topic, level)) {
                Some(t) if now.saturating_sub(t.last) < INTERVAL.as_nanos() as u64 => {
                    t.held_back += 1;
                    return;
                }
                known => {
                    let held_back = known.map_or(0, |t| t.held_back);
                    topics.insert((topic, level), Topic { last: now, held_back: 0 });
                    held_back
                }
            }
        };
        let line = message.replace(['\n', '\r'], " ");
        let suffix = if held_back == 0 { String::new() } else { format!(" ({held_back} more held back)") };
        let mut out = self.inner.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(out, "obs: {topic}: {line}{suffix}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_topic_speaks_once_per_interval_and_tells_what_it_held_back() {
        let (out, clock) = (Shared::default(), Clock::manual(0));
        let diag = Diag::to(Box::new(out.clone()), clock.clone());
        diag.warn("loki", "down:\nconnection refused");
        diag.warn("loki", "down");
        diag.warn("otlp", "down");
        clock.advance(INTERVAL);
        diag.warn("loki", "up");
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "obs: loki: down: connection refused\nobs: otlp: down\nobs: loki: up (1 more held back)\n"
        );
    }

    /// CFG-08
    #[test]
    fn a_level_lets_through_what_it_includes() {
        for (level, expected) in [
            (DiagLevel::None, ""),
            (DiagLevel::Error, ""),
            (DiagLevel::Warn, "obs: t: w\n"),
            (DiagLevel::Info, "obs: t: w\nobs: t: i\n"),
            (DiagLevel::Debug, "obs: t: w\nobs: t: i\nobs: t: d\n"),
        ] {
            let out = Shared::default();
            let diag = Diag::to(Box::new(out.clone()), Clock::manual(0)).with_level(level);
            diag.warn("t", "w");
            diag.info("t", "i");
            diag.debug("t", "d");
            diag.debug("t", "held back");
            let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text, expected, "{level:?}");
        }
    }
}
