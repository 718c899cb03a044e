//! [`Forest`]: spans by their parents.

use super::span::{SpanIds, TreeSpan};
use std::collections::HashMap;

/// Spans by their parents, as places in the list they came in. Every span is in it once.
#[derive(Debug)]
pub(super) struct Forest {
    /// Those that are part of no other, and why; in start order.
    pub(super) roots: Vec<(usize, Root)>,
    /// The children of each, in start order.
    pub(super) children: Vec<Vec<usize>>,
}

/// Why a span is part of no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// It has no parent.
    True,
    /// Its parent is in another process.
    Remote,
    /// Its parent is not among the spans.
    Orphan,
    /// It is an ancestor of its own.
    Cycle,
}

impl Root {
    /// What trees write behind it.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::True => "",
            Self::Remote => " (remote parent)",
            Self::Orphan => " (orphan)",
            Self::Cycle => " (cycle)",
        }
    }
}

impl Forest {
    /// Siblings are in start order, and in the order of the list where starts are equal.
    pub(super) fn of(spans: &[impl TreeSpan]) -> Self {
        let ids: Vec<SpanIds> = spans.iter().map(TreeSpan::ids).collect();
        let mut order: Vec<usize> = (0..spans.len()).collect();
        order.sort_by_key(|at| spans[*at].start());
        let mut by_id = HashMap::new();
        for at in &order {
            by_id.entry((&ids[*at].trace, &ids[*at].span)).or_insert(*at);
        }
        let parent_of = |at: usize| by_id.get(&(&ids[at].trace, &ids[at].parent)).copied();
        let mut children = vec![Vec::new(); spans.len()];
        for at in &order {
            if let Some(parent) = parent_of(*at) {
                children[parent].push(*at);
            }
        }
        let mut forest = Self { roots: Vec::new(), children };
        let mut reached = vec![false; spans.len()];
        for at in &order {
            if ids[*at].parent.is_empty() {
                forest.reach(*at, Root::True, &mut reached);
            } else if parent_of(*at).is_none() {
                let why = if spans[*at].has_remote_parent() { Root::Remote } else { Root::Orphan };
                forest.reach(*at, why, &mut reached);
            }
        }
        for at in &order {
            forest.reach(*at, Root::Cycle, &mut reached);
        }
        forest
    }

    /// Adds a root with all below it, unless it was reached before.
    fn reach(&mut self, root: usize, why: Root, reached: &mut [bool]) {
        if std::mem::replace(&mut reached[root], true) {
            return;
        }
        self.roots.push((root, why));
        let mut stack = vec![root];
        while let Some(at) = stack.pop() {
            self.children[at].retain(|child| !std::mem::replace(&mut reached[*child], true));
            stack.extend(&self.children[at]);
        }
    }

    /// Calls `f` with a span and all below it, parents first, with how deep each is.
    pub(super) fn walk(&self, from: usize, mut f: impl FnMut(usize, usize)) {
        let mut stack = vec![(from, 0)];
        while let Some((at, depth)) = stack.pop() {
            f(at, depth);
            stack.extend(self.children[at].iter().rev().map(|child| (*child, depth + 1)));
        }
    }
}
