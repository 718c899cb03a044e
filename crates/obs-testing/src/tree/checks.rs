//! [`single_root`] and [`no_orphans`]: checks of the shape of a trace.

use std::collections::HashSet;

use opentelemetry_proto::tonic::trace::v1::Span;

/// What is wrong with the shape of a set of spans.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Not exactly one span is without a parent.
    #[error("expected one root span, found {}: {names:?}", names.len())]
    Roots {
        /// The names of the spans without a parent, in start order.
        names: Vec<String>,
    },
    /// A span names a parent that is not among the spans.
    #[error("span {name:?} has parent {parent}, which is not among the spans")]
    Orphan {
        /// The span's name.
        name: String,
        /// The parent's id in hexadecimal.
        parent: String,
    },
    /// Two spans of one trace have the same id.
    #[error("span id {id} occurs twice in one trace")]
    Duplicate {
        /// The id in hexadecimal.
        id: String,
    },
}

/// The one span without a parent.
pub fn single_root(spans: &[Span]) -> Result<&Span, TreeError> {
    let order = in_start_order(spans);
    let roots: Vec<&Span> = order.into_iter().map(|at| &spans[at]).filter(|span| is_root(span)).collect();
    match roots.as_slice() {
        [root] => Ok(root),
        _ => Err(TreeError::Roots { names: roots.iter().map(|span| span.name.clone()).collect() }),
    }
}

/// Checks that every parent named is among the spans of the same trace and that no id occurs twice.
pub fn no_orphans(spans: &[Span]) -> Result<(), TreeError> {
    let mut ids = HashSet::new();
    for span in spans {
        if !ids.insert(id(span)) {
            return Err(TreeError::Duplicate { id: hex(&span.span_id) });
        }
    }
    let orphan = spans.iter().find(|span| !is_root(span) && !ids.contains(&parent(span)));
    orphan.map_or(Ok(()), |span| {
        Err(TreeError::Orphan { name: span.name.clone(), parent: hex(&span.parent_span_id) })
    })
}

fn in_start_order(spans: &[Span]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&at| spans[at].start_time_unix_nano);
    order
}

fn is_root(span: &Span) -> bool {
    span.parent_span_id.iter().all(|byte| *byte == 0)
}

fn id(span: &Span) -> (&[u8], &[u8]) {
    (&span.trace_id, &span.span_id)
}

fn parent(span: &Span) -> (&[u8], &[u8]) {
    (&span.trace_id, &span.parent_span_id)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::{TreeError, no_orphans, single_root};
    use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};

    pub(crate) fn span(id: u8, parent: u8, start: u64, name: &str) -> Span {
        let parent_span_id = if parent == 0 { Vec::new() } else { vec![parent; 8] };
        Span {
            trace_id: vec![7; 16],
            span_id: vec![id; 8],
            parent_span_id,
            start_time_unix_nano: start,
            name: name.to_owned(),
            kind: SpanKind::Internal as i32,
            ..Span::default()
        }
    }

    #[test]
    fn one_root_with_everything_below_it_passes() {
        let spans = [span(3, 1, 30, "score"), span(2, 3, 20, "load"), span(1, 0, 10, "run")];
        assert_eq!(single_root(&spans).unwrap().name, "run");
        assert_eq!(no_orphans(&spans), Ok(()));
    }

    #[test]
    fn an_orphan_is_named_with_the_parent_it_lacks() {
        let orphan = TreeError::Orphan { name: "lost".to_owned(), parent: "09".repeat(8) };
        assert_eq!(no_orphans(&[span(3, 9, 7, "lost"), span(4, 0, 8, "run")]), Err(orphan));
    }

    #[test]
    fn no_root_two_roots_and_repeated_ids_are_errors() {
        assert_eq!(single_root(&[]), Err(TreeError::Roots { names: Vec::new() }));
        let twice = [span(1, 0, 2, "late"), span(1, 0, 1, "early")];
        let names = vec!["early".to_owned(), "late".to_owned()];
        assert_eq!(single_root(&twice), Err(TreeError::Roots { names }));
        assert_eq!(no_orphans(&twice), Err(TreeError::Duplicate { id: "01".repeat(8) }));
    }

    #[test]
    fn a_parent_in_another_trace_does_not_count() {
        let mut other = span(2, 1, 2, "child");
        other.trace_id = vec![8; 16];
        let spans = [span(1, 0, 1, "run"), other];
        assert!(no_orphans(&spans).is_err());
    }
}
