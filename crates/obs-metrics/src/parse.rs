//! Reads an exposition back: `OpenMetrics` as prometheus-client writes it, and both formats that are written here.

use crate::exemplar::Exemplar;
use crate::name;
use crate::snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Series, Value};
use std::collections::HashMap;

/// A line that is not one of an exposition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the exposition is not valid: expected {expected}, found `{text}`")]
pub(crate) struct ParseError {
    line: usize,
    expected: &'static str,
    text: String,
}

/// Families in the order of the text. Timestamps of samples are not looked at; units are read off the names.
pub(crate) fn parse(text: &str) -> Result<Vec<FamilySnapshot>, ParseError> {
    let mut families: Vec<Building> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        take_line(&mut families, line).map_err(|expected| ParseError {
            line: number + 1,
            expected,
            text: line.chars().take(120).collect(),
        })?;
    }
    Ok(families.into_iter().map(Building::finish).collect())
}

fn take_line(families: &mut Vec<Building>, line: &str) -> Result<(), &'static str> {
    if line.is_empty() {
        return Ok(());
    }
    let Some(comment) = line.strip_prefix("# ") else {
        let sample = Sample::parse(line)?;
        let family = families.last_mut().ok_or("a `# TYPE` line before samples")?;
        return family.take(sample);
    };
    let mut words = comment.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("HELP"), Some(name), help) => {
            described(families, name).help = unescape(help.unwrap_or_default());
        }
        (Some("TYPE"), Some(name), Some(kind)) => {
            described(families, name).kind = match kind {
                "counter" => Kind::Counter,
                "gauge" | "unknown" | "untyped" => Kind::Gauge,
                "histogram" => Kind::Histogram,
                "info" => Kind::Info,
                _ => return Err("counter, gauge, histogram, info or unknown"),
            };
        }
        _ => {}
    }
    Ok(())
}

fn described<'a>(families: &'a mut Vec<Building>, name: &str) -> &'a mut Building {
    if families.last().is_none_or(|f| f.name != name) {
        families.push(Building::new(name));
    }
    let last = families.len() - 1;
    &mut families[last]
}

/// A family whose lines are being read.
struct Building {
    /// As the comments write it: text writes `x_total` where `OpenMetrics` writes `x`.
    name: String,
    help: String,
    kind: Kind,
    series: Vec<Series>,
    by_labels: HashMap<Vec<(String, String)>, usize>,
    /// Cumulative counts per bucket, of the histogram series with this index.
    buckets: HashMap<usize, Vec<(f64, u64, Option<Exemplar>)>>,
}

impl Building {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            help: String::new(),
            kind: Kind::Gauge,
            series: Vec::new(),
            by_labels: HashMap::new(),
            buckets: HashMap::new(),
        }
    }

    fn take(&mut self, sample: Sample) -> Result<(), &'static str> {
        let suffix =
            sample.name.strip_prefix(self.name.as_str()).ok_or("a sample of the family described above")?;
        let value = match (self.kind, suffix) {
            (Kind::Counter, "" | "_total") => {
                Value::Counter { total: sample.value, exemplar: sample.exemplar }
            }
            (Kind::Gauge, "") => Value::Gauge(sample.value),
            (Kind::Info, "" | "_info") => Value::Info,
            (Kind::Histogram, "_bucket" | "_sum" | "_count") => return self.take_histogram(sample),
            (_, "_created") => return Ok(()),
            _ => return Err("a sample with a suffix of its type"),
        };
        self.series.push(Series { labels: Labels::new(sample.labels), value });
        Ok(())
    }

    fn take_histogram(&mut self, mut sample: Sample) -> Result<(), &'static str> {
        let le = sample.labels.iter().position(|(k, _)| k == "le").map(|i| sample.labels.remove(i).1);
        let series = &mut self.series;
        let index = *self.by_labels.entry(sample.labels.clone()).or_insert_with(|| {
            let empty = HistogramValue { bounds: [].into(), counts: vec![], sum: 0.0, exemplars: vec![] };
            series.push(Series { labels: Labels::new(sample.labels), value: Value::Histogram(empty) });
            series.len() - 1
        });
        if let Some(le) = le {
            let bound = number(&le).ok_or("a number as `le`")?;
            self.buckets.entry(index).or_default().push((bound, sample.value as u64, sample.exemplar));
        } else if sample.name.ends_with("_sum")
            && let Value::Histogram(histogram) = &mut self.series[index].value
        {
            histogram.sum = sample.value;
        }
        Ok(())
    }

    fn finish(mut self) -> FamilySnapshot {
        for (index, buckets) in self.buckets {
            if let Value::Histogram(histogram) = &mut self.series[index].value {
                histogram.bounds = buckets.iter().map(|b| b.0).filter(|b| b.is_finite()).collect();
                let below = std::iter::once(0).chain(buckets.iter().map(|b| b.1));
                histogram.counts =
                    buckets.iter().zip(below).map(|(b, below)| b.1.saturating_sub(below)).collect();
                histogram.exemplars = buckets.into_iter().map(|b| b.2).collect();
            }
        }
        if self.kind == Kind::Counter
            && let Some(plain) = self.name.strip_suffix("_total")
        {
            self.name = plain.to_owned();
        }
        let unit = name::unit(&self.name);
        FamilySnapshot { name: self.name, help: self.help, unit, kind: self.kind, series: self.series }
    }
}

struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
    exemplar: Option<Exemplar>,
}

impl Sample {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let end = line.find(['{', ' ']).ok_or("a name and a value")?;
        let (name, rest) = line.split_at(end);
        let (labels, rest) = labels(rest)?;
        let (value, exemplar) = match rest.split_once(" # ") {
            Some((value, exemplar)) => (value, self::exemplar(exemplar)?),
            None => (rest, None),
        };
        let value = value.split_ascii_whitespace().next().and_then(number).ok_or("a number as value")?;
        Ok(Self { name: name.to_owned(), labels, value, exemplar })
    }
}

/// An exemplar, if it is of the kind that is kept here: with a trace and a span.
fn exemplar(text: &str) -> Result<Option<Exemplar>, &'static str> {
    let (labels, rest) = labels(text)?;
    let label = |key: &str| labels.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let mut words = rest.split_ascii_whitespace();
    let value = words.next().and_then(number).ok_or("a number as value of the exemplar")?;
    let seconds = words.next().and_then(number).unwrap_or(0.0);
    let ids =
        label("trace_id").and_then(|t| t.parse().ok()).zip(label("span_id").and_then(|s| s.parse().ok()));
    Ok(ids.map(|(trace_id, span_id)| Exemplar {
        trace_id,
        span_id,
        run_id: label("run_id").and_then(|r| r.parse().ok()),
        value,
        // Three digits of a second are written; whole milliseconds are what is sure.
        time: (seconds * 1e3).round() as u64 * 1_000_000,
    }))
}

type Pairs = Vec<(String, String)>;

/// Labels in braces at the start of `text`, if there are any, and what follows them.
fn labels(text: &str) -> Result<(Pairs, &str), &'static str> {
    const EXPECTED: &str = "labels as `{name=\"value\"}`";
    let Some(mut rest) = text.strip_prefix('{') else { return Ok((Vec::new(), text)) };
    let mut pairs = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((pairs, rest));
        }
        let (key, after) = rest.trim_start_matches(',').split_once("=\"").ok_or(EXPECTED)?;
        let end = closing_quote(after).ok_or(EXPECTED)?;
        pairs.push((key.to_owned(), unescape(&after[..end])));
        rest = &after[end + 1..];
    }
}

/// Where the first quote without a backslash before it is.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    })
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_none_are_named_by_number() {
        for (text, line) in [
            ("x 1", 1),
            ("# TYPE x gauge\nx one", 2),
            ("# TYPE x gauge\ny 1", 2),
            ("# TYPE x gauge\nx{a=\"b} 1", 2),
            ("# TYPE x gauge\nx{a=\"b\" 1", 2),
            ("# TYPE x summary", 1),
            ("# TYPE x histogram\nx_bucket{le=\"high\"} 1", 2),
            ("# TYPE x counter\nx_bucket 1", 2),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("line {line} ")), "{text}: {error}");
        }
    }

    #[test]
    fn escapes_read_back() {
        let families = parse("# TYPE x gauge\nx{a=\"q\\\"b\\\\\",b=\"l\\n\"} 1\n").unwrap();
        assert_eq!(families[0].with(&["q\"b\\", "l\n"]).unwrap().value, Value::Gauge(1.0));
    }
}
