//! Query strings: `a=1&b=two+words`.

/// Splits at `&` and `=`, and decodes both sides.
pub(super) fn parse(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// Undoes percent-encoding and `+`; an incomplete escape stays as it is, bytes that are not UTF-8 are replaced.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| hex_pair(bytes.get(at + 1..at + 3)?)).flatten();
        let plain = if bytes[at] == b'+' { b' ' } else { bytes[at] };
        decoded.push(escaped.unwrap_or(plain));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(digits[0])? * 16 + digit(digits[1])?) as u8)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text)
    }

    #[test]
    fn escapes_and_plus_signs_are_decoded_on_both_sides() {
        let expected =
            vec![("na me".to_owned(), "acm{a=b,c=d}".to_owned()), ("from".to_owned(), "1".to_owned())];
        assert_eq!(pairs("na+me=acm%7Ba%3Db%2cc=d%7D&from=1"), expected);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        assert_eq!(
            pairs("a=%&b=%4&c=%zz&&d"),
            [("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "")].map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }
}
