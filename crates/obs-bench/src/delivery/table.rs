//! The table of `delivery`.

use super::cost::Row;
use std::fmt::Write;

/// The rows as text, with a head that says what they are.
pub(super) fn print(rounds: u32, rows: &[Row]) -> String {
    let mut text = format!(
        "Medians of {rounds} rounds; CPU time is that of this process. \"plain\" is the write or read of the same bytes.\n\
         \"ratio\" is our speed as a part of the plain one's, by the clock and by CPU time.\n"
    );
    let head = [
        "items/s",
        "MB/s",
        "CPU s/1e6",
        "items/CPU s",
        "MB/CPU s",
        "plain MB/s",
        "MB/CPU s",
        "ratio",
        "by CPU",
    ];
    line(&mut text, "", &head.map(str::to_owned));
    for row in rows {
        let cells = [
            format!("{:.0}", row.items_a_second()),
            format!("{:.0}", row.bytes_a_second() / 1e6),
            format!("{:.3}", row.cpu_of_million()),
            format!("{:.0}", row.items_of_cpu_second()),
            format!("{:.0}", row.bytes_of_cpu_second() / 1e6),
            format!("{:.0}", row.plain_bytes_a_second() / 1e6),
            format!("{:.0}", row.plain_bytes_of_cpu_second() / 1e6),
            format!("{:.2}", row.ratio_of_wall()),
            format!("{:.2}", row.ratio_of_cpu()),
        ];
        line(&mut text, row.name, &cells);
    }
    text
}

fn line(text: &mut String, name: &str, cells: &[String]) {
    // Writing into a `String` does not fail.
    let _ = write!(text, "{name:<21}");
    for (cell, width) in cells.iter().zip([9, 5, 9, 11, 8, 10, 8, 5, 6]) {
        let _ = write!(text, " {cell:>width$}");
    }
    text.push('\n');
}
