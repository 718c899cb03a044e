//! One reading for a whole column of stamps.

use rayon::prelude::*;

use super::counter::scale;
use super::form::{Date, Form};
use super::order::{Order, Orders, settle};
use super::stamp::{Stamp, Value};
use crate::frame::TimeAxis;

/// The stamps of one file.
#[derive(Clone, Copy, Debug)]
pub(in crate::input) struct Run<'a> {
    pub(in crate::input) stamps: &'a [Stamp],
    /// The unit of each row, where there are several.
    pub(in crate::input) units: Option<&'a [u32]>,
}

/// A column's times.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct Resolved {
    pub(in crate::input) axis: TimeAxis,
    /// For each file, the time of each row; `None` where a cell does not fit the reading.
    pub(in crate::input) times: Vec<Vec<Option<i64>>>,
    /// The readings in words.
    pub(in crate::input) formats: Vec<String>,
}

/// Why a column has no reading.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) enum Unresolved {
    /// Dates of this form fit several orders.
    Ambiguous { form: Form, orders: Vec<Order> },
    /// Plain numbers that are no time.
    Counter { run: usize, line: u32, value: f64, before: Option<f64> },
}

/// Reads the stamps of all files as one column. `examples` holds one cell for each form that occurs.
///
/// Plain numbers count where they are the majority; then they are all that counts. Times with an offset count where
/// they are the majority, times without otherwise: the two cannot be compared.
pub(in crate::input) fn resolve(
    runs: &[Run<'_>],
    examples: &[Option<String>],
) -> Result<Resolved, Unresolved> {
    let mut counts = [0_u64; Form::COUNT];
    for stamp in runs.iter().flat_map(|r| r.stamps) {
        counts[stamp.form.index()] += 1;
    }
    let total: u64 = counts.iter().sum();
    let numbers = counts[Form::NUMBER.index()];
    if numbers * 2 > total {
        let scale = scale(runs)?;
        let times = each(runs, |s| if let Value::Number(v) = s.value { scale.time(v) } else { None });
        let example = example(examples, Form::NUMBER);
        let formats = vec![format!("{}{example} ({numbers} rows)", scale.words())];
        return Ok(Resolved { axis: scale.axis(), times, formats });
    }
    let orders = settle(runs).map_err(|(form, orders)| Unresolved::Ambiguous { form, orders })?;
    let zoned: u64 = Form::all().filter(|f| f.zone()).map(|f| counts[f.index()]).sum();
    let zone = zoned * 2 > total - numbers;
    let times = each(runs, |s| if s.form.zone() == zone { orders.time(s.value, s.form) } else { None });
    let formats = Form::all()
        .filter(|f| counts[f.index()] > 0 && f.date() != Date::Number && f.zone() == zone)
        .map(|f| format!("{}{} ({} rows)", words(f, &orders), example(examples, f), counts[f.index()]))
        .collect();
    Ok(Resolved { axis: if zone { TimeAxis::Utc } else { TimeAxis::Civil }, times, formats })
}

/// Applies `read` to every stamp, on all threads.
fn each(runs: &[Run<'_>], read: impl Fn(&Stamp) -> Option<i64> + Sync) -> Vec<Vec<Option<i64>>> {
    runs.iter().map(|run| run.stamps.par_iter().with_min_len(4096).map(&read).collect()).collect()
}

fn example(examples: &[Option<String>], form: Form) -> String {
    examples
        .get(form.index())
        .and_then(Option::as_ref)
        .map_or_else(String::new, |e| format!(", such as `{e}`"))
}

/// A form in words.
fn words(form: Form, orders: &Orders) -> String {
    let date = match (form.date(), orders.of(form), form.date().open()) {
        (Date::YearFirst, ..) => "year-month-day".to_owned(),
        (Date::MonthName, ..) => "day and month name".to_owned(),
        (_, Some(order), Some((separator, _))) => order.words(separator),
        _ => "as given".to_owned(),
    };
    let clock = if form.twelve_hours() { ", 12 hours" } else { "" };
    let zone = if form.zone() { ", with offset" } else { "" };
    format!("{date}{clock}{zone}")
}

impl Form {
    /// The orders in words, and a `strptime` format that reads `example` in the first of them, for dates whose order is
    /// open.
    pub(in crate::input) fn readings(self, orders: &[Order], example: &str) -> (String, String) {
        let Some((separator, short)) = self.date().open() else {
            return (String::new(), String::new());
        };
        let readings: Vec<String> = orders.iter().map(|o| o.words(separator)).collect();
        let date = orders.first().map_or_else(String::new, |o| o.directive(separator, short));
        let fraction = if example.rsplit(':').next().is_some_and(|s| s.contains('.')) { "%.f" } else { "" };
        let clock = match (example.matches(':').count(), self.twelve_hours()) {
            (0, _) => String::new(),
            (1, false) => " %H:%M".to_owned(),
            (1, true) => " %I:%M %p".to_owned(),
            (_, false) => format!(" %H:%M:%S{fraction}"),
            (_, true) => format!(" %I:%M:%S{fraction} %p"),
        };
        (readings.join(" or "), format!("`{date}{clock}`"))
    }
}
