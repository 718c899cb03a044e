//! From [`Table`]s to a [`Frame`]: one time line, one set of sensors, and a report.

use super::ReadReport;
use super::error::InputError;
use super::table::{BadRows, Column, Plan, Table};
use super::time::timeline::{Sorted, Steps, sort, steps};
use super::time::{Resolved, Run, Unresolved, resolve};
use crate::frame::{Frame, TimeAxis};

/// Bad rows of a file are an error over one in so many.
const BAD_ROWS: u64 = 20;

/// Of the cells with content, this share must be numbers in a sensor's column.
const NUMERIC: f64 = 0.9;

/// For each table, the time of each row; `None` for rows that fall out.
type Times = Vec<Vec<Option<i64>>>;

/// Rows, joined over all files and in their final order.
pub(super) struct Assembled {
    pub(super) frame: Frame,
    pub(super) labels: Vec<(String, Vec<f64>)>,
}

/// Joins `tables` and fills in `report`.
pub(super) fn assemble(
    mut tables: Vec<Table>,
    plan: &Plan,
    report: &mut ReadReport,
) -> Result<Assembled, InputError> {
    report.files = tables.iter().map(|t| t.source.clone()).collect();
    let first = tables[0].source.clone();
    let unit_names = merge_units(&mut tables);
    let (axis, kept) = times(&mut tables, plan, report)?;
    check_bad_rows(&tables, report)?;

    let time: Vec<i64> = kept.iter().flatten().flatten().copied().collect();
    let unit = join_units(&tables, &kept);
    let Sorted { order, duplicates, unordered } = sort(&time, unit.as_deref());
    report.duplicates = duplicates;
    report.unordered = unordered;
    let time = reorder(time, order.as_deref());
    let unit = unit.map(|u| reorder(u, order.as_deref()));
    let Steps { median, threshold, gaps, breaks } = steps(&time, unit.as_deref());
    report.gaps = gaps;
    let scale = if axis == TimeAxis::Counter { 1.0 } else { 1e6 };
    report.cadence_seconds = median.filter(|_| axis != TimeAxis::Counter).map(|m| m as f64 / scale);
    report.gap_threshold = threshold.map(|t| t as f64 / scale);

    let mut frame = Frame {
        axis,
        time,
        names: Vec::new(),
        columns: Vec::new(),
        breaks,
        unit,
        unit_names: unit_names.unwrap_or_default(),
    };
    let mut numeric = false;
    for (index, name) in plan.sensors.iter().enumerate() {
        let column = join_column(&mut tables, index, &kept);
        let reason = not_numeric(&column);
        numeric |= reason.is_none();
        let values = reorder(column.values, order.as_deref());
        if let Some(reason) = reason.or_else(|| silent(&values)).or_else(|| row_number(name, &values)) {
            report.dropped_columns.push((name.clone(), reason));
            continue;
        }
        report.unreadable_cells += column.unreadable;
        report.missing_cells += values.iter().filter(|v| v.is_nan()).count() as u64;
        if let Some((line, cell)) = &column.first_unreadable {
            report.warnings.push(format!(
                "column `{name}`: {} cells that are no numbers are taken as gaps, first `{cell}` at line {line}",
                column.unreadable
            ));
        }
        frame.names.push(name.clone());
        frame.columns.push(values);
    }
    if frame.columns.is_empty() {
        let reasons = reasons(&report.dropped_columns);
        return Err(if numeric {
            InputError::NoSensor { file: first, reasons }
        } else {
            InputError::NoNumeric { file: first, reasons }
        });
    }
    let mut labels = Vec::new();
    for (index, name) in plan.labels.iter().enumerate() {
        let joined = join(&tables, &kept, |t| &t.labels[index]);
        labels.push((name.clone(), reorder(joined, order.as_deref())));
    }
    warn(report);
    Ok(Assembled { frame, labels })
}

/// The time axis and the times. Rows without a time column are numbered on
/// through all tables.
fn times(
    tables: &mut [Table],
    plan: &Plan,
    report: &mut ReadReport,
) -> Result<(TimeAxis, Times), InputError> {
    let rows = |t: &Table| (t.rows_read - t.bad.count) as usize;
    let Some(column) = plan.time.as_ref() else {
        let mut next = 0_i64;
        let numbered = tables.iter().map(|t| {
            let start = next;
            next += rows(t) as i64;
            (start..next).map(Some).collect()
        });
        return Ok((TimeAxis::Counter, numbered.collect()));
    };
    report.timestamp_column = Some(match &plan.clock {
        Some(clock) => format!("{column} and {clock}"),
        None => column.clone(),
    });
    let mut examples: Vec<Option<String>> = Vec::new();
    for table in tables.iter_mut() {
        examples.resize(table.examples.len(), None);
        for (all, some) in examples.iter_mut().zip(&mut table.examples) {
            if all.is_none() {
                *all = some.take();
            }
        }
    }
    let runs: Vec<Run<'_>> = tables
        .iter()
        .map(|t| Run {
            stamps: t.stamps.as_deref().unwrap_or_default(),
            units: t.units.as_ref().map(|(u, _)| u.as_slice()),
        })
        .collect();
    let Resolved { axis, times, formats } = match resolve(&runs, &examples) {
        Ok(resolved) => resolved,
        Err(reason) => return Err(unresolved(reason, tables, column, &examples)),
    };
    report.timestamp_formats = formats;
    for (table, times) in tables.iter_mut().zip(&times) {
        let stamps = table.stamps.take().unwrap_or_default();
        for (stamp, _) in stamps.iter().zip(times).filter(|(_, time)| time.is_none()) {
            let why = || format!("the timestamp does not fit {}", report.timestamp_formats.join(" or "));
            table.bad.add(u64::from(stamp.line), 1, why);
        }
    }
    Ok((axis, times))
}

fn unresolved(reason: Unresolved, tables: &[Table], column: &str, examples: &[Option<String>]) -> InputError {
    let column = column.to_owned();
    match reason {
        Unresolved::Ambiguous { form, orders } => {
            let example = examples[form.index()].clone().unwrap_or_default();
            let (readings, format) = form.readings(&orders, &example);
            InputError::AmbiguousDates { file: tables[0].source.clone(), column, example, readings, format }
        }
        Unresolved::Counter { run, line, value, before } => InputError::BadCounter {
            file: tables[run].source.clone(),
            column,
            line: u64::from(line),
            value,
            before: before.map_or_else(|| "nothing".to_owned(), |b| b.to_string()),
        },
    }
}

/// Counts bad rows; an error where a file has too many, or nothing else.
fn check_bad_rows(tables: &[Table], report: &mut ReadReport) -> Result<(), InputError> {
    for table in tables {
        let BadRows { count, lines, why } = &table.bad;
        report.rows_read += table.rows_read;
        report.rows_dropped += count;
        let room = BadRows::SHOWN - report.first_bad_lines.len();
        report.first_bad_lines.extend(lines.iter().take(room).map(|line| (table.source.clone(), *line)));
        if count * BAD_ROWS > table.rows_read {
            let lines = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let (file, why) = (table.source.clone(), why.clone());
            return Err(InputError::TooManyBadRows {
                file,
                dropped: *count,
                rows: table.rows_read,
                why,
                lines,
            });
        }
    }
    Ok(())
}

/// Makes all tables count units alike; the names, in order of first appearance.
fn merge_units(tables: &mut [Table]) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for table in tables.iter_mut() {
        let (units, own) = table.units.as_mut()?;
        let translate: Vec<u32> = own
            .iter()
            .map(|name| {
                let known = names.iter().position(|n| n == name);
                known.unwrap_or_else(|| {
                    names.push(name.clone());
                    names.len() - 1
                }) as u32
            })
            .collect();
        for unit in units.iter_mut() {
            *unit = translate[*unit as usize];
        }
    }
    Some(names)
}

fn join_units(tables: &[Table], kept: &[Vec<Option<i64>>]) -> Option<Vec<u32>> {
    tables[0].units.as_ref()?;
    Some(join(tables, kept, |t| t.units.as_ref().map_or(&[], |(u, _)| u.as_slice())))
}

/// One column over all tables, kept rows only.
fn join<'t, T: Copy + 't>(
    tables: &'t [Table],
    kept: &[Vec<Option<i64>>],
    pick: impl Fn(&'t Table) -> &'t [T],
) -> Vec<T> {
    let mut all = Vec::with_capacity(kept.iter().map(Vec::len).sum());
    for (table, kept) in tables.iter().zip(kept) {
        all.extend(pick(table).iter().zip(kept).filter(|(_, time)| time.is_some()).map(|(value, _)| *value));
    }
    all
}

/// [`join`] for a sensor, whose columns are freed on the way.
fn join_column(tables: &mut [Table], index: usize, kept: &[Vec<Option<i64>>]) -> Column {
    let mut joined = if let [only] = tables
        && kept[0].iter().all(Option::is_some)
    {
        return std::mem::take(&mut only.sensors[index]);
    } else {
        Column { values: join(tables, kept, |t| &t.sensors[index].values), ..Column::default() }
    };
    for table in tables {
        let own = std::mem::take(&mut table.sensors[index]);
        joined.present += own.present;
        joined.unreadable += own.unreadable;
        joined.first_unreadable = joined.first_unreadable.or(own.first_unreadable);
    }
    joined
}

fn reorder<T: Copy>(values: Vec<T>, order: Option<&[u32]>) -> Vec<T> {
    match order {
        Some(order) => order.iter().map(|row| values[*row as usize]).collect(),
        None => values,
    }
}

/// Why a column is no numeric one.
fn not_numeric(column: &Column) -> Option<String> {
    let cells = column.present + column.unreadable;
    let (line, example) = column.first_unreadable.as_ref()?;
    ((column.present as f64) < NUMERIC * cells as f64).then(|| {
        format!(
            "text: {} of {cells} cells are no numbers, first `{example}` at line {line}",
            column.unreadable
        )
    })
}

/// Why a column says nothing. A single row cannot tell whether a sensor is constant.
fn silent(values: &[f64]) -> Option<String> {
    let mut present = values.iter().filter(|v| !v.is_nan());
    let Some(first) = present.next() else {
        return Some("empty: no value in any row".to_owned());
    };
    #[expect(clippy::float_cmp, reason = "constant means that every value is the very same")]
    let constant = values.len() > 1 && present.all(|v| v == first);
    constant.then(|| format!("constant: every value is {first}"))
}

/// Whether a column is the row index that data frame libraries write as a first column without a name.
fn row_number(name: &str, values: &[f64]) -> Option<String> {
    let unnamed = name.is_empty() || name == "c1" || name == "index" || name.starts_with("Unnamed: ");
    #[expect(clippy::float_cmp, reason = "row numbers are whole and exact")]
    let counts = values.len() > 2 && values.windows(2).all(|w| w[1] == w[0] + 1.0);
    (unnamed && counts).then(|| "row number, no measurement".to_owned())
}

fn reasons(dropped: &[(String, String)]) -> String {
    const SHOWN: usize = 5;
    if dropped.is_empty() {
        return "no other column".to_owned();
    }
    let shown: Vec<String> =
        dropped.iter().take(SHOWN).map(|(name, reason)| format!("`{name}` is {reason}")).collect();
    let more = dropped.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

/// Puts what people should know into words.
fn warn(report: &mut ReadReport) {
    let mut notes = Vec::new();
    if report.rows_dropped > 0 {
        let at =
            report.first_bad_lines.iter().map(|(f, l)| format!("{f}:{l}")).collect::<Vec<_>>().join(", ");
        notes.push(format!(
            "{} of {} rows do not parse and are left out, first at {at}",
            report.rows_dropped, report.rows_read
        ));
    }
    if report.duplicates > 0 {
        notes.push(format!("{} rows repeat a timestamp; the last row of each is kept", report.duplicates));
    }
    if report.unordered > 0 {
        notes.push(format!("{} rows are before the row above; rows are sorted by time", report.unordered));
    }
    report.warnings.extend(notes);
}
