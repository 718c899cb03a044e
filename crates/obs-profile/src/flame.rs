//! Flame graphs, folded stacks and the list of the hottest functions.

use crate::error::ProfileError;
use crate::profile::{Filter, Profile, Sample};
use inferno::flamegraph::{Options, from_lines};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Draws a flame graph as SVG; the same samples give the same bytes. Fails when no sample matches.
pub fn flamegraph(profile: &Profile, filter: Filter) -> Result<String, ProfileError> {
    let folded = folded(profile, filter);
    if folded.is_empty() {
        return Err(ProfileError::NoSamples { filter: filter.to_string() });
    }
    let count: u64 = profile.matching(filter).map(|s| s.count).sum();
    let seconds = count as f64 * profile.period_ns as f64 / 1e9;
    let mut options = Options::default();
    options.title = format!("CPU time, {filter}");
    options.subtitle = Some(format!("{seconds:.2} s in {count} samples"));
    // Colours by name, not by chance.
    options.deterministic = true;
    let mut svg = Vec::new();
    from_lines(&mut options, folded.iter().map(String::as_str), &mut svg).map_err(ProfileError::Draw)?;
    String::from_utf8(svg)
        .map_err(|e| ProfileError::Draw(std::io::Error::new(std::io::ErrorKind::InvalidData, e)))
}

/// The samples as lines `outermost;…;innermost count`, sorted: the format of flame graph tools.
pub fn folded(profile: &Profile, filter: Filter) -> Vec<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for sample in profile.matching(filter) {
        let names: Vec<String> = names(profile, sample).rev().map(frame).collect();
        *counts.entry(names.join(";")).or_default() += sample.count;
    }
    counts.into_iter().map(|(stack, count)| format!("{stack} {count}")).collect()
}

/// How much time one function took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopFunction {
    /// Its name.
    pub name: String,
    /// Periods of CPU time in the function itself.
    pub own: u64,
    /// Periods of CPU time in the function and what it calls.
    pub total: u64,
}

/// The `n` functions with the most CPU time of their own, hottest first; ties by total time, then by name.
pub fn top_functions(profile: &Profile, filter: Filter, n: usize) -> Vec<TopFunction> {
    let mut times: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for sample in profile.matching(filter) {
        if let Some(innermost) = names(profile, sample).next() {
            times.entry(innermost).or_default().0 += sample.count;
        }
        // A recursive function is on the stack many times and counts once.
        for name in names(profile, sample).collect::<BTreeSet<_>>() {
            times.entry(name).or_default().1 += sample.count;
        }
    }
    let function = |(name, (own, total)): (&str, _)| TopFunction { name: name.to_owned(), own, total };
    let mut top: Vec<TopFunction> = times.into_iter().map(function).collect();
    top.sort_by(|a, b| (Reverse((a.own, a.total)), &a.name).cmp(&(Reverse((b.own, b.total)), &b.name)));
    top.truncate(n);
    top
}

/// Names of a sample's functions, innermost first.
fn names<'a>(profile: &'a Profile, sample: &'a Sample) -> impl DoubleEndedIterator<Item = &'a str> {
    sample.stack.iter().map(|address| profile.function_name(*address))
}

/// A name as a frame of a folded line: `;` separates frames, and Rust has it in array types.
fn frame(name: &str) -> String {
    name.replace("; ", ":").replace([';', '\n', '\r'], ":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::Symbols;
    use obs_core::{SpanId, TraceId};

    fn profile() -> Profile {
        let sample = |stack: &[usize], count, trace, span| Sample {
            stack: stack.to_vec(),
            count,
            trace_id: TraceId::new(trace),
            span_id: SpanId::new(span),
            context: None,
        };
        let samples = vec![
            sample(&[3, 2, 1], 30, 1, 11),
            sample(&[4, 2, 1], 10, 1, 12),
            sample(&[2, 2, 1], 5, 2, 21),
            sample(&[5, 1], 1, 0, 0),
        ];
        let symbols = [(1, "main"), (2, "run"), (3, "fit::gmm"), (4, "fit::pca<[u8; 4]>"), (5, "write <&>")];
        Profile::new(10_000_000, samples).with_symbols(Symbols::from_names(symbols))
    }

    #[test]
    fn stacks_fold_outermost_first() {
        assert_eq!(
            folded(&profile(), Filter::All),
            ["main;run;fit::gmm 30", "main;run;fit::pca<[u8:4]> 10", "main;run;run 5", "main;write <&> 1"]
        );
    }

    #[test]
    fn filters_pick_a_trace_or_a_span() {
        let trace = Filter::Trace(TraceId::new(1).unwrap());
        assert_eq!(folded(&profile(), trace).len(), 2);
        let span = Filter::Span(SpanId::new(12).unwrap());
        assert_eq!(folded(&profile(), span), ["main;run;fit::pca<[u8:4]> 10"]);
    }

    #[test]
    fn the_hottest_function_comes_first_and_recursion_counts_once() {
        let top = top_functions(&profile(), Filter::All, 3);
        let seen: Vec<_> = top.iter().map(|t| (t.name.as_str(), t.own, t.total)).collect();
        assert_eq!(seen, [("fit::gmm", 30, 30), ("fit::pca<[u8; 4]>", 10, 10), ("run", 5, 45)]);
        assert!(top_functions(&Profile::default(), Filter::All, 3).is_empty());
    }

    #[test]
    fn the_flame_graph_names_the_functions_and_repeats_byte_for_byte() {
        let svg = flamegraph(&profile(), Filter::All).unwrap();
        assert!(
            svg.contains("<svg")
                && svg.contains("fit::gmm (30 samples")
                && svg.contains("write &lt;&amp;&gt;")
        );
        assert!(svg.contains("0.46 s in 46 samples"));
        assert_eq!(svg, flamegraph(&profile(), Filter::All).unwrap());
    }

    #[test]
    fn nothing_to_draw_is_an_error_that_names_the_filter() {
        let error = flamegraph(&profile(), Filter::Span(SpanId::new(0xff).unwrap())).unwrap_err();
        assert_eq!(error.to_string(), "no samples match span 00000000000000ff: nothing to draw");
    }
}
