//! Event-wise measures: was a fault seen at all, and how many episodes had no fault?

use std::ops::Range;

/// Episodes against labelled events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Labelled events.
    pub events: usize,
    /// Events that share a row with an episode.
    pub touched: usize,
    /// Episodes.
    pub episodes: usize,
    /// Episodes that share no row with an event.
    pub false_episodes: usize,
}

/// Runs of labelled rows, in order; a run ends at a break.
pub fn label_events(labels: &[bool], breaks: &[usize]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for stretch in crate::stretch::stretches(labels.len(), breaks) {
        let mut start = None;
        for row in stretch.clone() {
            match (labels[row], start) {
                (true, None) => start = Some(row),
                (false, Some(from)) => {
                    out.push(from..row);
                    start = None;
                }
                _ => {}
            }
        }
        out.extend(start.map(|from| from..stretch.end));
    }
    out
}

/// Counts touched events and false episodes. Both lists are ranges of rows in any order.
pub fn event_counts(episodes: &[Range<usize>], events: &[Range<usize>]) -> EventCounts {
    let meets =
        |a: &Range<usize>, others: &[Range<usize>]| others.iter().any(|b| a.start < b.end && b.start < a.end);
    EventCounts {
        events: events.len(),
        touched: events.iter().filter(|e| meets(e, episodes)).count(),
        episodes: episodes.len(),
        false_episodes: episodes.iter().filter(|e| !meets(e, events)).count(),
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of one range of rows are what is tested")]
mod tests {
    use super::*;

    #[test]
    fn events_are_runs_of_labels_cut_at_breaks() {
        let labels = [false, true, true, true, false, true];
        assert_eq!(label_events(&labels, &[]), [1..4, 5..6]);
        assert_eq!(label_events(&labels, &[3]), [1..3, 3..4, 5..6]);
        assert!(label_events(&[], &[]).is_empty());
    }

    #[test]
    fn an_event_counts_once_and_an_episode_without_event_is_false() {
        let c = event_counts(&[0..3, 12..15, 15..16, 40..50], &[2..5, 10..20, 30..40]);
        assert_eq!(c, EventCounts { events: 3, touched: 2, episodes: 4, false_episodes: 1 });
        assert_eq!(event_counts(&[5..9], &[]).false_episodes, 1);
    }
}
