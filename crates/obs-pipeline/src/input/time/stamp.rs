//! [`Stamp`]: one timestamp, read as far as a single cell allows.
//!
//! A cell such as `5/6/2012` does not say which number is the month; its stamp stays open until the whole column is
//! seen ([`resolve`](super::resolve())).

use super::calendar::midnight;
use super::cursor::{Clock, Cursor};
use super::form::{Date, Form};

/// One timestamp as read from one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::input) struct Stamp {
    /// What the cell says.
    pub(in crate::input) value: Value,
    /// How it says it.
    pub(in crate::input) form: Form,
    /// The line it stands in.
    pub(in crate::input) line: u32,
}

/// What a cell says about time. Microseconds since 1970-01-01T00:00:00, offsets already taken off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::input) enum Value {
    /// A time.
    Exact(i64),
    /// Three numbers of a date in an order that is open, and the microseconds since that day's start.
    Open(u8, u8, i16, i64),
    /// A plain number: epoch time or counter.
    Number(f64),
}

/// Reads a cell in any of the accepted spellings; plain numbers are not among them. The line is left 0.
pub(in crate::input) fn parse(text: &str) -> Option<Stamp> {
    iso(text.as_bytes()).or_else(|| general(text))
}

/// Reads a cell by a `strptime` format. A result with an offset is an instant, one without is civil time.
pub(in crate::input) fn parse_given(text: &str, format: &str) -> Result<Stamp, jiff::Error> {
    let fields = jiff::fmt::strtime::parse(format, text)?;
    let zone = fields.offset().is_some() || fields.timestamp().is_some();
    let micros = if zone {
        fields.to_timestamp()?.as_microsecond()
    } else {
        let day = fields.to_date()?;
        let time = if fields.hour().is_some() { fields.to_time()? } else { jiff::civil::Time::midnight() };
        jiff::tz::Offset::UTC.to_timestamp(day.to_datetime(time))?.as_microsecond()
    };
    Ok(Stamp { value: Value::Exact(micros), form: Form::new(Date::Given, false, zone), line: 0 })
}

/// Whether a cell is a time of day and nothing else, as in tables with a date and a time column.
pub(in crate::input) fn parse_clock_only(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.clock().is_some_and(|c| c.offset.is_none()) && cursor.done()
}

/// The spelling that most files use, `2012-05-21T14:00:00` or with a blank, at fixed places.
fn iso(b: &[u8]) -> Option<Stamp> {
    if b.len() != 19
        || b[4] != b'-'
        || b[7] != b'-'
        || b[13] != b':'
        || b[16] != b':'
        || !matches!(b[10], b' ' | b'T')
    {
        return None;
    }
    let two = |i: usize| {
        let (t, u) = (b[i].wrapping_sub(b'0'), b[i + 1].wrapping_sub(b'0'));
        (t < 10 && u < 10).then_some(t * 10 + u)
    };
    let year = i32::from(two(0)?) * 100 + i32::from(two(2)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let micros = midnight(year, two(5)?, two(8)?)? + seconds * 1_000_000;
    Some(Stamp { value: Value::Exact(micros), form: Form::new(Date::YearFirst, false, false), line: 0 })
}

/// Any other spelling: a date, then perhaps a time of day, then perhaps a zone.
fn general(text: &str) -> Option<Stamp> {
    let mut cursor = Cursor::new(text);
    let (value, date) = cursor.date()?;
    let mut clock = Clock::default();
    if !cursor.done() {
        cursor.between()?;
        clock = cursor.clock()?;
        if !cursor.done() {
            return None;
        }
    }
    let micros = clock.micros - i64::from(clock.offset.unwrap_or(0)) * 1_000_000;
    let value = match value {
        Value::Exact(day) => Value::Exact(day + micros),
        Value::Open(a, b, c, _) => Value::Open(a, b, c, micros),
        Value::Number(_) => return None,
    };
    Some(Stamp { value, form: Form::new(date, clock.twelve, clock.offset.is_some()), line: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Option<String> {
        match parse(text)?.value {
            Value::Exact(micros) => Some(crate::frame::format_time(crate::frame::TimeAxis::Civil, micros)),
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn unambiguous_spellings_are_read() {
        for (text, time) in [
            ("2012-05-21 14:00:30", "2012-05-21T14:00:30"),
            ("2012-05-21T14:00:30", "2012-05-21T14:00:30"),
            ("2012-05-21T14:00:30.25", "2012-05-21T14:00:30.25"),
            ("2012-05-21 14:00:30,123456789", "2012-05-21T14:00:30.123456"),
            ("2012-05-21T14:00:30Z", "2012-05-21T14:00:30"),
            ("2012-05-21T14:00:30+02:00", "2012-05-21T12:00:30"),
            ("2012-05-21 14:00:30 -0130", "2012-05-21T15:30:30"),
            ("2012-05-21 14:00:30 UTC", "2012-05-21T14:00:30"),
            ("2012/5/1 4:05", "2012-05-01T04:05:00"),
            ("2012-05-21", "2012-05-21T00:00:00"),
            ("20120521T140030Z", "2012-05-21T14:00:30"),
            ("21-May-12 14:00:30", "2012-05-21T14:00:30"),
            ("21 May 1999 2:00 pm", "1999-05-21T14:00:00"),
            ("May 21, 2012 12:05:00 AM", "2012-05-21T00:05:00"),
            ("2012-12-31 24:00", "2013-01-01T00:00:00"),
        ] {
            assert_eq!(exact(text).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn other_orders_stay_open() {
        let open = |text: &str| parse(text).map(|s| s.value);
        let h = 3_600_000_000;
        assert_eq!(open("5/21/2012 14:00"), Some(Value::Open(5, 21, 2012, 14 * h)));
        assert_eq!(open("01-02-2013 00:00"), Some(Value::Open(1, 2, 2013, 0)));
        assert_eq!(open("21.05.12 2:00 PM"), Some(Value::Open(21, 5, 12, 14 * h)));
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in [
            "",
            "x",
            "12",
            "20120521",
            "1.5",
            "1.2.3",
            "14:00",
            "2012-13-01",
            "2012-02-30 10:00",
            "2012-05-21 25:00",
            "2012-05-21 14:61",
            "2012-05-21 13:00 PM",
            "2012-05-21 14:00 foo",
            "5/21-2012",
            "99999999999999999999",
            "2012-05-21T",
            "é",
            "1/2/3/4",
            "Maybe 21 2012",
            "2012-05-21 14:00:0é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_given_format_reads_what_nothing_else_would() {
        let stamp = parse_given("21h14 03_02_2012", "%Hh%M %d_%m_%Y").unwrap();
        assert_eq!(stamp.value, Value::Exact(1_328_303_640_000_000));
        assert!(parse_given("2012-05-21", "%d.%m.%Y").is_err());
        assert!(parse_given("2012-05-21 14:00 +02:00", "%Y-%m-%d %H:%M %:z").unwrap().form.zone());
        assert_eq!(parse_given("1328303640", "%s").unwrap().value, Value::Exact(1_328_303_640_000_000));
    }
}
