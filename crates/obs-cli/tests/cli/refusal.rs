//! What a refusal looks like, whatever is refused.

use crate::command::{Ended, Workplace, fan_rows, json};

/// Checks that the command exited with 2 and said why: one line on stderr that begins with `error: ` and holds all of
/// `told`, log lines on stdout, no panic.
pub(crate) fn refused(ended: &Ended, told: &[&str]) {
    assert_eq!(ended.code, Some(2), "{told:?}: {ended:?}");
    let one_line = ended.stderr.starts_with("error: ")
        && ended.stderr.ends_with('\n')
        && ended.stderr.matches('\n').count() == 1;
    assert!(one_line, "not one line: {:?}", ended.stderr);
    for part in told {
        assert!(ended.stderr.contains(part), "no {part:?} in {:?}", ended.stderr);
    }
    let control = ended.stderr.trim_end().chars().find(|c| c.is_control());
    assert_eq!(control, None, "a control character reaches the terminal: {:?}", ended.stderr);
    for text in [&ended.stderr, &ended.stdout] {
        assert!(!text.contains("panicked"), "{text}");
    }
    for line in ended.stdout.lines() {
        json(line);
    }
}

/// A folder whose database and output hold the results of a good run of `fan.csv`.
pub(crate) fn used_workplace() -> Workplace {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(1500));
    let ended = workplace.run(["fan.csv"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    workplace
}

/// Every stored result.
pub(crate) fn results(workplace: &Workplace) -> Vec<Vec<Vec<String>>> {
    let tables = [
        "ACM_Runs",
        "ACM_Scores_Wide",
        "ACM_Episodes",
        "ACM_HealthTimeline",
        "ACM_Thresholds",
        "ModelRegistry",
    ];
    tables.iter().map(|table| workplace.query("obs.db", &format!("SELECT * FROM {table}"))).collect()
}
