//! [`Diag`]: the side door through which obs speaks of its own troubles: stderr, rate limited, never our own signals.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// How often one topic may speak.
const INTERVAL: Duration = Duration::from_secs(10);

/// A voice for obs's own troubles. Cheap to clone; clones share the rate limit.
///
/// A message has a topic (`"loki"`, `"spool"`); within ten seconds each topic speaks once, and the next message that
/// passes says how many were held back.
#[derive(Clone)]
pub struct Diag(Arc<Inner>);

struct Inner {
    clock: Clock,
    out: Mutex<Box<dyn Write + Send>>,
    topics: Mutex<HashMap<&'static str, Topic>>,
}

#[derive(Clone, Copy)]
struct Topic {
    last: u64,
    held_back: u64,
}

impl std::fmt::Debug for Diag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Diag").finish_non_exhaustive()
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
        Self(Arc::new(Inner { clock, out: Mutex::new(out), topics: Mutex::new(HashMap::new()) }))
    }

    /// Says `message` on `topic` as one line `obs: <topic>: <message>`, unless the topic spoke within the last ten
    /// seconds. Write errors are ignored: there is nobody left to tell.
    pub fn warn(&self, topic: &'static str, message: &str) {
        let now = self.0.clock.now();
        let held_back = {
            let mut topics = self.0.topics.lock().unwrap_or_else(PoisonError::into_inner);
            match topics.get_mut(topic) {
                Some(t) if now.saturating_sub(t.last) < INTERVAL.as_nanos() as u64 => {
                    t.held_back += 1;
                    return;
                }
                known => {
                    let held_back = known.map_or(0, |t| t.held_back);
                    topics.insert(topic, Topic { last: now, held_back: 0 });
                    held_back
                }
            }
        };
        let line = message.replace(['\n', '\r'], " ");
        let suffix = if held_back == 0 { String::new() } else { format!(" ({held_back} more held back)") };
        let mut out = self.0.out.lock().unwrap_or_else(PoisonError::into_inner);
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
}
