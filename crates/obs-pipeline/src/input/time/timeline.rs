//! The order of rows, the step of time, and where it breaks.

/// What a time line looks like once sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::input) struct Sorted {
    /// Rows in their new order, replaced duplicates left out; `None` where every row stays where it is.
    pub(in crate::input) order: Option<Vec<u32>>,
    /// Rows replaced by a later one of the same unit and time.
    pub(in crate::input) duplicates: u64,
    /// Rows before the row above, within a unit.
    pub(in crate::input) unordered: u64,
}

/// Groups rows by unit, in order of first appearance, and sorts each unit by time. Of rows with the same time the
/// last one stays.
pub(in crate::input) fn sort(times: &[i64], units: Option<&[u32]>) -> Sorted {
    let unit = |row: usize| units.map_or(0, |u| u[row]);
    let mut last: Vec<Option<i64>> = Vec::new();
    let (mut unordered, mut moved) = (0, false);
    for (row, time) in times.iter().copied().enumerate() {
        let slot = unit(row) as usize;
        if slot >= last.len() {
            last.resize(slot + 1, None);
        }
        if let Some(before) = last[slot] {
            unordered += u64::from(time < before);
            moved |= time <= before;
        }
        last[slot] = Some(time);
        moved |= row > 0 && unit(row) < unit(row - 1);
    }
    if !moved {
        return Sorted { order: None, duplicates: 0, unordered };
    }
    let mut order: Vec<u32> = (0..times.len() as u32).collect();
    let key = |row: u32| (unit(row as usize), times[row as usize]);
    order.sort_by_key(|row| key(*row));
    let all = order.len();
    // Of each run of equal keys the last row stays; the sort kept the rows of a run in file order.
    let mut kept: Vec<u32> = Vec::with_capacity(all);
    for row in order {
        match kept.last_mut() {
            Some(previous) if key(*previous) == key(row) => *previous = row,
            _ => kept.push(row),
        }
    }
    Sorted { duplicates: (all - kept.len()) as u64, unordered, order: Some(kept) }
}

/// The steps of a sorted time line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::input) struct Steps {
    /// The median step; none below two rows in every unit.
    pub(in crate::input) median: Option<i64>,
    /// The step over which a gap is declared.
    pub(in crate::input) threshold: Option<i64>,
    /// Steps over the threshold.
    pub(in crate::input) gaps: u64,
    /// Rows that start a new stretch: those after a gap, and the first of each unit but the first.
    pub(in crate::input) breaks: Vec<usize>,
}

/// Finds the gaps of a sorted time line.
///
/// A step is a gap when it is over both five median steps and twice the 95th percentile of the steps. The first is the
/// rule for evenly sampled data (SKAB: median 1 s, one step in twenty 2 s, outages of 54 to 76 s; the threshold
/// is 5 s). The second keeps data that is sampled on change, with one step in ten far over the median, from
/// breaking into pieces.
pub(in crate::input) fn steps(times: &[i64], units: Option<&[u32]>) -> Steps {
    let same_unit = |row: usize| units.is_none_or(|u| u[row] == u[row - 1]);
    let mut sizes: Vec<i64> = (1..times.len())
        .filter(|row| same_unit(*row))
        .map(|row| times[row].saturating_sub(times[row - 1]))
        .collect();
    let (mut median, mut threshold) = (None, None);
    if !sizes.is_empty() {
        let middle = (sizes.len() - 1) / 2;
        let high = (sizes.len() - 1) * 95 / 100;
        let m = *sizes.select_nth_unstable(middle).1;
        let p95 = *sizes.select_nth_unstable(high).1;
        median = Some(m);
        threshold = Some(m.saturating_mul(5).max(p95.saturating_mul(2)));
    }
    let mut gaps = 0;
    let mut breaks = Vec::new();
    for row in 1..times.len() {
        let same = same_unit(row);
        let gap = same && threshold.is_some_and(|t| times[row].saturating_sub(times[row - 1]) > t);
        gaps += u64::from(gap);
        if gap || !same {
            breaks.push(row);
        }
    }
    Steps { median, threshold, gaps, breaks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordered_time_line_is_left_alone() {
        assert_eq!(sort(&[1, 2, 5], None), Sorted::default());
        assert_eq!(sort(&[1, 2, 1, 2], Some(&[0, 0, 1, 1])), Sorted::default());
    }

    #[test]
    fn of_equal_times_the_last_row_stays() {
        let sorted = sort(&[1, 3, 2, 3, 3], None);
        assert_eq!(sorted, Sorted { order: Some(vec![0, 2, 4]), duplicates: 2, unordered: 1 });
    }

    #[test]
    fn the_rows_of_a_unit_are_brought_together() {
        let sorted = sort(&[1, 1, 2, 2], Some(&[0, 1, 0, 1]));
        assert_eq!(sorted, Sorted { order: Some(vec![0, 2, 1, 3]), duplicates: 0, unordered: 0 });
    }

    #[test]
    fn a_step_over_five_medians_is_a_gap() {
        let mut times: Vec<i64> = (0..100).collect();
        times.extend((0..100).map(|i| 104 + i));
        assert_eq!(steps(&times, None).gaps, 0);
        times.extend((0..100).map(|i| 209 + i));
        let found = steps(&times, None);
        assert_eq!(
            (found.median, found.threshold, found.gaps, found.breaks),
            (Some(1), Some(5), 1, vec![200])
        );
    }

    #[test]
    fn data_sampled_on_change_does_not_break_at_every_pause() {
        // Nine quick steps, then a pause of 60: the pauses are part of how this is sampled.
        let times: Vec<i64> = (0..200).map(|i| i + 60 * (i / 10)).collect();
        assert_eq!(steps(&times, None).gaps, 0);
    }

    #[test]
    fn a_new_unit_is_a_break_and_no_gap() {
        let found = steps(&[1, 2, 3, 1, 2, 3], Some(&[0, 0, 0, 1, 1, 1]));
        assert_eq!((found.gaps, found.breaks), (0, vec![3]));
    }
}
