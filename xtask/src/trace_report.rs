//! `cargo xtask trace-report FILE`: how the spans of an OTLP JSON file divide among kinds and categories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use obs_core::names::{SpanKind, prefix};
use serde::Deserialize;

use crate::repo::{Unreadable, unreadable};
use crate::said::{Said, counted};

/// Options of `cargo xtask trace-report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// OTLP JSON: one object, or one a line as the OpenTelemetry Collector writes them
    file: PathBuf,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] Unreadable),
    /// It is something else.
    #[error("{} is not OTLP JSON with `resourceSpans`", path.display())]
    Json {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    /// It holds no span.
    #[error("{} holds no span", path.display())]
    Empty { path: PathBuf },
}

/// The parts of `opentelemetry.proto.trace.v1.TracesData` that the report needs. JSON writers leave out what is empty.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Traces {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    #[serde(default)]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Debug, Deserialize)]
struct ScopeSpans {
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    #[serde(default)]
    trace_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: Kind,
}

/// OTLP JSON writes enums as numbers; general protobuf JSON writes their names.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Kind {
    Number(u32),
    Name(String),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Kind {
    /// One of the five; `None` for a span without a kind.
    fn known(&self) -> Option<SpanKind> {
        SpanKind::ALL.into_iter().find(|kind| match self {
            Self::Number(number) => kind.otlp() == *number,
            Self::Name(name) => {
                name.strip_prefix("SPAN_KIND_").is_some_and(|name| name.eq_ignore_ascii_case(kind.as_str()))
            }
        })
    }
}

/// Runs the task; not good when one of the five kinds is missing.
pub(crate) fn run(args: &Args) -> Result<Said, Error> {
    let path = &args.file;
    let text = fs::read(path).map_err(unreadable(path))?;
    let spans = parse(&text).map_err(|source| Error::Json { path: path.clone(), source })?;
    if spans.is_empty() {
        return Err(Error::Empty { path: path.clone() });
    }
    Ok(report(path, &spans))
}

/// Every span of one or several JSON objects.
fn parse(text: &[u8]) -> Result<Vec<Span>, serde_json::Error> {
    let mut spans = Vec::new();
    for traces in serde_json::Deserializer::from_slice(text).into_iter::<Traces>() {
        for scope in traces?.resource_spans.into_iter().flat_map(|resource| resource.scope_spans) {
            spans.extend(scope.spans);
        }
    }
    Ok(spans)
}

fn report(path: &Path, spans: &[Span]) -> Said {
    let traces: BTreeSet<&str> = spans.iter().map(|span| span.trace_id.as_str()).collect();
    let mut kinds: BTreeMap<Option<SpanKind>, usize> = SpanKind::ALL.map(|kind| (Some(kind), 0)).into();
    let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
    for span in spans {
        *kinds.entry(span.kind.known()).or_default() += 1;
        *categories.entry(prefix(&span.name)).or_default() += 1;
    }
    let missing: Vec<&str> =
        SpanKind::ALL.into_iter().filter(|kind| kinds[&Some(*kind)] == 0).map(SpanKind::as_str).collect();

    let (spans_read, traces) = (counted(spans.len(), "span"), counted(traces.len(), "trace"));
    let mut text = format!("{}: {spans_read} of {traces}\n\n", path.display());
    let kind_name = |kind: Option<SpanKind>| {
        kind.map_or("unspecified".to_owned(), |kind| format!("{} ({})", kind.as_str(), kind.colour()))
    };
    table(&mut text, "kind", kinds.into_iter().map(|(kind, n)| (kind_name(kind), n)), spans.len());
    text.push('\n');
    table(&mut text, "category", categories.into_iter().map(|(c, n)| (c.to_owned(), n)), spans.len());
    text.push('\n');
    if missing.is_empty() {
        text.push_str("all five kinds occur\n");
    } else {
        let _ = writeln!(text, "missing: no span of kind {}", missing.join(", "));
    }
    Said { text, good: missing.is_empty() }
}

/// Lines of count and share, most first.
fn table(text: &mut String, title: &str, counts: impl Iterator<Item = (String, usize)>, total: usize) {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let width =
        counts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default().max(title.len());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{title:width$}  spans    share");
    for (name, count) in counts {
        let share = 100.0 * count as f64 / total as f64;
        let _ = writeln!(text, "{name:width$}  {count:>5}  {share:>5.1} %");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, Args) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trace.otlp.json");
        fs::write(&file, text).unwrap();
        (folder, Args { file })
    }

    /// What was said, line by line, however wide its columns are.
    fn lines(said: &Said) -> Vec<String> {
        said.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    fn otlp(spans: &[(&str, &str)]) -> String {
        let spans: Vec<String> = spans
            .iter()
            .map(|(name, kind)| format!(r#"{{"traceId":"0a","name":"{name}","kind":{kind}}}"#))
            .collect();
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(","))
    }

    /// NAME-16
    #[test]
    fn shares_of_kinds_and_categories_are_told() {
        let text = otlp(&[
            ("fit.pca", "1"),
            ("fit.gmm", "1"),
            ("startup", "2"),
            ("sql.insert", "3"),
            ("data.validate", "4"),
            ("fusion", "\"SPAN_KIND_CONSUMER\""),
            ("fit.ar1", "1"),
            ("fit.omr", "1"),
        ]);
        let (_folder, args) = file(&text);
        let said = run(&args).unwrap();
        assert!(said.good, "{}", said.text);
        assert!(said.text.contains(": 8 spans of 1 trace\n"), "{}", said.text);
        for words in [
            "internal (green) 4 50.0 %",
            "consumer (yellow) 1 12.5 %",
            "fit 4 50.0 %",
            "all five kinds occur",
        ] {
            assert!(lines(&said).iter().any(|line| line == words), "{words:?} in {}", said.text);
        }
    }

    /// NAME-16
    #[test]
    fn missing_kinds_are_named_and_fail() {
        let (_folder, args) = file(&otlp(&[("fit.pca", "1"), ("load.data", "3"), ("odd", "9")]));
        let said = run(&args).unwrap();
        assert!(!said.good);
        assert!(
            said.text.ends_with("missing: no span of kind server, producer, consumer\n"),
            "{}",
            said.text
        );
        assert!(lines(&said).iter().any(|line| line == "unspecified 1 33.3 %"), "{}", said.text);
    }

    #[test]
    fn a_file_of_one_object_a_line_is_one_report() {
        let text = format!("{}\n{}\n", otlp(&[("fit.pca", "1")]), otlp(&[("startup", "2")]));
        let (_folder, args) = file(&text);
        assert!(run(&args).unwrap().text.contains(": 2 spans of 1 trace"));
    }

    #[test]
    fn a_file_that_is_no_trace_is_one_error_that_names_it() {
        for (text, told) in [
            ("", "holds no span"),
            (r#"{"resourceSpans":[]}"#, "holds no span"),
            (r#"{"resourceMetrics":[]}"#, "is not OTLP JSON"),
            ("[1, 2", "is not OTLP JSON"),
            ("\u{feff}{}", "is not OTLP JSON"),
        ] {
            let (_folder, args) = file(text);
            let error = run(&args).unwrap_err().to_string();
            assert!(error.contains("trace.otlp.json") && error.contains(told), "{error}");
        }
        let gone = Args { file: "nowhere.json".into() };
        assert_eq!(run(&gone).unwrap_err().to_string(), "cannot read nowhere.json");
    }
}
