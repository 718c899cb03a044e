//! Tables stored with a sensor on each line.

use super::InputError;
use super::dialect::Dialect;
use super::records::Records;

/// Turns lines into columns. The result is separated by tabs, so that empty cells stay.
pub(super) fn transpose(text: &str, dialect: &Dialect, file: &str) -> Result<String, InputError> {
    let data = &text[dialect.data..];
    let mut records = Records::new(data, dialect.delimiter);
    let mut fields = Vec::new();
    let mut lines: Vec<Vec<&str>> = Vec::new();
    while let Some(record) = records.next(&mut fields) {
        let mut cells: Vec<&str> = fields.iter().map(|f| f.raw(data)).collect();
        let expected = lines.first().map_or(dialect.names.len(), Vec::len);
        if cells.len() == expected + 1 && cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        if cells.len() != expected {
            let line = dialect.data_line + record.line - 1;
            return Err(InputError::TransposeRagged {
                file: file.to_owned(),
                line,
                fields: cells.len(),
                expected,
            });
        }
        lines.push(cells);
    }
    let width = lines.first().map_or(0, Vec::len);
    let mut turned = String::with_capacity(data.len());
    for column in 0..width {
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                turned.push('\t');
            }
            turned.extend(line[column].chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        }
        turned.push('\n');
    }
    Ok(turned)
}
