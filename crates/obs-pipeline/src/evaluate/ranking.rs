//! Measures of how well a score ranks faulty rows above healthy ones, over all thresholds.

/// Area under the ROC curve: the probability that a faulty row scores higher than a healthy one, ties counting half
/// (Mann and Whitney's U from mid-ranks). `None` unless both kinds of row occur. NaN scores rank below all others.
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let mut faulty = 0.0;
    let mut rank_sum = 0.0;
    let mut before = 0.0;
    let groups = tie_groups(scores, labels);
    for (positives, size) in groups.iter().rev() {
        faulty += positives;
        rank_sum += positives * (before + (size + 1.0) / 2.0);
        before += size;
    }
    let healthy = before - faulty;
    if faulty <= 0.0 || healthy <= 0.0 {
        return None;
    }
    Some((rank_sum - faulty * (faulty + 1.0) / 2.0) / (faulty * healthy))
}

/// Average precision: the sum over thresholds of precision times the gain in recall, without interpolation; rows of
/// equal score enter together. `None` without a faulty row. NaN scores rank below all others.
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let groups = tie_groups(scores, labels);
    let faulty: f64 = groups.iter().map(|(positives, _)| positives).sum();
    if faulty <= 0.0 {
        return None;
    }
    let (mut hits, mut seen, mut area) = (0.0, 0.0, 0.0);
    for (positives, size) in groups {
        hits += positives;
        seen += size;
        area += positives / faulty * (hits / seen);
    }
    Some(area)
}

/// Rows grouped by equal score, highest first: faulty rows and all rows of each group.
fn tie_groups(scores: &[f64], labels: &[bool]) -> Vec<(f64, f64)> {
    let key = |score: f64| if score.is_nan() { f64::NEG_INFINITY } else { score + 0.0 };
    let mut rows: Vec<(f64, bool)> = scores.iter().zip(labels).map(|(s, l)| (key(*s), *l)).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|group| (group.iter().filter(|(_, label)| *label).count() as f64, group.len() as f64))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(value: Option<f64>, want: f64) -> bool {
        value.is_some_and(|v| (v - want).abs() < 1e-12)
    }

    #[test]
    fn areas_match_a_hand_computed_case() {
        // Order by score: + - + -. Pairs ranked right: 3 of 4. Precision at the hits: 1 and 2/3.
        let (scores, labels) = ([0.9, 0.8, 0.7, 0.1], [true, false, true, false]);
        assert!(is(roc_auc(&scores, &labels), 0.75));
        assert!(is(average_precision(&scores, &labels), f64::midpoint(1.0, 2.0 / 3.0)));
    }

    #[test]
    fn ties_count_half_and_enter_together() {
        let labels = [true, false, true, false];
        assert!(is(roc_auc(&[1.0; 4], &labels), 0.5));
        assert!(is(average_precision(&[1.0; 4], &labels), 0.5));
        assert!(is(roc_auc(&[0.0, -0.0, 1.0, f64::NAN], &labels), 0.875));
    }

    #[test]
    fn one_kind_of_row_has_no_area() {
        assert_eq!(roc_auc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn the_area_is_the_share_of_pairs_in_order(
            rows in prop::collection::vec((0..6i32, any::<bool>()), 2..40),
        ) {
            let scores: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
            let labels: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let (mut right, mut pairs) = (0.0, 0.0);
            for a in rows.iter().filter(|r| r.1) {
                for b in rows.iter().filter(|r| !r.1) {
                    pairs += 1.0;
                    right += match a.0.cmp(&b.0) {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    };
                }
            }
            match roc_auc(&scores, &labels) {
                Some(area) => prop_assert!((area - right / pairs).abs() < 1e-9),
                None => prop_assert!(pairs < 0.5),
            }
        }
    }
}
