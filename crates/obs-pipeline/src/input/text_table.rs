//! The source for delimited text: files to [`Table`]s that share one [`Plan`].

use std::path::{Path, PathBuf};

use super::dialect::{Dialect, detect};
use super::error::list;
use super::parse::parse_table;
use super::plan::plan;
use super::table::{Plan, Table};
use super::text::read_text;
use super::transpose::transpose;
use super::{InputError, ReadOptions};

/// Tables read from files, and how they are written.
#[derive(Clone, Debug)]
pub(super) struct TextTables {
    pub(super) tables: Vec<Table>,
    pub(super) plan: Plan,
    /// The first file's dialect.
    pub(super) dialect: Dialect,
    pub(super) warnings: Vec<String>,
}

/// Reads all files. The first settles the use of columns; the others must have the same ones, in any order.
pub(super) fn read_tables(paths: &[PathBuf], options: &ReadOptions) -> Result<TextTables, InputError> {
    if options.transpose && !options.no_header {
        return Err(InputError::TransposeNeedsNoHeader);
    }
    let Some((first, others)) = paths.split_first() else {
        return Err(InputError::NoInput);
    };
    let mut warnings = Vec::new();
    let format = options.timestamp_format.as_deref();
    let (text, dialect) = open(first, options, &mut warnings)?;
    let source = first.display().to_string();
    let plan = plan(&text, &dialect, &source, options)?;
    let mut tables = vec![parse_table(&text, &dialect, &plan, format, &source)];
    drop(text);
    for path in others {
        let (text, own) = open(path, options, &mut warnings)?;
        let file = path.display().to_string();
        if let Some(difference) = difference(&dialect.names, &own.names) {
            return Err(InputError::OtherColumns { file, first: source, difference });
        }
        tables.push(parse_table(&text, &own, &plan, format, &file));
    }
    Ok(TextTables { tables, plan, dialect, warnings })
}

fn open(
    path: &Path,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<(String, Dialect), InputError> {
    let file = path.display().to_string();
    let mut text = read_text(path)?;
    if options.transpose {
        let dialect = detect(&text, &file, true)?;
        text = transpose(&text, &dialect, &file)?;
    }
    let dialect = detect(&text, &file, options.no_header)?;
    warnings.extend(dialect.renamed.iter().map(|note| format!("{file}: {note}")));
    Ok((text, dialect))
}

/// What `other` lacks and what it has more, if it does not hold the same names.
fn difference(names: &[String], other: &[String]) -> Option<String> {
    let without =
        |a: &[String], b: &[String]| a.iter().filter(|n| !b.contains(n)).cloned().collect::<Vec<_>>();
    let (missing, extra) = (without(names, other), without(other, names));
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("missing {}", list(&missing)));
    }
    if !extra.is_empty() {
        parts.push(format!("extra {}", list(&extra)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
