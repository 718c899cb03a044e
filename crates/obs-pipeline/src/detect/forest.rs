//! Isolation trees: random cuts, grown and walked.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::exact;
use super::rng::Rng;
use crate::parallel::follow;

/// Rows walked down one tree together, so that the processor need not wait for one row's branch.
const STRIDE: usize = 8;

/// Cuts on the way to a leaf for the most rows per tree that the settings allow.
const MAX_DEPTH: u32 = 15;

/// One cut, or a leaf. A row goes to node `child + 1` if its value reaches `threshold`, else to node `child`. A leaf
/// is its own child with a threshold that nothing reaches, so every walk may take the same number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    threshold: f32,
    feature: u16,
    child: u16,
}

/// Trees one after another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Flat", into = "Flat")]
pub(super) struct Forest {
    /// Most cuts on the way from a root to a leaf.
    depth: u32,
    /// First node of each tree, and the number of nodes.
    starts: Vec<usize>,
    nodes: Vec<Node>,
    /// Expected number of cuts to isolate a row that ends in this leaf; 0 at inner nodes.
    path: Vec<f64>,
}

/// [`Forest`] as it is stored: cuts and leaves apart, so that neither carries the other's fields.
#[derive(Serialize, Deserialize)]
struct Flat {
    depth: u32,
    starts: Vec<usize>,
    /// First child of each node, within its tree; 0, the root, for a leaf.
    child: Vec<u16>,
    /// Feature and threshold of each cut.
    feature: Vec<u16>,
    #[serde(with = "exact::f32s")]
    threshold: Vec<f32>,
    /// Path length of each leaf.
    #[serde(with = "exact::f64s")]
    path: Vec<f64>,
}

impl From<Forest> for Flat {
    fn from(f: Forest) -> Self {
        let is_cut = |n: &&Node| n.threshold < f32::INFINITY;
        let cuts = || f.nodes.iter().filter(is_cut);
        Self {
            depth: f.depth,
            child: f.nodes.iter().map(|n| if is_cut(&n) { n.child } else { 0 }).collect(),
            feature: cuts().map(|n| n.feature).collect(),
            threshold: cuts().map(|n| n.threshold).collect(),
            path: f.nodes.iter().zip(&f.path).filter(|(n, _)| !is_cut(n)).map(|(_, p)| *p).collect(),
            starts: f.starts,
        }
    }
}

impl TryFrom<Flat> for Forest {
    type Error = &'static str;

    /// Refuses what could make a walk leave its tree.
    fn try_from(f: Flat) -> Result<Self, Self::Error> {
        let count = f.child.len();
        let ordered = f.starts.windows(2).all(|w| w[0] < w[1] && w[1] <= count);
        if f.starts.first() != Some(&0) || f.starts.last() != Some(&count) || !ordered {
            return Err("a forest's trees do not cover its nodes");
        }
        if f.depth > MAX_DEPTH {
            return Err("a forest is deeper than any that is grown");
        }
        let mut cuts = f.feature.iter().zip(&f.threshold);
        let mut leaves = f.path.iter();
        let (mut nodes, mut path) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for tree in f.starts.windows(2) {
            for (i, &child) in f.child[tree[0]..tree[1]].iter().enumerate() {
                if child == 0 {
                    nodes.push(Node::leaf(i));
                    path.push(*leaves.next().ok_or("a forest lacks path lengths")?);
                } else {
                    let (&feature, &threshold) = cuts.next().ok_or("a forest lacks thresholds")?;
                    if usize::from(child) + 1 >= tree[1] - tree[0] || !threshold.is_finite() {
                        return Err("a tree's cut leads outside the tree");
                    }
                    nodes.push(Node { threshold, feature, child });
                    path.push(0.0);
                }
            }
        }
        let left_over =
            cuts.next().is_some() || leaves.next().is_some() || f.feature.len() != f.threshold.len();
        if left_over || !path.iter().all(|p| p.is_finite()) {
            return Err("a forest's parts differ in length");
        }
        Ok(Self { depth: f.depth, starts: f.starts, nodes, path })
    }
}

impl Node {
    /// A leaf at place `at` of its tree.
    fn leaf(at: usize) -> Self {
        Self { threshold: f32::INFINITY, feature: 0, child: at as u16 }
    }
}

impl Forest {
    /// Grows `trees` trees on `samples` rows each, drawn without replacement from `rows` (row after row of `d`
    /// values).
    pub(super) fn grow(rows: &[f32], d: usize, trees: usize, samples: usize, seed: u64) -> Self {
        let n = rows.len() / d;
        let samples = samples.min(n);
        let depth = usize::BITS - samples.saturating_sub(1).leading_zeros();
        let grown: Vec<Grower<'_>> = (0..trees)
            .into_par_iter()
            .map(follow(|tree| {
                let mut rng = Rng::new(seed, tree as u64);
                let mut chosen: Vec<usize> = (0..n).collect();
                for i in 0..samples {
                    chosen.swap(i, i + rng.below(n - i));
                }
                let mut grower = Grower { rows, d, depth, rng, nodes: Vec::new(), path: Vec::new() };
                grower.add_leaf();
                grower.split(0, &mut chosen[..samples], 0);
                grower
            }))
            .collect();
        let mut forest = Self { depth, starts: vec![0], nodes: Vec::new(), path: Vec::new() };
        for tree in grown {
            forest.nodes.extend(tree.nodes);
            forest.path.extend(tree.path);
            forest.starts.push(forest.nodes.len());
        }
        forest
    }

    /// Largest feature index that any cut uses, plus one.
    pub(super) fn features(&self) -> usize {
        self.nodes.iter().map(|n| usize::from(n.feature) + 1).max().unwrap_or(0)
    }

    /// Adds up, per row of `rows` (row after row of `d` values), its path lengths over all trees.
    pub(super) fn add_paths(&self, rows: &[f32], d: usize, out: &mut [f64]) {
        for tree in self.starts.windows(2) {
            let (nodes, path) = (&self.nodes[tree[0]..tree[1]], &self.path[tree[0]..tree[1]]);
            for (rows, out) in rows.chunks(STRIDE * d).zip(out.chunks_mut(STRIDE)) {
                let mut at = [0_usize; STRIDE];
                for _ in 0..self.depth {
                    for (at, row) in at.iter_mut().zip(rows.chunks_exact(d)) {
                        let node = nodes[*at];
                        let right = row[usize::from(node.feature)] >= node.threshold;
                        *at = usize::from(node.child) + usize::from(right);
                    }
                }
                for (out, at) in out.iter_mut().zip(at) {
                    *out += path[at];
                }
            }
        }
    }
}

/// One tree being grown.
struct Grower<'a> {
    rows: &'a [f32],
    d: usize,
    depth: u32,
    rng: Rng,
    nodes: Vec<Node>,
    path: Vec<f64>,
}

impl Grower<'_> {
    fn add_leaf(&mut self) {
        self.nodes.push(Node::leaf(self.nodes.len()));
        self.path.push(0.0);
    }

    /// Turns leaf `node`, at which `rows` arrive after `cuts` cuts, into a cut with two subtrees, where it can be
    /// cut.
    fn split(&mut self, node: usize, rows: &mut [usize], cuts: u32) {
        let cut = if cuts < self.depth && rows.len() > 1 { self.choose(rows) } else { None };
        let Some((feature, threshold)) = cut else {
            self.path[node] = f64::from(cuts) + average_path(rows.len());
            return;
        };
        let child = self.nodes.len();
        self.nodes[node] = Node { threshold, feature: feature as u16, child: child as u16 };
        self.add_leaf();
        self.add_leaf();
        rows.sort_by_key(|&r| self.rows[r * self.d + feature] >= threshold);
        let below = rows.partition_point(|&r| self.rows[r * self.d + feature] < threshold);
        let (left, right) = rows.split_at_mut(below);
        self.split(child, left, cuts + 1);
        self.split(child + 1, right, cuts + 1);
    }

    /// A random feature in which `rows` differ and a random threshold with rows on both sides of it.
    fn choose(&mut self, rows: &[usize]) -> Option<(usize, f32)> {
        let mut features: Vec<usize> = (0..self.d).collect();
        while !features.is_empty() {
            let feature = features.swap_remove(self.rng.below(features.len()));
            let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
            for r in rows {
                let v = self.rows[r * self.d + feature];
                (least, most) = (least.min(v), most.max(v));
            }
            if least < most {
                let threshold = least + (most - least) * self.rng.unit() as f32;
                return Some((feature, if threshold > least { threshold.min(most) } else { most }));
            }
        }
        None
    }
}

/// Mean number of cuts that isolate one of `n` rows, c(n) of Liu, Ting and Zhou.
pub(super) fn average_path(n: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_path_is_that_of_the_paper() {
        let expected = [(0, 0.0), (1, 0.0), (2, 1.0), (256, 10.244_770_920_119_917)];
        for (rows, path) in expected {
            assert!((average_path(rows) - path).abs() < 1e-9, "{rows}");
        }
    }

    #[test]
    fn a_lone_row_has_a_shorter_path_than_those_of_the_crowd() {
        let mut rows: Vec<f32> = (0..255).map(|i| i as f32 / 255.0).collect();
        rows.push(50.0);
        let forest = Forest::grow(&rows, 1, 50, 256, 3);
        let mut paths = vec![0.0; 256];
        forest.add_paths(&rows, 1, &mut paths);
        let shortest = paths[..255].iter().copied().fold(f64::INFINITY, f64::min);
        assert!(paths[255] < shortest / 2.0, "{} {shortest}", paths[255]);
    }

    #[test]
    fn equal_rows_cannot_be_cut() {
        let forest = Forest::grow(&[1.0; 64], 1, 3, 256, 3);
        let mut paths = vec![0.0; 64];
        forest.add_paths(&[1.0; 64], 1, &mut paths);
        assert!(paths.iter().all(|p| (p - 3.0 * average_path(64)).abs() < 1e-12));
    }

    #[test]
    fn a_stored_forest_that_would_lead_astray_is_refused() {
        let rows: Vec<f32> = (0..64).map(|i| i as f32).collect();
        let good = || Flat::from(Forest::grow(&rows, 1, 2, 64, 3));
        assert!(Forest::try_from(good()).is_ok());
        let mut bad = good();
        bad.child[0] = 60_000;
        assert!(Forest::try_from(bad).is_err());
        let mut bad = good();
        bad.starts[1] = 0;
        assert!(Forest::try_from(bad).is_err());
        let mut bad = good();
        bad.depth = u32::MAX;
        assert!(Forest::try_from(bad).is_err());
        let mut bad = good();
        bad.path.pop();
        assert!(Forest::try_from(bad).is_err());
    }
}
