//! Random schedules of everything that can happen to a destination, against a model that knows what must not be lost.

use crate::support::*;
use obs_core::DropReason;
use obs_export::{Limits, Outcome, Priority, Retry, Sink};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How the other side behaves from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behaviour {
    Up,
    Down,
    /// Takes a while.
    Slow,
    /// Gives no answer until it behaves otherwise, or the test is over.
    Hangs,
    /// Refuses a whole batch for one bad record.
    RefusesBad,
    /// Takes the batch but for the bad records.
    TakesAllButBad,
    /// Takes the batch but for as many as are bad, and does not say which.
    CountsTheBad,
    /// Takes no more than three items at once.
    Narrow,
    /// Panics over a bad record.
    Panics,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many items, each of which stands for so many.
    Push(u64, u64, Priority),
    Behave(Behaviour),
    Flush,
    /// The machine goes down here, and what is on disk comes up again elsewhere.
    Crash,
}

fn is_bad(number: u64) -> bool {
    number % 17 == 3
}

/// The other side. What it took is in the order in which it took it; what it judged is that, and what it refused by itself: an
/// item that was refused may come once more with others that were sent with it, and be taken then.
#[derive(Clone)]
struct Other {
    behaviour: Arc<(Mutex<Behaviour>, Condvar)>,
    taken: Arc<Mutex<Vec<u64>>>,
    judged: Arc<Mutex<Vec<u64>>>,
}

impl Other {
    fn new(behaviour: Behaviour) -> Self {
        let behaviour = Arc::new((Mutex::new(behaviour), Condvar::new()));
        Self { behaviour, taken: Arc::default(), judged: Arc::default() }
    }

    fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.0.lock().unwrap() = behaviour;
        self.behaviour.1.notify_all();
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().unwrap().clone()
    }

    fn judged(&self) -> Vec<u64> {
        self.judged.lock().unwrap().clone()
    }

    fn judge(&self, numbers: impl IntoIterator<Item = u64>) {
        self.judged.lock().unwrap().extend(numbers);
    }

    fn take(&self, numbers: impl IntoIterator<Item = u64>) -> Outcome {
        let numbers: Vec<u64> = numbers.into_iter().collect();
        self.judge(numbers.iter().copied());
        self.taken.lock().unwrap().extend(numbers);
        Outcome::Delivered
    }

    /// How it behaves, once it does anything.
    fn behaviour(&self) -> Behaviour {
        let (behaviour, changed) = &*self.behaviour;
        let mut now = behaviour.lock().unwrap();
        while *now == Behaviour::Hangs {
            now = changed.wait(now).unwrap();
        }
        *now
    }

    /// Takes its time, unless it is told to behave otherwise.
    fn dawdle(&self) {
        let (behaviour, changed) = &*self.behaviour;
        let slow = |now: &mut Behaviour| *now == Behaviour::Slow;
        drop(changed.wait_timeout_while(behaviour.lock().unwrap(), Duration::from_millis(2), slow).unwrap());
    }

    fn answer(&self, numbers: &[u64]) -> Outcome {
        let behaviour = self.behaviour();
        let all = || numbers.iter().copied();
        let refused = || Outcome::Refused { reason: DropReason::Refused, message: "400".into() };
        let judges = match behaviour {
            Behaviour::RefusesBad | Behaviour::Panics => numbers.len() == 1 && is_bad(numbers[0]),
            Behaviour::TakesAllButBad | Behaviour::CountsTheBad => true,
            _ => false,
        };
        if judges {
            self.judge(all());
        }
        match behaviour {
            Behaviour::Slow => {
                self.dawdle();
                self.take(all())
            }
            Behaviour::Down => retry("503"),
            Behaviour::RefusesBad if all().any(is_bad) => refused(),
            Behaviour::TakesAllButBad => {
                self.take(all().filter(|n| !is_bad(*n)));
                let refused = (0..numbers.len()).filter(|i| is_bad(numbers[*i])).collect();
                Outcome::Partial { refused, reason: DropReason::Refused, message: "some are bad".into() }
            }
            Behaviour::CountsTheBad => {
                let refused = all().filter(|n| is_bad(*n)).count() as u64;
                self.take(all().filter(|n| !is_bad(*n)));
                Outcome::Short { refused, reason: DropReason::Refused, message: "some are bad".into() }
            }
            Behaviour::Narrow if numbers.len() > 3 => Outcome::TooLarge { message: "413".into() },
            // Without a word on standard error, of which there would be thousands.
            Behaviour::Panics if all().any(is_bad) => std::panic::resume_unwind(Box::new("a bad record")),
            _ => self.take(all()),
        }
    }

    fn sink(&self) -> Box<dyn Sink<Parcel>> {
        let other = self.clone();
        remote("loki", move |numbers| other.answer(numbers))
    }
}

fn limits() -> impl Strategy<Value = Limits> {
    let sizes = (5_usize..200, 50_usize..4000, 1_usize..20, 10_usize..300);
    let times = (0_u64..3, 0_u64..6, 0_u64..4);
    (sizes, times).prop_map(|((queue_items, queue_bytes, batch_items, batch_bytes), (age, ahead, sync))| {
        let millis = Duration::from_millis;
        Limits {
            queue_items,
            queue_bytes,
            batch_items,
            batch_bytes,
            max_age: millis(age),
            retry: Retry { initial: Duration::from_micros(100), max: millis(2), ..Retry::default() },
            write_ahead: millis(ahead),
            sync_every: millis(sync),
            make_room: millis(5),
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let priority = prop::sample::select(Priority::ALL.to_vec());
    let behaviour = prop::sample::select(vec![
        Behaviour::Up,
        Behaviour::Down,
        Behaviour::Slow,
        Behaviour::Hangs,
        Behaviour::RefusesBad,
        Behaviour::TakesAllButBad,
        Behaviour::CountsTheBad,
        Behaviour::Narrow,
        Behaviour::Panics,
    ]);
    prop_oneof![
        6 => (1_u64..40, prop_oneof![Just(1_u64), 1_u64..20], priority)
            .prop_map(|(n, count, priority)| Step::Push(n, count, priority)),
        3 => behaviour.prop_map(Step::Behave),
        2 => Just(Step::Flush),
        1 => Just(Step::Crash),
    ]
}

/// What a process delivers that finds this folder, having nothing of its own to do.
fn delivered_later(folder: &Path) -> (BTreeSet<u64>, u64) {
    let (rig, other) = (rig_in(folder), Other::new(Behaviour::Up));
    rig.stream(vec![other.sink()], eager());
    let report = rig.engine.shutdown(LONG);
    assert!(report.timed_out.is_empty(), "{report}");
    let log = rig.balanced();
    assert_eq!(log.inherited.spooled, 0, "a destination that is up gets all of it");
    let (taken, judged) = (other.taken(), other.judged());
    assert!(is_in_order(&judged), "oldest first: {judged:?}");
    (taken.into_iter().collect(), log.inherited.dropped_total())
}

/// Whether each number, where it appears first, is larger than those before it.
fn is_in_order(numbers: &[u64]) -> bool {
    let mut seen = BTreeSet::new();
    numbers.iter().filter(|n| seen.insert(**n)).is_sorted()
}

fn check(limits: Limits, steps: &[Step], deadline: Duration) {
    let folder = folder_in_memory();
    let (rig, other) = (rig_in(folder.path()), Other::new(Behaviour::Up));
    let stream = rig.stream(vec![other.sink()], limits);
    let mut pushed = 0_u64;
    for step in steps {
        match *step {
            Step::Push(n, count, priority) => {
                let items = (0..n).map(|i| Parcel { priority, count, ..parcel(pushed + i * count) });
                stream.push(items.collect());
                pushed += n * count;
            }
            Step::Behave(behaviour) => other.behave(behaviour),
            Step::Flush => drop(rig.engine.flush(Duration::from_millis(20))),
            Step::Crash => {
                // Only what is neither in memory nor under way is promised to survive.
                if !rig.engine.flush(Duration::from_millis(20)).is_complete() {
                    continue;
                }
                // What is taken or dropped while files are copied may be gone from disk already: asked for afterwards.
                let copy = folder_in_memory();
                copy_tree(folder.path(), copy.path());
                let before: BTreeSet<u64> = other.taken().into_iter().collect();
                let dropped = rig.ledger.snapshot().log.account.dropped_total();
                let (later, lost) = delivered_later(copy.path());
                let missing = (0..pushed).filter(|n| !before.contains(n) && !later.contains(n)).count();
                assert!(missing as u64 <= dropped + lost, "{missing} missing, {dropped} + {lost} counted");
            }
        }
    }
    let report = rig.engine.shutdown(deadline);
    assert!(report.signals.is_balanced(), "{report}");
    let log = rig.balanced();
    assert_eq!(log.account.created, pushed);
    assert_eq!(log, report.signals.log, "nothing is counted after the report");
    // A sink that hangs is left behind with what it has; it gets an answer only now.
    let (taken, judged) = (other.taken(), other.judged());
    other.behave(Behaviour::Down);
    assert!(is_in_order(&judged), "oldest first: {judged:?}");
    let taken: BTreeSet<u64> = taken.into_iter().collect();
    assert!(log.account.delivered <= taken.len() as u64, "no more is counted than was taken");

    // A spooler that the deadline found at work may still be at it.
    rig.end();
    let (later, lost) = delivered_later(folder.path());
    let missing = (0..pushed).filter(|n| !taken.contains(n) && !later.contains(n)).count() as u64;
    let counted = log.account.dropped_total() + lost;
    assert!(missing <= counted, "{missing} are missing and {counted} are counted as dropped");
    let on_disk = later.difference(&taken).count() as u64;
    assert!(on_disk <= log.account.spooled + counted, "{on_disk} came from disk: {log:?}");
}

/// Copies a folder while its owner goes on.
fn copy_tree(from: &Path, to: &Path) {
    let _ = std::fs::create_dir_all(to);
    let Ok(entries) = std::fs::read_dir(from) else { return };
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => copy_tree(&entry.path(), &target),
            // A segment that is through may be deleted meanwhile.
            _ => drop(std::fs::copy(entry.path(), target)),
        }
    }
}

/// Half of the cases, for one of two threads.
fn half() {
    let config = Config { cases: 5_000, failure_persistence: None, ..Config::default() };
    let schedule = (limits(), prop::collection::vec(step(), 1..25), 0_u64..40);
    let result = TestRunner::new(config).run(&schedule, |(limits, steps, deadline)| {
        check(limits, &steps, Duration::from_millis(deadline));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn nothing_is_lost_uncounted_in_the_first_half_of_ten_thousand_schedules() {
    half();
}

#[test]
fn nothing_is_lost_uncounted_in_the_second_half_of_ten_thousand_schedules() {
    half();
}
