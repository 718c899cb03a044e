//! Inputs that cannot be read. One line says which file, where in it, and what is accepted; nothing stored is lost.

use crate::command::{Workplace, fan_rows};
use crate::refusal::{refused, results, used_workplace};
use std::fmt::Write as _;

/// A table of 600 minutes with these headers and, from the row's number, these cells.
fn table(header: &str, cells: impl Fn(usize) -> String) -> String {
    (0..600).fold(format!("{header}\n"), |mut text, i| {
        let _ = writeln!(text, "2024-01-01 {:02}:{:02}:00,{}", i / 60, i % 60, cells(i));
        text
    })
}

fn plain_cells(i: usize) -> String {
    format!("{},{}", i % 7, (i * 37) % 11)
}

/// The fan with every tenth row replaced.
fn with_bad_rows(replace: impl Fn(&str) -> String) -> String {
    let text = fan_rows(300);
    let lines = text.lines().enumerate();
    lines.fold(String::new(), |mut all, (i, line)| {
        let line = if i > 0 && i % 10 == 0 { replace(line) } else { line.to_owned() };
        let _ = writeln!(all, "{line}");
        all
    })
}

/// A file, what is in it (`None`: it is not there), and what its refusal must say.
type Case<'a> = (&'a str, Option<Vec<u8>>, &'a [&'a str]);

#[test]
fn files_that_are_no_table_are_refused_and_earlier_results_remain() {
    let workplace = used_workplace();
    let before = results(&workplace);
    assert!(before[..5].iter().any(|rows| !rows.is_empty()));
    let cases: [Case<'_>; 8] = [
        ("missing.csv", None, &["missing.csv", "no such file"]),
        ("empty.csv", Some(Vec::new()), &["empty.csv", "empty", "accepted: a header line"]),
        ("header.csv", Some(fan_rows(0).into_bytes()), &["header.csv", "no data row"]),
        (
            "untimed.csv",
            Some(b"a,b\n1,2\n3,4\n".to_vec()),
            &["untimed.csv", "no timestamp column", "`a`, `b`", "--timestamp-column"],
        ),
        (
            "words.csv",
            Some(b"timestamp,name\n2024-01-01 00:00,x\n2024-01-01 00:01,y\n".to_vec()),
            &["words.csv", "no numeric column", "`name`", "line 2"],
        ),
        (
            "binary.csv",
            Some((0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
            &["binary.csv", "binary", "accepted: comma"],
        ),
        (
            "nul.csv",
            Some(table("timestamp,\"a\0b\",c", plain_cells).into_bytes()),
            &["nul.csv", "binary", "accepted: comma"],
        ),
        (
            "ambiguous.csv",
            Some(b"timestamp,a\n01/02/2024 00:00,1\n02/02/2024 00:00,2\n03/02/2024 00:00,3\n".to_vec()),
            &["ambiguous.csv", "01/02/2024", "month/day/year or day/month/year", "--timestamp-format"],
        ),
    ];
    for (name, content, told) in cases {
        if let Some(content) = content {
            std::fs::write(workplace.path(name), content).unwrap();
        }
        refused(&workplace.run([name]), told);
    }
    assert!(results(&workplace) == before, "a refused run changed stored results");
}

#[test]
fn a_folder_is_no_input() {
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("plant")).unwrap();
    refused(&workplace.run(["plant"]), &["plant", "is a directory", "accepted"]);
}

#[test]
fn over_five_percent_of_rows_that_do_not_parse_are_an_error_with_the_first_lines() {
    let workplace = Workplace::new()
        .with_file("long.csv", with_bad_rows(|line| format!("{line},1,2")))
        .with_file("untimed.csv", with_bad_rows(|line| format!("x{line}")));
    refused(&workplace.run(["long.csv"]), &["long.csv", "30 of 300 rows", "over 5 %", "line 11, 21, 31"]);
    let ended = workplace.run(["untimed.csv", "--timestamp-column", "EntryDateTime"]);
    refused(&ended, &["untimed.csv", "30 of 300 rows", "over 5 %", "line 11, 21, 31"]);
}

#[test]
fn a_baseline_with_other_columns_is_refused_by_their_names() {
    let narrow = fan_rows(300).lines().fold(String::new(), |all, line| {
        let cells: Vec<&str> = line.split(',').take(5).collect();
        all + &cells.join(",") + "\n"
    });
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(300)).with_file("narrow.csv", narrow);
    let ended = workplace.run(["fan.csv", "--baseline", "narrow.csv"]);
    refused(&ended, &["narrow.csv", "`Vibration DE (mm/s)`", "must hold the same sensors"]);
    let ended = workplace.run(["fan.csv", "--baseline", "gone.csv"]);
    refused(&ended, &["gone.csv", "no such file"]);
}

/// A name that breaks lines or moves the cursor stays one harmless line.
#[test]
fn names_with_line_breaks_and_escapes_are_told_in_one_line() {
    let workplace = Workplace::new().with_file("fan.csv", fan_rows(300));
    refused(&workplace.run(["no\nsuch\u{1b}[2J.csv"]), &["no\\nsuch\\u{1b}[2J.csv", "no such file"]);
    refused(
        &workplace.run(["fan.csv", "--timestamp-column", "no\r\npe"]),
        &["--timestamp-column `no\\r\\npe` is not a column"],
    );
}

#[test]
fn hostile_headers_and_cells_are_read_for_what_they_are() {
    let quoted = table("timestamp,\"line\nbreak\",\"quo\"\"te\"", plain_cells);
    let huge_cell = table("timestamp,a,b", |i| {
        if i == 300 { format!("1,{}", "9x".repeat(5_000_000)) } else { plain_cells(i) }
    });
    let workplace = Workplace::new().with_file("quoted.csv", quoted).with_file("huge.csv", huge_cell);
    for input in ["quoted.csv", "huge.csv"] {
        let ended = workplace.run([input, "--json"]);
        assert_eq!(ended.code, Some(0), "{input}: {}", &ended.stderr[..ended.stderr.len().min(2000)]);
        assert_eq!(ended.card()["rows"]["read"], 600, "{input}");
        assert_eq!(ended.stderr.lines().count(), ended.lines().len(), "every line is one JSON object");
        assert!(ended.stdout.len() + ended.stderr.len() < 200_000, "{input}: the cell is repeated in full");
    }
    let card = workplace.run(["quoted.csv", "--json"]).card();
    assert_eq!(card["sensors"], serde_json::json!(["line break", "quo\"te"]));
}
