//! [`compare`]: spans against the tree that was expected, and [`TreeDiff`], what differs.

use super::expected::{ExpectedSpan, ExpectedTree};
use super::forest::{Forest, Root};
use super::span::{TreeSpan, kind_text};
use std::fmt;

/// How spans differ from the tree that was expected: both as one tree, lines that were expected alone marked `-`, lines that
/// are there alone `+`. `..` stands for others that may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeDiff {
    lines: Vec<String>,
}

impl std::error::Error for TreeDiff {}

impl fmt::Display for TreeDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the spans are not as expected (- expected, + got):\n{}", self.lines.join("\n"))
    }
}

/// Whether the spans form this tree. Siblings are in start order; where starts are equal, in the order of `spans`. A span
/// that is an orphan is never the one expected; one with a remote parent may be.
pub fn compare<S: TreeSpan>(spans: &[S], expected: &ExpectedTree) -> Result<(), TreeDiff> {
    let forest = Forest::of(spans);
    let got = Got { spans, forest: &forest };
    let roots: Vec<usize> = forest.roots.iter().map(|(at, _)| *at).collect();
    if got.are(expected, &roots) {
        return Ok(());
    }
    let mut diff = TreeDiff { lines: Vec::new() };
    got.tell(expected, &roots, 0, &mut diff);
    Err(diff)
}

/// What there is.
struct Got<'a, S> {
    spans: &'a [S],
    forest: &'a Forest,
}

/// How well an alignment fits: pairs that are alike with all below them, pairs of the same name.
type Fit = (usize, usize);

impl<S: TreeSpan> Got<'_, S> {
    fn mark(&self, at: usize) -> Root {
        self.forest.roots.iter().find(|(root, _)| *root == at).map_or(Root::True, |(_, why)| *why)
    }

    /// Whether a span is the one expected, without those below.
    fn is(&self, expected: &ExpectedSpan, at: usize) -> bool {
        expected.is(&self.spans[at]) && matches!(self.mark(at), Root::True | Root::Remote)
    }

    /// Whether a span is the one expected, with all below.
    fn is_whole(&self, expected: &ExpectedSpan, at: usize) -> bool {
        self.is(expected, at) && self.are(&expected.children, &self.forest.children[at])
    }

    /// Whether siblings are those expected.
    fn are(&self, expected: &ExpectedTree, got: &[usize]) -> bool {
        let mut rest = got.iter();
        let all = expected.spans.iter().all(|span| {
            if expected.others {
                rest.any(|at| self.is_whole(span, *at))
            } else {
                rest.next().is_some_and(|at| self.is_whole(span, *at))
            }
        });
        all && (expected.others || rest.next().is_none())
    }

    /// Pairs of places of what is expected and what there is, in order: as many as possible that are alike, then as many as
    /// possible of the same name.
    fn align(&self, expected: &[ExpectedSpan], got: &[usize]) -> Vec<(usize, usize)> {
        let fit = |e: usize, g: usize| -> Option<Fit> {
            if self.is_whole(&expected[e], got[g]) {
                Some((1, 1))
            } else {
                (expected[e].name == self.spans[got[g]].name()).then_some((0, 1))
            }
        };
        // The best fit of everything from `e` and `g` on.
        let mut best = vec![vec![(0, 0); got.len() + 1]; expected.len() + 1];
        let with = |best: &[Vec<Fit>], e: usize, g: usize| {
            let rest = best[e + 1][g + 1];
            fit(e, g).map(|fit| (fit.0 + rest.0, fit.1 + rest.1))
        };
        for e in (0..expected.len()).rev() {
            for g in (0..got.len()).rev() {
                let without = best[e + 1][g].max(best[e][g + 1]);
                best[e][g] = with(&best, e, g).map_or(without, |pair| pair.max(without));
            }
        }
        let (mut e, mut g) = (0, 0);
        let mut pairs = Vec::new();
        while e < expected.len() && g < got.len() {
            if with(&best, e, g) == Some(best[e][g]) {
                pairs.push((e, g));
                (e, g) = (e + 1, g + 1);
            } else if best[e + 1][g] == best[e][g] {
                e += 1;
            } else {
                g += 1;
            }
        }
        pairs
    }

    fn tell(&self, expected: &ExpectedTree, got: &[usize], depth: usize, diff: &mut TreeDiff) {
        let (mut e, mut g) = (0, 0);
        let end = (expected.spans.len(), got.len());
        for (pair_e, pair_g) in self.align(&expected.spans, got).into_iter().chain([end]) {
            expected.spans[e..pair_e].iter().for_each(|span| missing(span, depth, diff));
            if expected.others && g < pair_g {
                diff.push(' ', depth, "..");
            } else {
                got[g..pair_g].iter().for_each(|at| self.extra(*at, depth, diff));
            }
            if (pair_e, pair_g) != end {
                self.tell_pair(&expected.spans[pair_e], got[pair_g], depth, diff);
            }
            (e, g) = (pair_e + 1, pair_g + 1);
        }
    }

    fn tell_pair(&self, expected: &ExpectedSpan, at: usize, depth: usize, diff: &mut TreeDiff) {
        if self.is(expected, at) {
            diff.push(' ', depth, &expected.line());
        } else {
            diff.push('-', depth, &expected.line());
            diff.push('+', depth, &format!("{}{}", expected.line_of(&self.spans[at]), self.mark(at).mark()));
        }
        self.tell(&expected.children, &self.forest.children[at], depth + 1, diff);
    }

    /// A span that was not expected, and all below it.
    fn extra(&self, at: usize, depth: usize, diff: &mut TreeDiff) {
        self.forest.walk(at, |at, below| {
            let (span, mark) = (&self.spans[at], self.mark(at).mark());
            diff.push('+', depth + below, &format!("{} [{}]{mark}", span.name(), kind_text(span.kind())));
        });
    }
}

/// A span that is not there, and all below it.
fn missing(span: &ExpectedSpan, depth: usize, diff: &mut TreeDiff) {
    diff.push('-', depth, &span.line());
    span.children.spans.iter().for_each(|child| missing(child, depth + 1, diff));
}

impl TreeDiff {
    fn push(&mut self, mark: char, depth: usize, line: &str) {
        self.lines.push(format!("{mark} {}{line}", "  ".repeat(depth)));
    }
}

#[cfg(test)]
mod tests;
