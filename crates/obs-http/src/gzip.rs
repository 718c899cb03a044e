//! Compression of an answer, for clients that take it: every Prometheus does.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Whether an `Accept-Encoding` header takes gzip, and does not like the plain body better (RFC 9110, section 12.5.3).
pub(crate) fn accepted(header: Option<&str>) -> bool {
    let codings: Vec<(&str, f64)> = header.unwrap_or_default().split(',').filter_map(coding).collect();
    let weight = |names: &[&str]| {
        let named = |(coding, _): &&(&str, f64)| names.iter().any(|name| coding.eq_ignore_ascii_case(name));
        codings.iter().filter(named).map(|(_, weight)| *weight).reduce(f64::max)
    };
    let gzip = weight(&["gzip", "x-gzip"]).or_else(|| weight(&["*"])).unwrap_or(0.0);
    // Plain is always acceptable unless refused, so only a weight of its own can put it first.
    gzip > 0.0 && gzip >= weight(&["identity"]).unwrap_or(0.0)
}

/// A coding with its weight from 0 (not acceptable) to 1; `None` if the weight is not one.
fn coding(part: &str) -> Option<(&str, f64)> {
    let mut parts = part.split(';').map(str::trim);
    let coding = parts.next().filter(|c| !c.is_empty())?;
    let q = parts.filter_map(|p| p.split_once('=')).find(|(key, _)| key.trim().eq_ignore_ascii_case("q"));
    let weight = match q {
        Some((_, value)) => value.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
        None => 1.0,
    };
    Some((coding, weight))
}

/// The text as a gzip stream. The fastest level: labels repeat so much that the others gain little.
pub(crate) fn compress(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_header_says_whether_gzip_is_taken() {
        let rows = [
            (None, false),
            (Some(""), false),
            (Some("gzip"), true),
            (Some("GZip;Q=0.5"), true),
            (Some("x-gzip"), true),
            (Some("deflate, br"), false),
            (Some("deflate, gzip;q=1.0, *;q=0.5"), true),
            (Some("*"), true),
            (Some("*;q=0"), false),
            (Some("gzip;q=0, *"), false),
            (Some("identity, gzip;q=0.5"), false),
            (Some("identity;q=0.5, gzip;q=0.5"), true),
            (Some("gzip;q=much"), false),
            (Some("gzip;q=NaN"), false),
            (Some(";,=,;q"), false),
        ];
        for (header, taken) in rows {
            assert_eq!(accepted(header), taken, "{header:?}");
        }
    }

    #[test]
    fn compressed_text_is_smaller_and_comes_back() {
        let text = "acm_rows_total{equipment=\"FD_FAN\",state=\"read\"} 1\n".repeat(100);
        let gzip = compress(&text).unwrap();
        assert!(gzip.len() * 5 < text.len(), "{} of {}", gzip.len(), text.len());
        let mut back = String::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
    }
}
