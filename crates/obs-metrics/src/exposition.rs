//! The text formats a scraper reads: `OpenMetrics` 1.0 and Prometheus text 0.0.4, written from a [`Snapshot`].
//!
//! Formats: <https://prometheus.io/docs/specs/om/open_metrics_spec/> and
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use crate::exemplar::Exemplar;
use crate::snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Snapshot, Value};
use std::fmt::{self, Write};

/// `OpenMetrics` 1.0: units, exemplars, `# EOF`.
pub fn openmetrics(snapshot: &Snapshot) -> String {
    let mut out = write_all(snapshot, Dialect::OpenMetrics);
    out.push_str("# EOF\n");
    out
}

/// Prometheus text 0.0.4: what every scraper reads; without units and exemplars, infos as gauges.
pub fn text(snapshot: &Snapshot) -> String {
    write_all(snapshot, Dialect::Text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    OpenMetrics,
    Text,
}

fn write_all(snapshot: &Snapshot, dialect: Dialect) -> String {
    let mut out = Out { text: String::with_capacity(128 * snapshot.series() as usize), dialect };
    for family in &snapshot.families {
        // Writing into a string does not fail.
        let _ = out.family(family);
    }
    out.text
}

struct Out {
    text: String,
    dialect: Dialect,
}

impl Out {
    fn family(&mut self, family: &FamilySnapshot) -> fmt::Result {
        let open = self.dialect == Dialect::OpenMetrics;
        let suffix = match family.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        // OpenMetrics describes the family, text the series by its full name.
        let (described, kind) = match (open, family.kind) {
            (true, kind) => (family.name.clone(), kind.as_str()),
            (false, Kind::Info) => (format!("{}{suffix}", family.name), "gauge"),
            (false, kind) => (format!("{}{suffix}", family.name), kind.as_str()),
        };
        write!(self.text, "# HELP {described} ")?;
        escape(&mut self.text, &family.help, open);
        write!(self.text, "\n# TYPE {described} {kind}\n")?;
        if open && !family.unit.is_empty() {
            writeln!(self.text, "# UNIT {described} {}", family.unit)?;
        }
        for series in &family.series {
            match &series.value {
                Value::Counter { total, exemplar } => {
                    self.sample(&family.name, suffix, &series.labels, None, *total)?;
                    self.end(exemplar.as_ref())?;
                }
                Value::Gauge(value) => {
                    self.sample(&family.name, suffix, &series.labels, None, *value)?;
                    self.end(None)?;
                }
                Value::Info => {
                    self.sample(&family.name, suffix, &series.labels, None, 1.0)?;
                    self.end(None)?;
                }
                Value::Histogram(histogram) => self.histogram(&family.name, &series.labels, histogram)?,
            }
        }
        Ok(())
    }

    fn histogram(&mut self, name: &str, labels: &Labels, histogram: &HistogramValue) -> fmt::Result {
        let mut cumulative = 0;
        let bounds = histogram.bounds.iter().copied().chain([f64::INFINITY]);
        for ((bound, count), exemplar) in bounds.zip(&histogram.counts).zip(&histogram.exemplars) {
            cumulative += count;
            self.sample(name, "_bucket", labels, Some(bound), cumulative as f64)?;
            self.end(exemplar.as_ref())?;
        }
        self.sample(name, "_sum", labels, None, histogram.sum)?;
        self.end(None)?;
        self.sample(name, "_count", labels, None, cumulative as f64)?;
        self.end(None)
    }

    /// A line up to its value.
    fn sample(
        &mut self,
        name: &str,
        suffix: &str,
        labels: &Labels,
        bound: Option<f64>,
        value: f64,
    ) -> fmt::Result {
        self.text.push_str(name);
        self.text.push_str(suffix);
        let mut separator = '{';
        for (label, value) in labels.iter() {
            write!(self.text, "{separator}{label}=\"")?;
            escape(&mut self.text, value, true);
            self.text.push('"');
            separator = ',';
        }
        if let Some(bound) = bound {
            write!(self.text, "{separator}le=\"")?;
            self.bound(bound)?;
            self.text.push('"');
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        self.text.push(' ');
        number(&mut self.text, value)
    }

    /// A bound of a bucket; `OpenMetrics` writes whole numbers as `1.0`.
    fn bound(&mut self, bound: f64) -> fmt::Result {
        number(&mut self.text, bound)?;
        if self.dialect == Dialect::OpenMetrics && bound.fract() == 0.0 && bound.abs() < LARGE {
            self.text.push_str(".0");
        }
        Ok(())
    }

    /// The end of a line, with its exemplar where the format has them.
    fn end(&mut self, exemplar: Option<&Exemplar>) -> fmt::Result {
        if self.dialect == Dialect::OpenMetrics
            && let Some(e) = exemplar
        {
            write!(self.text, " # {{trace_id=\"{}\",span_id=\"{}\"", e.trace_id, e.span_id)?;
            if let Some(run) = e.run_id {
                write!(self.text, ",run_id=\"{run}\"")?;
            }
            self.text.push_str("} ");
            number(&mut self.text, e.value)?;
            write!(self.text, " {}.{:03}", e.time / 1_000_000_000, e.time / 1_000_000 % 1000)?;
        }
        self.text.push('\n');
        Ok(())
    }
}

const LARGE: f64 = 1e17;
const SMALL: f64 = 1e-5;

/// The shortest digits that read back as the same number, with an exponent where plain digits would run long.
fn number(out: &mut String, value: f64) -> fmt::Result {
    if value.is_infinite() {
        out.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else if value != 0.0 && !(SMALL..LARGE).contains(&value.abs()) {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    }
}

/// Backslash and line feed always, quotes where the place has them around it.
fn escape(out: &mut String, text: &str, quotes: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers and unchanged values compare exactly")]
mod tests;
