//! Places that cannot be written: told before the run begins, by path.

use crate::command::{Workplace, fan_rows};
use crate::refusal::{refused, results, used_workplace};

fn workplace() -> Workplace {
    let workplace = Workplace::new()
        .with_file("fan.csv", fan_rows(300))
        .with_file("file", "in the way")
        .with_file("notes.txt", "not a database, and long enough to be looked at as one\n".repeat(20));
    std::fs::create_dir(workplace.path("folder")).unwrap();
    workplace
}

#[test]
fn an_output_folder_that_cannot_be_made_is_refused() {
    let workplace = workplace();
    refused(&workplace.run(["fan.csv", "--out", "file/below"]), &["cannot write file/below"]);
    refused(&workplace.run(["fan.csv", "--out", "file"]), &["cannot write file"]);
    assert_eq!(workplace.read("file"), "in the way");
}

#[test]
fn a_database_that_cannot_be_one_is_refused() {
    let workplace = workplace();
    for path in ["folder", "file/below.db", "gone/obs.db"] {
        refused(&workplace.run(["fan.csv", "--db", path]), &["database", path]);
    }
    let notes = workplace.read("notes.txt");
    refused(&workplace.run(["fan.csv", "--db", "notes.txt"]), &["`notes.txt` is not a SQLite database"]);
    assert_eq!(workplace.read("notes.txt"), notes, "a file of the user's is not touched");
}

#[test]
fn an_unwritable_output_leaves_earlier_results_in_the_database() {
    let workplace = used_workplace().with_file("file", "in the way");
    let before = results(&workplace);
    refused(&workplace.run(["fan.csv", "--out", "file/below"]), &["file/below"]);
    // The folder is there, but the scores cannot take their place.
    let scores = workplace.path("blocked/scores.csv");
    std::fs::create_dir_all(scores.join("in the way")).unwrap();
    refused(&workplace.run(["fan.csv", "--out", "blocked"]), &["scores.csv"]);
    assert!(results(&workplace) == before, "a refused run changed stored results");
}
