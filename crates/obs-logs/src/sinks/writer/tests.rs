//! Tests of `writer`.

use std::io;
use std::sync::{Arc, Mutex};

use super::*;
use crate::testing::lines;
use obs_export::sink::send_items;

/// Takes `room` bytes, then fails.
#[derive(Clone)]
struct Narrow {
    taken: Arc<Mutex<Vec<u8>>>,
    room: Arc<Mutex<usize>>,
    error: ErrorKind,
}

impl Narrow {
    fn new(room: usize, error: ErrorKind) -> Self {
        Self { taken: Arc::default(), room: Arc::new(Mutex::new(room)), error }
    }

    fn text(&self) -> String {
        String::from_utf8(self.taken.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut room = self.room.lock().unwrap();
        let n = bytes.len().min(*room);
        if n == 0 {
            return Err(self.error.into());
        }
        *room -= n;
        self.taken.lock().unwrap().extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn three() -> Vec<LogLine> {
    lines(|logs| (0..3).for_each(|i| slog::info!(logs.root(), "line"; "i" => i)))
}

#[test]
fn json_goes_out_line_by_line() {
    let out = Narrow::new(usize::MAX, ErrorKind::Other);
    let mut sink = WriterSink::to("stdout", Box::new(out.clone()), Format::Json);
    let lines = three();
    assert_eq!(send_items(&mut sink, &lines.iter().collect::<Vec<_>>()), Outcome::Delivered);
    let text = out.text();
    let written: Vec<_> = text.lines().collect();
    assert_eq!(written, lines.iter().map(LogLine::json).collect::<Vec<_>>());
    assert!(text.ends_with('\n'));
}

#[test]
fn lines_before_a_failure_are_delivered_and_the_torn_one_is_ended() {
    let lines = three();
    let out = Narrow::new(lines[0].json().len() + 11, ErrorKind::BrokenPipe);
    let mut sink = WriterSink::to("stdout", Box::new(out.clone()), Format::Json);
    let batch: Vec<_> = lines.iter().collect();
    let Outcome::Partial { refused, reason, .. } = send_items(&mut sink, &batch) else {
        panic!("not partial")
    };
    assert_eq!((refused, reason), (vec![1, 2], DropReason::WriteFailed));

    *out.room.lock().unwrap() = usize::MAX;
    assert_eq!(send_items(&mut sink, &batch[2..]), Outcome::Delivered);
    let text = out.text();
    let written: Vec<_> = text.lines().collect();
    assert_eq!(written, [lines[0].json(), &lines[1].json()[..10], lines[2].json()]);
}

#[test]
fn a_closed_pipe_refuses_and_a_full_disk_tries_again() {
    let lines = three();
    let batch: Vec<_> = lines.iter().collect();
    let closed = Narrow::new(0, ErrorKind::BrokenPipe);
    let mut sink = WriterSink::to("stdout", Box::new(closed), Format::Json);
    assert!(matches!(
        send_items(&mut sink, &batch),
        Outcome::Refused { reason: DropReason::WriteFailed, .. }
    ));
    let full = Narrow::new(0, ErrorKind::StorageFull);
    let mut sink = WriterSink::to("file", Box::new(full), Format::Json);
    assert!(matches!(send_items(&mut sink, &batch), Outcome::Retry { .. }));
}
