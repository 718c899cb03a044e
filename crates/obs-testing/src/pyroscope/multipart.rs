//! `multipart/form-data` bodies (RFC 7578 with the framing of RFC 2046, section 5.1).

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The field's name.
    pub(super) name: String,
    /// The file name, if one is given.
    pub(super) file_name: Option<String>,
    /// The content.
    pub(super) content: Vec<u8>,
}

/// Why a form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum MultipartError {
    /// The content type names no boundary.
    #[error("content type {content_type:?} has no boundary")]
    Boundary {
        /// The header as sent.
        content_type: String,
    },
    /// The body does not begin with the boundary.
    #[error("form does not begin with its boundary {boundary:?}")]
    Start {
        /// The boundary of the content type.
        boundary: String,
    },
    /// The closing boundary is missing: the body is cut off.
    #[error("form has no closing boundary {boundary:?}")]
    End {
        /// The boundary of the content type.
        boundary: String,
    },
    /// A part's headers do not end, or do not name it.
    #[error("part {number} of the form has no content-disposition with a name")]
    Name {
        /// Which part, from 1.
        number: usize,
    },
}

/// Reads all parts of a form.
pub(super) fn parse(content_type: &str, body: &[u8]) -> Result<Vec<Part>, MultipartError> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary =
        boundary.ok_or_else(|| MultipartError::Boundary { content_type: content_type.to_owned() })?;
    let dashed = format!("--{boundary}");
    let separator = format!("\r\n{dashed}");
    let no_start = || MultipartError::Start { boundary: boundary.clone() };
    let no_end = || MultipartError::End { boundary: boundary.clone() };
    let mut rest = body.strip_prefix(dashed.as_bytes()).ok_or_else(no_start)?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let inside = rest.strip_prefix(b"\r\n").ok_or_else(no_end)?;
        let end = find(inside, separator.as_bytes()).ok_or_else(no_end)?;
        parts.push(part(&inside[..end], parts.len() + 1)?);
        rest = &inside[end + separator.len()..];
    }
    Ok(parts)
}

fn part(bytes: &[u8], number: usize) -> Result<Part, MultipartError> {
    let no_name = || MultipartError::Name { number };
    let end = find(bytes, b"\r\n\r\n").ok_or_else(no_name)?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then(|| value.trim().to_owned())
    });
    let disposition = disposition.filter(|value| value.starts_with("form-data")).ok_or_else(no_name)?;
    Ok(Part {
        name: parameter(&disposition, "name").ok_or_else(no_name)?,
        file_name: parameter(&disposition, "filename"),
        content: bytes[end + 4..].to_vec(),
    })
}

/// A parameter of a header value, quoted or not; a quoted one may hold `;` and backslash escapes.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => after
                .split_once(';')
                .map_or((after.trim().to_owned(), ""), |(text, after)| (text.trim().to_owned(), after)),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = after.trim_start().trim_start_matches(';');
    }
}

/// The text up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(letters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{MultipartError, Part, parse};

    const TYPE: &str = "multipart/form-data; charset=x; boundary=\"b;1\"";

    #[test]
    fn parts_keep_their_bytes_whatever_they_are() {
        let body = b"--b;1\r\nContent-Disposition: form-data; filename=\"a;\\\"b.pprof\"; name=profile\r\n\r\n\r\n\r\n--b\x00\xff\r\n--b;1\r\ncontent-type: x/y\r\ncontent-disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b;1--\r\n";
        let parts = parse(TYPE, body).unwrap();
        let profile = Part {
            name: "profile".to_owned(),
            file_name: Some("a;\"b.pprof".to_owned()),
            content: b"\r\n\r\n--b\x00\xff".to_vec(),
        };
        let empty = Part { name: "empty".to_owned(), file_name: None, content: Vec::new() };
        assert_eq!(parts, [profile, empty]);
    }

    #[test]
    fn broken_forms_are_refused() {
        let boundary = "b;1".to_owned();
        assert!(matches!(parse("multipart/form-data", b""), Err(MultipartError::Boundary { .. })));
        assert_eq!(parse(TYPE, b"x"), Err(MultipartError::Start { boundary: boundary.clone() }));
        let cut = b"--b;1\r\ncontent-disposition: form-data; name=a\r\n\r\nx";
        assert_eq!(parse(TYPE, cut), Err(MultipartError::End { boundary }));
        let nameless = b"--b;1\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b;1--";
        assert_eq!(parse(TYPE, nameless), Err(MultipartError::Name { number: 1 }));
    }
}
