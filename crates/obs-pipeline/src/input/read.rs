//! [`read`]: the way from files to a frame.

use std::path::PathBuf;

use super::assemble::{Assembled, assemble};
use super::derive::derive;
use super::text_table::{TextTables, read_tables};
use super::{InputError, Loaded, ReadOptions, ReadReport};

/// Reads delimited text tables into one frame.
///
/// Comma, semicolon, tab, bar or blanks between fields, decimal comma, quoting, byte-order mark, line ends and the form
/// of timestamps are detected and reported. Several files must have the same columns, in any order; their rows are
/// joined. The result does not depend on the number of threads.
pub fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Loaded, InputError> {
    let TextTables { tables, plan, dialect, warnings } = read_tables(paths, options)?;
    let mut report = ReadReport {
        delimiter: dialect.delimiter.name().to_owned(),
        decimal_comma: dialect.decimal_comma,
        warnings,
        ..ReadReport::default()
    };
    let Assembled { mut frame, labels } = assemble(tables, &plan, &mut report)?;
    if options.derive {
        if frame.sensors() == 1 {
            derive(&mut frame);
        } else {
            let note = format!(
                "--derive is for a single sensor; this table has {}, nothing is derived",
                frame.sensors()
            );
            report.warnings.push(note);
        }
    }
    Ok(Loaded { frame, labels, report })
}
