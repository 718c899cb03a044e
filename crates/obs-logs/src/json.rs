//! Writing JSON text into a byte buffer.
//!
//! Everything here appends valid UTF-8 without a raw line break, which is what makes one record one line.

use std::fmt;

/// What each byte of a string turns into: 0 stays itself, `u` becomes `\u00XX`, anything else follows a backslash.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 0x20 {
        table[i] = b'u';
        i += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    // DEL is legal in JSON and still moves cursors.
    table[0x7f] = b'u';
    table
};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` escaped, without quotes. Escapes are lower case throughout.
pub(crate) fn escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, byte) in bytes.iter().enumerate() {
        let escape = ESCAPES[*byte as usize];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[start..i]);
        start = i + 1;
        if escape == b'u' {
            let [high, low] = hex_pair(*byte);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
    }
    out.extend_from_slice(&bytes[start..]);
}

/// Appends `text` as a JSON string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends what `arguments` format to, escaped, without quotes. A `Display` that fails leaves what it wrote before.
pub(crate) fn escaped_arguments(out: &mut Vec<u8>, arguments: &fmt::Arguments<'_>) {
    struct Escaping<'a>(&'a mut Vec<u8>);

    impl fmt::Write for Escaping<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            escaped(self.0, text);
            Ok(())
        }
    }

    match arguments.as_str() {
        Some(text) => escaped(out, text),
        None => drop(fmt::write(&mut Escaping(out), *arguments)),
    }
}

/// Appends what `arguments` format to as it is: for text known to be plain.
pub(crate) fn plain(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) {
    let _ = std::io::Write::write_fmt(out, arguments);
}

/// Appends a number in decimal.
pub(crate) fn unsigned(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a number in decimal.
pub(crate) fn signed(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    unsigned(out, n.unsigned_abs());
}

/// Appends the low `width` decimal digits of `n`, with leading zeros.
pub(crate) fn padded(out: &mut Vec<u8>, mut n: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
    }
}

/// Appends bytes as lower-case hex digits.
pub(crate) fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes.iter().copied().flat_map(hex_pair));
}

fn hex_pair(byte: u8) -> [u8; 2] {
    [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_are_escaped_so_that_one_line_stays_one_line() {
        let text = "a\"b\\c\n\r\t\u{0}\u{1b}[31m\u{7f}é\u{2028}";
        let json = written(|out| string(out, text));
        assert_eq!(json, "\"a\\\"b\\\\c\\n\\r\\t\\u0000\\u001b[31m\\u007fé\u{2028}\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn numbers_are_written_whole() {
        for n in [0, 9, 10, 99, 100, u64::MAX] {
            assert_eq!(written(|out| unsigned(out, n)), n.to_string());
        }
        for n in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(written(|out| signed(out, n)), n.to_string());
        }
        assert_eq!(written(|out| padded(out, 42, 6)), "000042");
        assert_eq!(written(|out| hex(out, &[0, 0xab])), "00ab");
    }

    #[test]
    fn a_display_that_fails_leaves_what_it_wrote() {
        struct Failing;
        impl fmt::Display for Failing {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("so far\n")?;
                Err(fmt::Error)
            }
        }
        assert_eq!(written(|out| escaped_arguments(out, &format_args!("{Failing}"))), "so far\\n");
    }
}
