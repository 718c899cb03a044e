//! Whatever is done to a lane, what was appended and not acknowledged is there, in order.

use crate::support::*;
use obs_export::SpoolOptions;
use obs_export::spool::{Appended, Lane, StoredBatch, Why};
use proptest::prelude::*;
use std::collections::VecDeque;

const CONTEXTS: [&[u8]; 4] = [b"", b"a", b"bc", b"torn"];
/// The context of appends that are torn.
const TORN: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Append {
        records: u64,
        context: usize,
    },
    Read {
        records: usize,
        bytes: usize,
    },
    /// Acknowledge a batch read earlier, perhaps again, perhaps out of turn.
    Acknowledge {
        which: usize,
    },
    /// Acknowledge what was appended earlier.
    AcknowledgeAppended {
        which: usize,
    },
    Sync,
    Reopen,
    Crash,
    /// Killed when so many per cent of an append were written.
    Tear {
        records: u64,
        percent: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u64..12, 0..TORN).prop_map(|(records, context)| Step::Append { records, context }),
        6 => (0_usize..9, 0_usize..200).prop_map(|(records, bytes)| Step::Read { records, bytes }),
        5 => (0_usize..3).prop_map(|which| Step::Acknowledge { which }),
        2 => (0_usize..3).prop_map(|which| Step::AcknowledgeAppended { which }),
        1 => Just(Step::Sync),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
        1 => (1_u64..6, 0_usize..=100).prop_map(|(records, percent)| Step::Tear { records, percent }),
    ];
    proptest::collection::vec(step, 1..40)
}

/// A lane beside what should be in it.
struct Run {
    home: Home,
    lane: Option<Lane>,
    /// Context and number of each record that waits.
    model: VecDeque<(usize, u64)>,
    appended: u64,
    batches: Vec<(Vec<u64>, StoredBatch)>,
    appends: Vec<(Vec<u64>, Appended)>,
}

impl Run {
    fn new() -> Self {
        let home = Home::new();
        let home = Home { options: SpoolOptions { segment_bytes: 500, ..home.options.clone() }, ..home };
        let lane = Some(home.lane());
        Self { home, lane, model: VecDeque::new(), appended: 0, batches: Vec::new(), appends: Vec::new() }
    }

    fn lane(&self) -> &Lane {
        self.lane.as_ref().unwrap()
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Append { records, context } => {
                let items = self.appended..self.appended + records;
                self.appended = items.end;
                let appended = append_at(self.lane(), CONTEXTS[context], items.clone(), START);
                self.model.extend(items.clone().map(|item| (context, item)));
                self.appends.insert(0, (items.collect(), appended));
            }
            Step::Read { records, bytes } => match self.lane().next(records, bytes) {
                None => assert!(self.model.is_empty(), "{:?} wait", self.model),
                Some(batch) => {
                    let read = numbers(&batch);
                    let expected: Vec<u64> = self.model.iter().take(read.len()).map(|(_, n)| *n).collect();
                    assert!(!read.is_empty() && read.len() <= records.max(1));
                    assert_eq!(read, expected);
                    assert!(self.model.iter().take(read.len()).all(|(c, _)| *batch.context == *CONTEXTS[*c]));
                    self.batches.insert(0, (read, batch));
                }
            },
            Step::Acknowledge { which } => {
                if let Some((numbers, batch)) = self.batches.get(which) {
                    let moved = self.lane().acknowledge(batch);
                    Self::check(&mut self.model, numbers, moved);
                }
            }
            Step::AcknowledgeAppended { which } => {
                if let Some((numbers, appended)) = self.appends.get(which) {
                    let moved = self.lane().acknowledge_appended(appended);
                    Self::check(&mut self.model, numbers, moved);
                }
            }
            Step::Sync => self.lane().sync().unwrap(),
            Step::Reopen => {
                self.lane = None;
                assert_eq!(self.model.is_empty(), self.home.files(".seg").is_empty());
                self.next_process();
            }
            Step::Crash => {
                self.home = self.home.after_crash();
                self.next_process();
            }
            Step::Tear { records, percent } => {
                let items = self.appended..self.appended + records;
                self.appended = items.end;
                append_at(self.lane(), b"torn", items.clone(), START);
                self.home = self.home.after_crash();
                let newest = self.home.files(".seg").pop().unwrap();
                let bytes = std::fs::read(&newest).unwrap();
                let size = |item: u64| 44 + payload(item).len();
                let written: usize = items.clone().map(size).sum();
                let kept = written * percent / 100;
                rewrite(&newest, &bytes[..bytes.len() - written + kept]);
                let whole = |item: &u64| (items.start..=*item).map(size).sum::<usize>() <= kept;
                self.model.extend(items.clone().take_while(whole).map(|item| (TORN, item)));
                self.next_process();
                // Of the record that was hit it is known how many items it stood for if its head is whole.
                let left = kept - items.clone().take_while(whole).map(size).sum::<usize>();
                let hit = items.clone().find(|item| !whole(item)).map_or(0, |item| u64::from(count(item)));
                let expected = [u64::from(left > 0), hit][usize::from(left >= 44)];
                assert_eq!(lost(&self.lane().take_lost(), Why::Corrupt), expected);
            }
        }
        let pending = self.lane().pending();
        assert_eq!(pending.records, self.model.len() as u64);
        assert_eq!(pending.items, self.model.iter().map(|(_, n)| u64::from(count(*n))).sum::<u64>());
    }

    fn next_process(&mut self) {
        self.lane = Some(self.home.lane());
        self.batches.clear();
        self.appends.clear();
    }

    /// An acknowledgement works if, and only if, the oldest record is among those acknowledged.
    fn check(model: &mut VecDeque<(usize, u64)>, numbers: &[u64], moved: bool) {
        let due = model.front().is_some_and(|(_, oldest)| numbers.contains(oldest));
        assert_eq!(moved, due, "{numbers:?} of {model:?}");
        while moved && model.front().is_some_and(|(_, n)| numbers.last().is_some_and(|last| n <= last)) {
            model.pop_front();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_missing_and_the_order_is_kept(steps in steps()) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step);
        }
        let rest: Vec<u64> = run.model.iter().map(|(_, n)| *n).collect();
        prop_assert_eq!(drain(run.lane(), 5), rest);
        prop_assert_eq!(run.lane().take_lost(), vec![]);
        run.lane = None;
        prop_assert!(run.home.processes().iter().all(|p| p.join(".lock").exists()));
    }
}
