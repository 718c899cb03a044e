//! From delimited text to a [`Table`], in parallel chunks.

use rayon::prelude::*;

use super::dialect::Dialect;
use super::error::shorten;
use super::number::{Cell, cell, label};
use super::records::{Delimiter, Field, Records};
use super::table::{Column, Plan, Role, Table, no_examples};
use super::time::{Form, Stamp, Value, parse, parse_given};
use crate::parallel::follow;

/// Text parsed by one task. Small enough that a few tasks' columns are little beside the whole.
const CHUNK: usize = 1 << 20;

/// Parses the data rows of `text`.
pub(super) fn parse_table(
    text: &str,
    dialect: &Dialect,
    plan: &Plan,
    format: Option<&str>,
    source: &str,
) -> Table {
    let data = &text[dialect.data..];
    let roles: Vec<Option<Role>> = dialect.names.iter().map(|name| plan.role(name)).collect();
    let clock = dialect.names.iter().position(|n| Some(n) == plan.clock.as_ref());
    let reader = RowReader {
        delimiter: dialect.delimiter,
        decimal_comma: dialect.decimal_comma,
        sensors: indices(&roles, |r| if let Role::Sensor(i) = r { Some(i) } else { None }),
        labels: indices(&roles, |r| if let Role::Label(i) = r { Some(i) } else { None }),
        time: roles.iter().position(|r| *r == Some(Role::Time)),
        unit: roles.iter().position(|r| *r == Some(Role::Unit)),
        width: roles.len(),
        clock,
        format,
    };
    let parts: Vec<(Table, u64)> =
        chunks(data).into_par_iter().map(follow(|chunk| reader.read(chunk))).collect();
    merge(parts, dialect.data_line, source)
}

/// For each role index that `pick` finds, the column with that role.
fn indices(roles: &[Option<Role>], pick: impl Fn(Role) -> Option<usize>) -> Vec<usize> {
    let mut found: Vec<(usize, usize)> =
        roles.iter().enumerate().filter_map(|(column, role)| Some((pick((*role)?)?, column))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, column)| column).collect()
}

/// Cuts text at line ends. Text with quotes stays whole, since a quoted field may hold a line end.
fn chunks(text: &str) -> Vec<&str> {
    if text.as_bytes().contains(&b'"') {
        return vec![text];
    }
    let mut parts = Vec::with_capacity(text.len() / CHUNK + 1);
    let mut rest = text;
    while rest.len() > CHUNK {
        let Some(end) = rest.as_bytes()[CHUNK..].iter().position(|b| *b == b'\n') else { break };
        let (part, next) = rest.split_at(CHUNK + end + 1);
        parts.push(part);
        rest = next;
    }
    parts.push(rest);
    parts
}

/// How rows become columns.
struct RowReader<'a> {
    delimiter: Delimiter,
    decimal_comma: bool,
    /// The column of each sensor.
    sensors: Vec<usize>,
    /// The column of each label.
    labels: Vec<usize>,
    time: Option<usize>,
    clock: Option<usize>,
    unit: Option<usize>,
    /// Fields of a good row.
    width: usize,
    format: Option<&'a str>,
}

impl RowReader<'_> {
    /// The rows of one chunk, lines counted from 1, and the number of lines.
    fn read(&self, text: &str) -> (Table, u64) {
        // Room for all rows if the rest is like the start.
        let start = &text.as_bytes()[..text.len().min(CHUNK / 16)];
        let lines = start.iter().map(|b| usize::from(*b == b'\n')).sum::<usize>() + 1;
        let rows = text.len() / start.len().max(1) * lines + lines;
        let column = || Column { values: Vec::with_capacity(rows), ..Column::default() };
        let mut table = Table {
            examples: no_examples(),
            stamps: self.time.map(|_| Vec::with_capacity(rows)),
            units: self.unit.map(|_| (Vec::with_capacity(rows), Vec::new())),
            sensors: self.sensors.iter().map(|_| column()).collect(),
            labels: self.labels.iter().map(|_| Vec::with_capacity(rows)).collect(),
            ..Table::default()
        };
        let mut records = Records::new(text, self.delimiter);
        let mut fields = Vec::new();
        while let Some(record) = records.next(&mut fields) {
            let open_ended = fields.len() == self.width + 1 && fields[self.width].raw(text).is_empty();
            if fields.len() != self.width && !open_ended {
                // A stray quote may have joined several lines into this record; each counts.
                table.rows_read += record.lines;
                let found = fields.len();
                table
                    .bad
                    .add(record.line, record.lines, || format!("{found} fields where {} belong", self.width));
                continue;
            }
            table.rows_read += 1;
            if let Some(time) = self.time {
                let Some(stamp) = self.stamp(text, &fields, time, &mut table.examples) else {
                    let why = || format!("`{}` is no timestamp", shorten(&fields[time].value(text)));
                    table.bad.add(record.line, 1, why);
                    continue;
                };
                table.stamps.get_or_insert_default().push(Stamp { line: record.line as u32, ..stamp });
            }
            if let (Some(column), Some((units, names))) = (self.unit, &mut table.units) {
                let name = fields[column].value(text);
                units.push(unit_index(names, &name, units.last().copied()));
            }
            for (column, index) in table.sensors.iter_mut().zip(&self.sensors) {
                push(column, fields[*index].raw(text), self.decimal_comma, record.line);
            }
            for (column, index) in table.labels.iter_mut().zip(&self.labels) {
                column.push(label(&fields[*index].value(text), self.decimal_comma));
            }
        }
        (table, records.line() - 1)
    }

    /// The time of a row; the first cell of each form is kept as an example.
    fn stamp(
        &self,
        text: &str,
        fields: &[Field],
        time: usize,
        examples: &mut [Option<String>],
    ) -> Option<Stamp> {
        let date = fields[time].value(text);
        let joined = self.clock.map(|clock| format!("{date} {}", fields[clock].value(text)));
        let spelling = joined.as_deref().unwrap_or(&date);
        let stamp = match self.format {
            Some(format) => parse_given(spelling, format).ok()?,
            None => parse(spelling).or_else(|| match cell(spelling, self.decimal_comma) {
                Cell::Number(v) => Some(Stamp { value: Value::Number(v), form: Form::NUMBER, line: 0 }),
                Cell::Missing | Cell::Text => None,
            })?,
        };
        let example = &mut examples[stamp.form.index()];
        if example.is_none() {
            *example = Some(shorten(spelling));
        }
        Some(stamp)
    }
}

/// Adds a cell to a sensor's column.
fn push(column: &mut Column, text: &str, decimal_comma: bool, line: u64) {
    let value = match cell(text, decimal_comma) {
        Cell::Number(value) => {
            column.present += 1;
            value
        }
        Cell::Missing => f64::NAN,
        Cell::Text => {
            column.unreadable += 1;
            if column.first_unreadable.is_none() {
                column.first_unreadable = Some((line, shorten(text)));
            }
            f64::NAN
        }
    };
    column.values.push(value);
}

/// The index of a unit's name, which is added if it is new. Most rows belong to the unit of the row above.
fn unit_index(names: &mut Vec<String>, name: &str, last: Option<u32>) -> u32 {
    if let Some(last) = last
        && names[last as usize] == name
    {
        return last;
    }
    let known = names.iter().position(|n| n == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    known as u32
}

/// Joins the chunks' tables, in order. Pieces are freed column by column, so that only the columns in the making are held
/// twice.
fn merge(mut parts: Vec<(Table, u64)>, first_line: u64, source: &str) -> Table {
    let mut whole = Table { source: source.to_owned(), examples: no_examples(), ..Table::default() };
    let rows: usize = parts.iter().map(|(t, _)| (t.rows_read - t.bad.count) as usize).sum();
    let Some((model, _)) = parts.first() else { return whole };
    whole.stamps = model.stamps.is_some().then(|| Vec::with_capacity(rows));
    whole.units = model.units.is_some().then(|| (Vec::with_capacity(rows), Vec::new()));
    let (sensors, labels) = (model.sensors.len(), model.labels.len());
    let mut offset = first_line - 1;
    for (part, lines) in &mut parts {
        whole.rows_read += part.rows_read;
        let mut why = Some(std::mem::take(&mut part.bad.why));
        let known = part.bad.lines.len() as u64;
        for line in &part.bad.lines {
            whole.bad.add(line + offset, 1, || why.take().unwrap_or_default());
        }
        whole.bad.count += part.bad.count - known;
        if let (Some(all), Some(some)) = (&mut whole.stamps, part.stamps.take()) {
            all.extend(some.into_iter().map(|s| Stamp { line: s.line + offset as u32, ..s }));
        }
        for (all, some) in whole.examples.iter_mut().zip(&mut part.examples) {
            if all.is_none() {
                *all = some.take();
            }
        }
        if let (Some((all, names)), Some((some, their))) = (&mut whole.units, part.units.take()) {
            let translate: Vec<u32> = their.iter().map(|n| unit_index(names, n, None)).collect();
            all.extend(some.into_iter().map(|u| translate[u as usize]));
        }
        for column in &mut part.sensors {
            if let Some((line, _)) = &mut column.first_unreadable {
                *line += offset;
            }
        }
        offset += *lines;
    }
    let pieces: Vec<Vec<Column>> = (0..sensors)
        .map(|i| parts.iter_mut().map(|(part, _)| std::mem::take(&mut part.sensors[i])).collect())
        .collect();
    whole.sensors = pieces.into_par_iter().map(follow(|pieces| join(pieces, rows))).collect();
    for i in 0..labels {
        whole
            .labels
            .push(parts.iter_mut().flat_map(|(part, _)| std::mem::take(&mut part.labels[i])).collect());
    }
    whole
}

/// One column from its pieces.
fn join(pieces: Vec<Column>, rows: usize) -> Column {
    let mut column = Column { values: Vec::with_capacity(rows), ..Column::default() };
    for piece in pieces {
        column.values.extend_from_slice(&piece.values);
        column.present += piece.present;
        column.unreadable += piece.unreadable;
        column.first_unreadable = column.first_unreadable.or(piece.first_unreadable);
    }
    column
}
