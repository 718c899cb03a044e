//! [`Cursor`]: reads a date and a time of day from left to right.

use super::calendar::midnight;
use super::form::Date;
use super::stamp::Value;

/// A time of day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// Since midnight.
    pub(super) micros: i64,
    /// Written with AM or PM.
    pub(super) twelve: bool,
    /// Seconds east of UTC.
    pub(super) offset: Option<i32>,
}

/// Reads a cell from left to right.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// At the start of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Nothing is left.
    pub(super) fn done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Steps over `byte` if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn blanks(&mut self) -> bool {
        let start = self.at;
        while self.eat(b' ') || self.eat(b'\t') {}
        self.at > start
    }

    /// A run of digits: how many, and their value (at most nine are read).
    fn digits(&mut self) -> Option<(usize, u32)> {
        let start = self.at;
        let mut value = 0_u32;
        while let Some(d) = self.peek().filter(u8::is_ascii_digit) {
            if self.at - start == 9 {
                return None;
            }
            value = value * 10 + u32::from(d - b'0');
            self.at += 1;
        }
        (self.at > start).then_some((self.at - start, value))
    }

    /// One or two digits.
    fn small(&mut self) -> Option<u8> {
        self.digits().filter(|(n, _)| *n <= 2).map(|(_, v)| v as u8)
    }

    /// The English name of a month, at least its first three letters.
    fn month_name(&mut self) -> Option<u8> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            self.at += 1;
        }
        let word = self.bytes[start..self.at].to_ascii_lowercase();
        let month = MONTHS.iter().position(|m| word.len() >= 3 && m.as_bytes().starts_with(&word))?;
        Some(month as u8 + 1)
    }

    /// `2012-05-21`, `5/21/2012`, `21-May-12` and their like. An open date has no time of day yet.
    pub(super) fn date(&mut self) -> Option<(Value, Date)> {
        let exact = |y: i32, m: u8, d: u8, form: Date| Some((Value::Exact(midnight(y, m, d)?), form));
        if self.peek()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            self.eat(b'.');
            self.blanks();
            let day = self.small()?;
            let comma = self.eat(b',');
            if !self.blanks() && !comma {
                return None;
            }
            return exact(self.year()?, month, day, Date::MonthName);
        }
        let (length, first) = self.digits()?;
        if length == 8 {
            // Eight digits alone are a number like any other.
            if self.done() {
                return None;
            }
            let compact = (first / 10_000) as i32;
            return exact(compact, (first / 100 % 100) as u8, (first % 100) as u8, Date::YearFirst);
        }
        let separator = self.peek()?;
        let blank = separator == b' ';
        if blank {
            self.blanks();
        } else if matches!(separator, b'/' | b'-' | b'.') {
            self.at += 1;
        } else {
            return None;
        }
        if self.peek()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            let again = if blank { self.blanks() } else { self.eat(separator) };
            if !again || length > 2 {
                return None;
            }
            return exact(self.year()?, month, first as u8, Date::MonthName);
        }
        let second = self.small()?;
        if blank || !self.eat(separator) {
            return None;
        }
        let (last_length, last) = self.digits()?;
        match (length, last_length) {
            (4, 1 | 2) => exact(first as i32, second, last as u8, Date::YearFirst),
            (1 | 2, 4) => {
                let date = match separator {
                    b'/' => Date::Slash,
                    b'-' => Date::Dash,
                    _ => Date::Dot,
                };
                Some((Value::Open(first as u8, second, last as i16, 0), date))
            }
            (1 | 2, 2) => {
                let date = match separator {
                    b'/' => Date::SlashShort,
                    b'-' => Date::DashShort,
                    _ => Date::DotShort,
                };
                Some((Value::Open(first as u8, second, last as i16, 0), date))
            }
            _ => None,
        }
    }

    /// A year of four or two digits.
    fn year(&mut self) -> Option<i32> {
        match self.digits()? {
            (4, y) => Some(y as i32),
            (2, y) => Some(full_year(y as i32)),
            _ => None,
        }
    }

    /// What stands between a date and a time of day.
    pub(super) fn between(&mut self) -> Option<()> {
        if matches!(self.peek(), Some(b'T' | b't')) {
            self.at += 1;
            return Some(());
        }
        let comma = self.eat(b',');
        (self.blanks() || comma).then_some(())
    }

    /// `14:00`, `14:00:30.5`, `2:00 PM`, `14:00:00Z`, `14:00+02:00`, `140030`.
    pub(super) fn clock(&mut self) -> Option<Clock> {
        let (length, first) = self.digits()?;
        let (hour, minute, mut second) = match length {
            4 => (first / 100, first % 100, 0),
            6 => (first / 10_000, first / 100 % 100, first % 100),
            1 | 2 => {
                if !self.eat(b':') {
                    return None;
                }
                (first, u32::from(self.small()?), 0)
            }
            _ => return None,
        };
        let mut fraction = 0;
        if length <= 2 && self.eat(b':') {
            second = u32::from(self.small()?);
        }
        if matches!(self.peek(), Some(b'.' | b',')) {
            self.at += 1;
            fraction = self.fraction()?;
        }
        self.blanks();
        let meridiem = self.meridiem();
        let hour = match meridiem {
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
            None => hour,
        };
        self.blanks();
        let offset = if self.done() { None } else { Some(self.offset()?) };
        // 24:00 ends a day, second 60 is a leap second.
        let day_end = hour == 24 && minute == 0 && second == 0 && fraction == 0;
        if (hour > 23 && !day_end) || minute > 59 || second > 60 {
            return None;
        }
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Clock { micros: seconds * 1_000_000 + fraction, twelve: meridiem.is_some(), offset })
    }

    /// Digits after the point as microseconds; further ones are cut.
    fn fraction(&mut self) -> Option<i64> {
        let start = self.at;
        let mut micros = 0;
        let mut place = 100_000;
        while let Some(d) = self.peek().filter(u8::is_ascii_digit) {
            micros += i64::from(d - b'0') * place;
            place /= 10;
            self.at += 1;
        }
        (self.at > start).then_some(micros)
    }

    /// `AM`, `p.m.`: whether it is the afternoon.
    fn meridiem(&mut self) -> Option<bool> {
        let mut probe = *self;
        let afternoon = match probe.peek()?.to_ascii_lowercase() {
            b'a' => false,
            b'p' => true,
            _ => return None,
        };
        probe.at += 1;
        probe.eat(b'.');
        if !probe.peek().is_some_and(|b| b.eq_ignore_ascii_case(&b'm')) {
            return None;
        }
        probe.at += 1;
        probe.eat(b'.');
        *self = probe;
        Some(afternoon)
    }

    /// `Z`, `UTC`, `GMT`, `+02`, `+0200`, `+02:00`: seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
        let rest = &self.bytes[self.at..];
        if [b"z".as_slice(), b"utc", b"gmt"].iter().any(|w| rest.eq_ignore_ascii_case(w)) {
            self.at = self.bytes.len();
            return Some(0);
        }
        let sign = match self.peek()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.at += 1;
        let (hours, minutes) = match self.digits()? {
            (1 | 2, h) if self.eat(b':') => (h, u32::from(self.small()?)),
            (1 | 2, h) => (h, 0),
            (4, hm) => (hm / 100, hm % 100),
            _ => return None,
        };
        (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60) as i32)
    }
}

/// The century of a two-digit year as POSIX has it: 69 to 99 are 19xx, 00 to 68 are 20xx.
pub(super) fn full_year(short: i32) -> i32 {
    if short >= 69 { 1900 + short } else { 2000 + short }
}
