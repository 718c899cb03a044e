//! The order of day, month and year where cells leave it open, judged over the whole column.
//!
//! Each spelling (`5/21/2012`, `01-02-2013`, …) has its own order, since spreadsheets rewrite the part of a column that
//! they understand. An order is possible for a spelling when it makes at most 5 % of its cells impossible dates. Where
//! several are possible, every combination is tried: the right one runs on evenly, a wrong one jumps at every change of
//! day or month. The combination with the fewest disruptions (impossible dates, steps against the common direction,
//! steps over five median ones) wins if the next has at least twice as many; else the dates are ambiguous.

use super::calendar::midnight;
use super::cursor::full_year;
use super::form::Form;
use super::resolve::Run;
use super::stamp::Value;

/// An order of the three numbers of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::input) enum Order {
    Month,
    Day,
    /// Only with a year of two digits.
    Year,
}

impl Order {
    /// Start of the day that three numbers mean in this order.
    fn midnight(self, a: u8, b: u8, c: i16, short_year: bool) -> Option<i64> {
        let year = |y: i32| if short_year { full_year(y) } else { y };
        match self {
            Self::Month => midnight(year(i32::from(c)), a, b),
            Self::Day => midnight(year(i32::from(c)), b, a),
            Self::Year => midnight(year(i32::from(a)), b, u8::try_from(c).ok()?),
        }
    }

    /// The order in words.
    pub(in crate::input) fn words(self, separator: char) -> String {
        let [a, b, c] = match self {
            Self::Month => ["month", "day", "year"],
            Self::Day => ["day", "month", "year"],
            Self::Year => ["year", "month", "day"],
        };
        format!("{a}{separator}{b}{separator}{c}")
    }

    /// The order as the date part of a `strptime` format.
    pub(in crate::input) fn directive(self, separator: char, short_year: bool) -> String {
        let y = if short_year { "%y" } else { "%Y" };
        let [a, b, c] = match self {
            Self::Month => ["%m", "%d", y],
            Self::Day => ["%d", "%m", y],
            Self::Year => [y, "%m", "%d"],
        };
        format!("{a}{separator}{b}{separator}{c}")
    }
}

/// The order of each spelling of a date.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Orders(Vec<(char, bool, Order)>);

impl Orders {
    /// The order for a spelling.
    pub(super) fn of(&self, form: Form) -> Option<Order> {
        let (separator, short) = form.date().open()?;
        self.0.iter().find(|(s, y, _)| (*s, *y) == (separator, short)).map(|(.., order)| *order)
    }

    /// The time of an exact or open stamp; `None` for an impossible date and for plain numbers.
    pub(super) fn time(&self, value: Value, form: Form) -> Option<i64> {
        match value {
            Value::Exact(micros) => Some(micros),
            Value::Open(a, b, c, clock) => {
                let (_, short) = form.date().open()?;
                Some(self.of(form)?.midnight(a, b, c, short)? + clock)
            }
            Value::Number(_) => None,
        }
    }
}

/// A spelling whose order stays open: its form, and the orders that fit.
pub(super) type Open = (Form, Vec<Order>);

/// Finds the order of every spelling in `runs`.
pub(super) fn settle(runs: &[Run<'_>]) -> Result<Orders, Open> {
    let rows: usize = runs.iter().map(|r| r.stamps.len()).sum();
    let mut combinations = vec![Orders::default()];
    let mut unsettled: Option<Open> = None;
    for spelling in spellings(runs) {
        let orders = match possible(runs, spelling) {
            Ok(orders) => orders,
            // A few stray cells of another spelling are bad rows, not a reading to settle.
            Err((_, cells)) if cells * 20 <= rows => continue,
            Err((open, _)) => return Err(open),
        };
        if orders.len() > 1 && unsettled.is_none() {
            unsettled = Some((spelling.2, orders.clone()));
        }
        combinations = combinations
            .iter()
            .flat_map(|c| {
                orders.iter().map(|order| {
                    let mut next = c.clone();
                    next.0.push((spelling.0, spelling.1, *order));
                    next
                })
            })
            .collect();
    }
    let Some(open) = unsettled else {
        return Ok(combinations.swap_remove(0));
    };
    smoothest(runs, combinations).ok_or(open)
}

/// Separator, short year, and one form that has them.
type Spelling = (char, bool, Form);

fn spellings(runs: &[Run<'_>]) -> Vec<Spelling> {
    let mut seen = [false; Form::COUNT];
    for stamp in runs.iter().flat_map(|r| r.stamps) {
        seen[stamp.form.index()] = true;
    }
    let mut found: Vec<Spelling> = Vec::new();
    for form in Form::all().filter(|f| seen[f.index()]) {
        if let Some((separator, short)) = form.date().open()
            && !found.iter().any(|(s, y, _)| (*s, *y) == (separator, short))
        {
            found.push((separator, short, form));
        }
    }
    found
}

/// The orders that fit the cells of one spelling, by the calendar alone. Orders that mean the same day in every cell
/// count as one. The error says how many cells there are.
fn possible(runs: &[Run<'_>], (separator, short, form): Spelling) -> Result<Vec<Order>, (Open, usize)> {
    let candidates: &[Order] =
        if short { &[Order::Month, Order::Day, Order::Year] } else { &[Order::Month, Order::Day] };
    let mut impossible = [0_usize; 3];
    let mut same_as = [true; 3];
    let mut cells = 0_usize;
    for stamp in runs.iter().flat_map(|r| r.stamps) {
        let Value::Open(a, b, c, _) = stamp.value else { continue };
        if stamp.form.date().open() != Some((separator, short)) {
            continue;
        }
        cells += 1;
        let mut days = [None; 3];
        for (i, order) in candidates.iter().enumerate() {
            days[i] = order.midnight(a, b, c, short);
            impossible[i] += usize::from(days[i].is_none());
            same_as[i] &= days[i] == days[0];
        }
    }
    let fits: Vec<usize> = (0..candidates.len()).filter(|i| impossible[*i] * 20 <= cells).collect();
    if fits.is_empty() {
        return Err(((form, candidates.to_vec()), cells));
    }
    let distinct = fits.iter().filter(|i| **i == fits[0] || !(same_as[**i] && same_as[fits[0]]));
    Ok(distinct.map(|i| candidates[*i]).collect())
}

/// The combination with clearly the fewest disruptions, if there is one.
fn smoothest(runs: &[Run<'_>], combinations: Vec<Orders>) -> Option<Orders> {
    let mut ranked: Vec<(usize, Orders)> =
        combinations.into_iter().map(|orders| (disruptions(runs, &orders), orders)).collect();
    ranked.sort_by_key(|(n, _)| *n);
    let clear = ranked.len() < 2 || (ranked[1].0 > ranked[0].0 && ranked[1].0 >= 2 * ranked[0].0);
    clear.then(|| ranked.swap_remove(0).1)
}

/// Impossible dates, and steps of time within a file and a unit that go against the common direction or are over five
/// median steps.
fn disruptions(runs: &[Run<'_>], orders: &Orders) -> usize {
    let mut steps: Vec<i64> = Vec::new();
    let mut impossible = 0_usize;
    for run in runs {
        let mut before: Option<(i64, u32)> = None;
        for (row, stamp) in run.stamps.iter().enumerate() {
            let Some(time) = orders.time(stamp.value, stamp.form) else {
                impossible += 1;
                continue;
            };
            let unit = run.units.map_or(0, |u| u[row]);
            if let Some((earlier, same)) = before
                && same == unit
                && time != earlier
            {
                steps.push(time - earlier);
            }
            before = Some((time, unit));
        }
    }
    if steps.is_empty() {
        return impossible;
    }
    let backwards = steps.iter().filter(|s| **s < 0).count();
    let direction = if backwards * 2 > steps.len() { -1 } else { 1 };
    let mut sizes: Vec<i64> = steps.iter().map(|s| s.abs()).collect();
    let middle = sizes.len() / 2;
    let median = *sizes.select_nth_unstable(middle).1;
    impossible + steps.iter().filter(|s| **s * direction < 0 || s.abs() > 5 * median).count()
}
