//! [`ConsoleSink`]: finished spans as lines for people.

use crate::batch::SpanBatch;
use crate::record::{SpanRecord, Status};
use crate::value::Value;
use obs_core::DropReason;
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

/// Prints each finished span as one line:
///
/// ```text
/// 2026-11-27T10:30:00.123456Z    12.400 ms  internal  fit.pca  trace=4bf9… span=00f0… parent=83ab…  acm.n_samples=1500
/// ```
///
/// The time is that of the start, in UTC. Then come the attributes that the program set, `events=` with the number of events
/// if there are any, and what went wrong. Control characters in texts are escaped, so that a line stays one.
pub struct ConsoleSink {
    out: Box<dyn Write + Send>,
}

impl std::fmt::Debug for ConsoleSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsoleSink").finish_non_exhaustive()
    }
}

impl ConsoleSink {
    /// Prints to standard output.
    pub fn stdout() -> Self {
        Self::new(io::stdout())
    }

    /// Prints to `out`.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out) }
    }
}

/// A record is the lines of its spans.
struct Lines;

impl Encoder<SpanBatch> for Lines {
    fn encode(&self, batch: &SpanBatch, record: &mut Vec<u8>) {
        for span in batch.spans() {
            record.extend_from_slice(line(&span).as_bytes());
        }
    }
}

impl Sink<SpanBatch> for ConsoleSink {
    fn name(&self) -> &'static str {
        "console"
    }

    fn encoder(&self) -> Arc<dyn Encoder<SpanBatch>> {
        Arc::new(Lines)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let print = |out: &mut dyn Write| {
            batch.records.iter().try_for_each(|record| out.write_all(record.bytes))?;
            out.flush()
        };
        match print(&mut self.out) {
            Ok(()) => Outcome::Delivered,
            Err(e) => Outcome::Refused { reason: DropReason::WriteFailed, message: format!("console: {e}") },
        }
    }
}

fn line(span: &SpanRecord) -> String {
    let start = jiff::Timestamp::from_nanosecond(i128::from(span.start)).unwrap_or_default();
    let mut line = format!(
        "{start:.6} {:>10.3} ms  {:8}  {}  trace={} span={}",
        span.seconds() * 1e3,
        span.kind.as_str(),
        span.name.escape_debug(),
        span.trace_id,
        span.span_id,
    );
    if let Some(parent) = span.parent {
        let _ = write!(line, " parent={parent}");
    }
    for (key, value) in span.own_attributes() {
        let _ = write!(line, "  {}=", key.escape_debug());
        write_value(&mut line, value);
    }
    if !span.events.is_empty() {
        let _ = write!(line, "  events={}", span.events.len());
    }
    if let Status::Error(message) = &span.status {
        let _ = write!(line, "  error: {}", message.escape_debug());
    }
    line.push('\n');
    line
}

fn write_value(line: &mut String, value: &Value<'_>) {
    let _ = match value {
        Value::Str(text) => write!(line, "{}", text.escape_debug()),
        Value::I64(n) => write!(line, "{n}"),
        Value::F64(x) => write!(line, "{x}"),
        Value::Bool(b) => write!(line, "{b}"),
        Value::Array(values) => {
            line.push('[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    line.push(',');
                }
                write_value(line, value);
            }
            line.write_char(']')
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tracer, span};
    use obs_core::{Clock, Diag, Ids, Ledger, Signal};
    use obs_export::{Engine, Limits};
    use std::sync::Mutex;
    use std::time::Duration;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// CORE-10
    #[test]
    fn each_span_is_one_line_whatever_its_texts() {
        let (out, clock, ledger) =
            (Shared::default(), Clock::manual(1_700_000_000_000_000_000), Arc::<Ledger>::default());
        let engine = Engine::new(Arc::clone(&ledger), Clock::system(), Diag::stderr());
        let sink = ConsoleSink::new(out.clone());
        let stream = engine.stream(Signal::Trace, vec![Box::new(sink)], Limits::default());
        let tracer =
            Tracer::builder().clock(clock.clone()).ids(Ids::sequential()).export(ledger, stream).build();
        {
            let _run = span!(tracer, "pipeline.run");
            let mut fit = span!(tracer, "fit.pca", n_samples = 1500, path = "a\nb\u{0}");
            clock.advance(Duration::from_micros(12_400));
            fit.event("tick", &[]);
            fit.error("no \"data\"");
        }
        tracer.close();
        assert!(engine.shutdown(Duration::from_secs(10)).is_clean());
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "2023-11-14T22:13:20.000000Z     12.400 ms  internal  fit.pca  \
                 trace=00000000000000000000000000000001 span=0000000000000003 parent=0000000000000002  \
                 acm.n_samples=1500  acm.path=a\\nb\\0  events=1  error: no \\\"data\\\"",
                "2023-11-14T22:13:20.000000Z     12.400 ms  server    pipeline.run  \
                 trace=00000000000000000000000000000001 span=0000000000000002",
            ]
        );
    }
}
