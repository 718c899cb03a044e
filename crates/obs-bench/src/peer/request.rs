//! [`Connection`]: HTTP/1.1 requests with a `Content-Length`; and the numbers in the bodies of two of them.

use flate2::read::GzDecoder;
use obs_export::wire::reader::{Field, fields};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Larger than any batch: one read takes a body whole, if it is there.
const BUFFER: usize = 1 << 20;

/// The connection of a client.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    path: String,
    body: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER, stream), path: String::new(), body: Vec::new() }
    }

    /// Path and body of the next request; `None` when the client closed.
    pub(super) fn next(&mut self) -> io::Result<Option<(&str, &[u8])>> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        self.path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(Some((&self.path, &self.body)))
    }

    /// Answers without a body, which is also OTLP's "all of it was taken".
    pub(super) fn accept(&mut self) -> io::Result<()> {
        self.stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
    }
}

/// The member `number` of each line in a Loki push, in order.
pub(super) fn numbers_of_lines(body: &[u8]) -> Vec<u64> {
    let push = snap::raw::Decoder::new().decompress_vec(body).unwrap_or_default();
    let lines =
        messages(&push, 1).flat_map(|stream| messages(stream, 2)).flat_map(|entry| messages(entry, 2));
    lines.filter_map(number_of_line).collect()
}

/// The attribute `acm.number` of each span in an OTLP request, in order.
pub(super) fn numbers_of_spans(body: &[u8]) -> Vec<u64> {
    // A request begins with the tag of its first field, gzip with its magic number.
    let mut request = Vec::new();
    let unpacked = match body {
        [0x1f, 0x8b, ..] => GzDecoder::new(body).read_to_end(&mut request).map(|_| request.as_slice()),
        _ => Ok(body),
    };
    let scopes = messages(unpacked.unwrap_or_default(), 1).flat_map(|resource| messages(resource, 2));
    let attributes = scopes.flat_map(|scope| messages(scope, 2)).flat_map(|span| messages(span, 9));
    attributes.filter_map(number_of_attribute).collect()
}

/// The fields with this number that are messages or text.
fn messages(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).filter_map(move |(n, field)| match field {
        Field::Bytes(bytes) if n == number => Some(bytes),
        _ => None,
    })
}

fn number_of_line(line: &[u8]) -> Option<u64> {
    let (_, rest) = std::str::from_utf8(line).ok()?.rsplit_once("\"number\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn number_of_attribute(attribute: &[u8]) -> Option<u64> {
    if messages(attribute, 1).next()? != b"acm.number" {
        return None;
    }
    fields(messages(attribute, 2).next()?).find_map(|(_, field)| match field {
        Field::Varint(number) => Some(number),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::GzEncoder;
    use obs_export::wire::Writer;

    #[test]
    fn the_number_of_a_line_is_its_member_and_not_a_part_of_its_message() {
        assert_eq!(number_of_line(br#"{"message":"\"number\":3","number":17,"more":1}"#), Some(17));
        assert_eq!(number_of_line(b"{}"), None);
    }

    #[test]
    fn the_numbers_of_a_push_come_in_its_order() {
        let mut push = Writer::new();
        push.message(1, |stream| {
            stream.string(1, "{app=\"acm\"}");
            for line in [r#"{"number":2}"#, r#"{"number":1}"#] {
                stream.message(2, |entry| {
                    entry.string(2, line);
                });
            }
        });
        let body = snap::raw::Encoder::new().compress_vec(push.as_bytes()).unwrap();
        assert_eq!(numbers_of_lines(&body), [2, 1]);
    }

    #[test]
    fn the_number_of_a_span_is_found_among_its_attributes() {
        let attribute = |w: &mut Writer, key, value| {
            w.message(9, |kv| {
                kv.string(1, key).message(2, |any| {
                    any.int64(3, value);
                });
            });
        };
        let mut request = Writer::new();
        request.message(1, |resource| {
            resource.message(2, |scope| {
                scope.message(2, |span| {
                    attribute(span, "acm.other", 9);
                    attribute(span, "acm.number", 5);
                });
            });
        });
        assert_eq!(numbers_of_spans(request.as_bytes()), [5]);
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(request.as_bytes()).unwrap();
        assert_eq!(numbers_of_spans(&packed.finish().unwrap()), [5]);
    }
}
