//! [`Floor`]: what no tracer gets below: ids, two readings of the cycle counter, a record in memory of the thread.

use crate::Answer;
use crate::spans::library::{Delivered, Library, PAIRS, SPANS, TEXT};
use fastant::Instant;
use std::cell::RefCell;
use std::hint::black_box;
use std::ops::Range;

/// Spans a thread keeps; the next one takes the place of the oldest.
const RECORDS: usize = 4096;

/// Writes plain records into a ring of its thread; nothing reads them.
#[derive(Debug, Default)]
pub(in crate::spans) struct Floor {
    arrived: Delivered,
}

/// A span with as much in it as the other candidates have.
#[derive(Debug)]
#[expect(dead_code, reason = "written to be written")]
struct Record {
    trace_id: u128,
    span_id: u64,
    parent: u64,
    name: &'static str,
    start: Instant,
    end: Instant,
    attributes: [(&'static str, Value); 2],
}

#[derive(Debug)]
#[expect(dead_code, reason = "written to be written")]
enum Value {
    Integer(u64),
    Text(&'static str),
}

thread_local! {
    static RING: RefCell<(usize, Vec<Record>)> = RefCell::new((0, Vec::with_capacity(RECORDS)));
}

fn keep(record: Record) {
    RING.with_borrow_mut(|(next, ring)| {
        if ring.len() < RECORDS {
            ring.push(record);
        } else {
            ring[*next % RECORDS] = record;
        }
        *next += 1;
    });
}

fn child(trace_id: u128, parent: u64, name: &'static str, attributes: [(&'static str, Value); 2]) {
    let (span_id, start) = (fastrand::u64(1..), Instant::now());
    keep(Record { trace_id, span_id, parent, name, start, end: Instant::now(), attributes });
}

impl Library for Floor {
    fn traces(&self, numbers: Range<u64>) {
        let traces = numbers.end - numbers.start;
        for number in numbers {
            let (trace_id, root, start) = (fastrand::u128(1..), fastrand::u64(1..), Instant::now());
            for pair in 0..PAIRS {
                let n = black_box(number + pair);
                let fit = [("n_samples", Value::Integer(n)), ("detector", Value::Text(black_box(TEXT)))];
                child(trace_id, root, "fit.pca", fit);
                let score = [("n_rows", Value::Integer(n)), ("detector", Value::Text(black_box(TEXT)))];
                child(trace_id, root, "score.pca", score);
            }
            keep(Record {
                trace_id,
                span_id: root,
                parent: 0,
                name: "pipeline.run",
                start,
                end: Instant::now(),
                attributes: [
                    ("n_chunks", Value::Integer(number)),
                    ("equipment", Value::Text(black_box(TEXT))),
                ],
            });
        }
        self.arrived.add((traces * SPANS) as usize);
    }

    fn flush(&self) -> Answer<()> {
        Ok(())
    }

    fn delivered(&self) -> u64 {
        self.arrived.count()
    }
}
