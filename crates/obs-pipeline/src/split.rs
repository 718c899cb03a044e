//! The healthy rows and the rows to score.

use crate::error::RunError;
use crate::frame::Frame;
use std::path::Path;

/// Cuts `frame` into its healthy first part and the rest: `take` says how many of a unit's rows are healthy.
pub fn split(frame: &Frame, take: impl Fn(usize) -> usize) -> (Frame, Frame) {
    let (mut train, mut score) = (Vec::new(), Vec::new());
    for unit in units(frame) {
        let edge = unit.start + take(unit.len()).min(unit.len());
        train.extend(unit.start..edge);
        score.extend(edge..unit.end);
    }
    (frame.select(&train), frame.select(&score))
}

/// The rows of each unit; one range without units.
pub fn units(frame: &Frame) -> Vec<std::ops::Range<usize>> {
    let rows = frame.rows();
    let Some(unit) = &frame.unit else { return std::iter::once(0..rows).filter(|r| !r.is_empty()).collect() };
    let mut ranges = Vec::new();
    let mut start = 0;
    for row in 1..=rows {
        if row == rows || unit[row] != unit[row - 1] {
            ranges.push(start..row);
            start = row;
        }
    }
    ranges
}

/// Puts the baseline's sensors into the input's order. Sensors that either side lost because they are constant or empty
/// are left out on both; any other difference is an error.
pub fn align(
    input: &mut Frame,
    baseline: &mut Frame,
    dropped: &[(String, String)],
    path: &Path,
) -> Result<(), RunError> {
    let known_lost = |name: &String| dropped.iter().any(|(d, _)| d == name);
    let missing = |from: &Frame, of: &Frame| -> Vec<String> {
        of.names.iter().filter(|n| !from.names.contains(n) && !known_lost(n)).cloned().collect()
    };
    let (lacks, extra) = (missing(baseline, input), missing(input, baseline));
    if !lacks.is_empty() || !extra.is_empty() {
        let mut difference = Vec::new();
        if !lacks.is_empty() {
            difference.push(format!("the baseline lacks {}", quoted(&lacks)));
        }
        if !extra.is_empty() {
            difference.push(format!("the input lacks {}", quoted(&extra)));
        }
        return Err(RunError::BaselineColumns { path: path.to_owned(), difference: difference.join(", ") });
    }
    let common: Vec<String> = input.names.iter().filter(|n| baseline.names.contains(n)).cloned().collect();
    *input = input.with_sensors(&common);
    *baseline = baseline.with_sensors(&common);
    Ok(())
}

/// At most five names, the rest counted: a table may have hundreds.
fn quoted(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(5).map(|n| format!("`{n}`")).collect();
    let rest = names.len().saturating_sub(5);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::TimeAxis;

    fn frame(names: &[&str], rows: usize) -> Frame {
        Frame {
            axis: TimeAxis::Counter,
            time: (0..rows as i64).collect(),
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            columns: names.iter().map(|_| (0..rows).map(|r| r as f64).collect()).collect(),
            breaks: Vec::new(),
            unit: None,
            unit_names: Vec::new(),
        }
    }

    #[test]
    fn the_first_rows_of_every_unit_are_healthy() {
        let mut f = frame(&["a"], 7);
        f.unit = Some(vec![0, 0, 0, 1, 1, 1, 1]);
        f.breaks = vec![3];
        let (train, score) = split(&f, |_| 2);
        assert_eq!(train.time, [0, 1, 3, 4]);
        assert_eq!(score.time, [2, 5, 6]);
        assert_eq!(train.breaks, [2]);
        assert_eq!(score.breaks, [1]);
        assert_eq!(score.unit, Some(vec![0, 1, 1]));
    }

    #[test]
    fn a_baseline_with_other_sensors_is_an_error_that_names_them() {
        let path = Path::new("base.csv");
        let error = align(&mut frame(&["a", "b"], 2), &mut frame(&["b", "c"], 2), &[], path).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("base.csv") && text.contains("lacks `a`") && text.contains("lacks `c`"),
            "{text}"
        );
    }

    #[test]
    fn a_baseline_is_put_into_the_inputs_order_without_what_either_side_lost() {
        let (mut input, mut base) = (frame(&["a", "b", "c"], 2), frame(&["c", "a"], 2));
        base.columns[0] = vec![9.0, 9.5];
        align(&mut input, &mut base, &[("b".into(), "constant".into())], Path::new("x")).unwrap();
        assert_eq!(input.names, ["a", "c"]);
        assert_eq!(base.names, ["a", "c"]);
        assert_eq!(base.columns[1], [9.0, 9.5]);
    }
}
