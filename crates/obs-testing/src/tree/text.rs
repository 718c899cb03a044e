//! [`span_tree`]: a tree as text.

use super::forest::Forest;
use super::span::{TreeSpan, kind_text};
use std::fmt::Write;

/// Prints spans as an indented tree: one line `name [kind]` each, two spaces a level, siblings in start order
/// (input order where starts are equal).
///
/// A span whose parent is not among the spans stands at the left with ` (orphan)` behind it, or ` (remote parent)` where the
/// span says so; spans that are each other's ancestors come last, from the earliest, with ` (cycle)`. No span is left out.
/// Traces are not separated. Every line is ended.
pub fn span_tree(spans: &[impl TreeSpan]) -> String {
    let forest = Forest::of(spans);
    let mut text = String::new();
    for (root, why) in &forest.roots {
        forest.walk(*root, |at, depth| {
            let (span, mark) = (&spans[at], if depth == 0 { why.mark() } else { "" });
            // Writing to a string does not fail.
            let _ =
                writeln!(text, "{}{} [{}]{mark}", "  ".repeat(depth), span.name(), kind_text(span.kind()));
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::checks::tests::span;
    use super::*;

    #[test]
    fn siblings_stand_in_start_order_below_their_parent() {
        let spans =
            [span(3, 1, 30, "score"), span(4, 3, 31, "fit"), span(2, 1, 20, "load"), span(1, 0, 10, "run")];
        let expected = "run [internal]\n  load [internal]\n  score [internal]\n    fit [internal]\n";
        assert_eq!(span_tree(&spans), expected);
    }

    #[test]
    fn orphans_and_cycles_are_marked_and_never_lost() {
        let spans = [span(1, 2, 5, "a"), span(2, 1, 6, "b"), span(3, 9, 7, "lost"), span(4, 0, 8, "run")];
        let expected = "lost [internal] (orphan)\nrun [internal]\na [internal] (cycle)\n  b [internal]\n";
        assert_eq!(span_tree(&spans), expected);
        let own_parent = [span(1, 1, 5, "a")];
        assert_eq!(span_tree(&own_parent), "a [internal] (cycle)\n");
    }

    #[test]
    fn a_parent_in_another_trace_does_not_count() {
        let mut other = span(2, 1, 2, "child");
        other.trace_id = vec![8; 16];
        assert_eq!(
            span_tree(&[span(1, 0, 1, "run"), other.clone()]),
            "run [internal]\nchild [internal] (orphan)\n"
        );
        other.flags = 0x300;
        assert_eq!(span_tree(&[other]), "child [internal] (remote parent)\n");
    }
}
