//! Which span to look at first.

use obs::obs_trace::SpanRecord;
use std::collections::HashSet;

/// The longest span that has no child: where the time really went.
pub(crate) fn slowest_leaf(spans: &[SpanRecord]) -> Option<&SpanRecord> {
    let parents: HashSet<_> = spans.iter().filter_map(|s| s.parent).collect();
    spans.iter().filter(|s| !parents.contains(&s.span_id)).max_by_key(|s| s.end - s.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs::Tracer;
    use obs::obs_core::Clock;
    use obs::span;
    use std::time::Duration;

    #[test]
    fn parents_do_not_count_as_slow() {
        let clock = Clock::manual(1);
        let tracer = Tracer::builder().clock(clock.clone()).keep_finished().build();
        {
            let _fit = span!(tracer, "models.fit");
            for (name, millis) in [("fit.ar1", 2), ("fit.gmm", 9), ("fit.omr", 3)] {
                let _span = tracer.start_named(name);
                clock.advance(Duration::from_millis(millis));
            }
        }
        let spans = tracer.take_finished();
        assert_eq!(slowest_leaf(&spans).map(|s| s.name.as_ref()), Some("fit.gmm"));
        assert!(slowest_leaf(&[]).is_none());
    }
}
