//! [`Health`]: tells of a destination's troubles once when they begin and once when they end.

use obs_core::{Clock, Diag, Signal};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What is known of one destination.
pub(crate) struct Health {
    diag: Diag,
    clock: Clock,
    topics: Topics,
    trouble: Option<Trouble>,
    /// Items written to the spool since the last batch arrived.
    spooled: u64,
    /// Whether the queue was full at the last try, or since the trouble began.
    overflowing: bool,
}

struct Trouble {
    kind: Kind,
    since: u64,
    /// Items dropped meanwhile.
    dropped: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Down,
    Refusing,
}

/// A topic speaks at most once in ten seconds, so beginning and end have one each.
struct Topics {
    down: &'static str,
    refuses: &'static str,
    up: &'static str,
    full: &'static str,
}

impl Health {
    /// `name` is the destination's.
    pub(crate) fn new(signal: Signal, name: &str, diag: Diag, clock: Clock) -> Self {
        let topic = |what: &str| interned(format!("{}/{name} {what}", signal.as_str()));
        let topics = Topics {
            down: topic("is down"),
            refuses: topic("refuses items"),
            up: topic("is up again"),
            full: topic("queue is full"),
        };
        Self { diag, clock, topics, trouble: None, spooled: 0, overflowing: false }
    }

    /// A try failed and will be repeated.
    pub(crate) fn down(&mut self, message: &str) {
        if self.begin(Kind::Down) {
            self.diag.warn(self.topics.down, &format!("{message}; trying again until it answers"));
        }
    }

    /// `n` items were refused for good; zero when something else than sending them went wrong.
    pub(crate) fn refused(&mut self, n: u64, message: &str) {
        if self.begin(Kind::Refusing) {
            self.diag
                .warn(self.topics.refuses, &format!("{message} ({n} dropped, further ones are counted)"));
        }
        self.dropped(n);
    }

    /// `n` items were given up.
    pub(crate) fn dropped(&mut self, n: u64) {
        if let Some(trouble) = &mut self.trouble {
            trouble.dropped += n;
        }
    }

    /// `n` items went to the spool.
    pub(crate) fn spooled(&mut self, n: u64) {
        self.spooled += n;
    }

    /// `n` items did not fit into the queue.
    pub(crate) fn overflowed(&mut self, n: u64) {
        if n == 0 {
            self.overflowing &= self.trouble.is_some();
            return;
        }
        self.dropped(n);
        if !std::mem::replace(&mut self.overflowing, true) {
            self.diag.warn(self.topics.full, &format!("the newest items are dropped, {n} so far"));
        }
    }

    /// A whole batch of `n` items arrived.
    pub(crate) fn delivered(&mut self, n: u64) {
        let spooled = std::mem::take(&mut self.spooled);
        if let Some(trouble) = self.trouble.take() {
            let lasted = Duration::from_nanos(self.clock.now().saturating_sub(trouble.since));
            let dropped = trouble.dropped;
            self.diag.warn(
                self.topics.up,
                &format!(
                    "after {:.1} s: {n} delivered, {spooled} spooled and {dropped} dropped meanwhile",
                    lasted.as_secs_f64()
                ),
            );
        }
    }

    /// Whether this kind of trouble is new.
    fn begin(&mut self, kind: Kind) -> bool {
        if let Some(trouble) = &mut self.trouble {
            return std::mem::replace(&mut trouble.kind, kind) != kind;
        }
        self.trouble = Some(Trouble { kind, since: self.clock.now(), dropped: 0 });
        true
    }
}

/// Topics are `&'static str`; each distinct one is leaked once, and there are four per destination name.
fn interned(topic: String) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(topic) = known.get(topic.as_str()) {
        return topic;
    }
    let topic = String::leak(topic);
    known.insert(topic);
    topic
}
