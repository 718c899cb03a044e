//! RFC 3339 times, rendered once a second per thread.

use crate::json;

/// Renders times; keeps the text of the second it saw last.
#[derive(Debug, Default)]
pub(crate) struct Timestamps {
    second: Option<u64>,
    /// `2026-11-21T12:57:25`
    text: Vec<u8>,
}

impl Timestamps {
    /// Appends `nanos` since the Unix epoch as `2026-11-21T12:57:25.123456Z`.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, nanos: u64) {
        let second = nanos / 1_000_000_000;
        if self.second != Some(second) {
            self.text.clear();
            civil(&mut self.text, second);
            self.second = Some(second);
        }
        out.extend_from_slice(&self.text);
        out.push(b'.');
        json::padded(out, nanos % 1_000_000_000 / 1_000, 6);
        out.push(b'Z');
    }
}

fn civil(out: &mut Vec<u8>, second: u64) {
    // Nanoseconds in 64 bits end in the year 2554, well inside jiff's range.
    let time = jiff::Timestamp::from_second(second as i64).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    let parts = [
        (time.year() as u64, 4, b'-'),
        (time.month() as u64, 2, b'-'),
        (time.day() as u64, 2, b'T'),
        (time.hour() as u64, 2, b':'),
        (time.minute() as u64, 2, b':'),
    ];
    for (value, width, separator) in parts {
        json::padded(out, value, width);
        out.push(separator);
    }
    json::padded(out, time.second() as u64, 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SB-11: UTC, whatever the machine's offset
    #[test]
    fn times_are_utc_with_microseconds() {
        let mut timestamps = Timestamps::default();
        let cases = [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_709_164_800_000_001_999, "2024-02-29T00:00:00.000001Z"),
            (1_709_164_800_999_999_999, "2024-02-29T00:00:00.999999Z"),
            (1_795_265_845_123_456_789, "2026-11-21T12:57:25.123456Z"),
            (u64::MAX, "2554-07-21T23:34:33.709551Z"),
        ];
        for (nanos, text) in cases {
            let mut out = Vec::new();
            timestamps.write(&mut out, nanos);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
