//! Days of the Gregorian calendar.

/// Microseconds in a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Microseconds from 1970-01-01T00:00:00 to the start of a day, `None` where the calendar has no such day. Years 1 to
/// 9999. Days are counted from 1 March, so that a leap day ends its year (E. G. Richards, "Mapping Time", 1998).
pub(super) fn midnight(year: i32, month: u8, day: u8) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > month_length(year, month)
    {
        return None;
    }
    let (y, m) = if month > 2 { (year, i64::from(month) - 3) } else { (year - 1, i64::from(month) + 9) };
    let y = i64::from(y);
    let before_year = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
    let before_month = (153 * m + 2) / 5;
    // 719,469 days lie between 0000-03-01 and 1970-01-02.
    Some((before_year + before_month + i64::from(day) - 719_469) * DAY)
}

fn month_length(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_jiff_over_four_centuries_and_at_the_ends() {
        let epoch = jiff::civil::date(1970, 1, 1);
        let mut days = vec![jiff::civil::date(1, 1, 1), jiff::civil::date(9999, 12, 31)];
        let mut day = jiff::civil::date(1800, 1, 1);
        while day.year() < 2201 {
            days.push(day);
            day = day.checked_add(jiff::Span::new().days(13)).unwrap();
        }
        for d in days {
            let expected = i64::from((d - epoch).get_days()) * DAY;
            assert_eq!(midnight(i32::from(d.year()), d.month() as u8, d.day() as u8), Some(expected), "{d}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_none() {
        for (y, m, d) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2020, 13, 1),
            (2020, 0, 1),
            (2020, 4, 31),
            (2020, 1, 0),
            (0, 1, 1),
        ] {
            assert_eq!(midnight(y, m, d), None, "{y}-{m}-{d}");
        }
        assert!(midnight(2000, 2, 29).is_some());
    }
}
