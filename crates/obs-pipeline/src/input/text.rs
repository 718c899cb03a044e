//! From a path to text: existence, file type, encoding.

use std::path::Path;

use super::InputError;

/// How far into a file a NUL byte proves it binary.
const HEAD: usize = 8 * 1024;

/// Reads the whole of `path` as text. UTF-8 with or without byte-order mark and UTF-16 with one are decoded; bytes that
/// are not UTF-8 are taken as Windows-1252, the usual code page of plant exports.
pub(super) fn read_text(path: &Path) -> Result<String, InputError> {
    let file = path.display().to_string();
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(InputError::Missing { file }),
        Err(source) => return Err(InputError::Io { file, source }),
    };
    if meta.is_dir() {
        return Err(InputError::Directory { file });
    }
    let bytes = std::fs::read(path).map_err(|source| InputError::Io { file: file.clone(), source })?;
    decode(bytes, &file)
}

/// [`read_text`] after the file system.
pub(super) fn decode(bytes: Vec<u8>, file: &str) -> Result<String, InputError> {
    if let Some((kind, advice)) = signature(&bytes) {
        return Err(InputError::Format { file: file.to_owned(), kind, advice });
    }
    let text = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if binary(&bytes) => return Err(InputError::Binary { file: file.to_owned() }),
        _ => utf8_or_windows(bytes),
    };
    // Line ends of old Macintosh programs.
    let text = if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n") } else { text };
    if text.trim().is_empty() {
        return Err(InputError::Empty { file: file.to_owned() });
    }
    Ok(text)
}

/// Formats that people hand over in place of a text table, by their first bytes.
fn signature(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const EXPORT: &str = "export it as CSV first";
    const KNOWN: [(&[u8], &str, &str); 13] = [
        (b"\x1f\x8b", "a gzip file", UNPACK),
        (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
        (b"BZh", "a bzip2 file", UNPACK),
        (b"\xfd7zXZ\0", "an xz file", UNPACK),
        (b"7z\xbc\xaf\x27\x1c", "a 7z file", UNPACK),
        (b"PK\x03\x04", "a zip file (or an Excel workbook)", "unpack it or export it as CSV first"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook", EXPORT),
        (b"PAR1", "a Parquet file", EXPORT),
        (b"ARROW1", "an Arrow file", EXPORT),
        (b"\x89HDF", "an HDF5 file", EXPORT),
        (b"MATLAB 5.0 MAT", "a MATLAB file", EXPORT),
        (b"SQLite format 3\0", "a SQLite database", EXPORT),
        (b"%PDF", "a PDF file", "get the table as CSV"),
    ];
    KNOWN.iter().find(|(magic, ..)| bytes.starts_with(magic)).map(|&(_, kind, advice)| (kind, advice))
}

/// A NUL near the start, many of them anywhere, or a start made of control characters or mostly of high bytes that
/// are not UTF-8. A few NUL bytes further down are what a power cut leaves in a logger's file: those lines fall out
/// as bad rows.
fn binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    if head.contains(&0) {
        return true;
    }
    if bytes.contains(&0) && bytes.split(|b| *b == 0).count() * 10 > bytes.len() {
        return true;
    }
    let control = head.iter().filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace()).count();
    let high = head.iter().filter(|b| !b.is_ascii()).count();
    control * 20 > head.len() || (high * 2 > head.len() && std::str::from_utf8(bytes).is_err())
}

/// UTF-16 code units to text; what is not UTF-16 becomes the replacement character.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// UTF-8 as it is, without its byte-order mark; otherwise each byte as a Windows-1252 character.
fn utf8_or_windows(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            text
        }
        Err(e) => e.as_bytes().iter().map(|b| windows_1252(*b)).collect(),
    }
}

/// One byte of code page 1252: Latin-1 but for 0x80..=0x9F, of which the signs seen in headers are mapped.
fn windows_1252(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x97 => '—',
        b => char::from(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b\n1,2\n".to_vec(), "f").unwrap(), "a,b\n1,2\n");
    }

    #[test]
    fn utf_16_exports_are_decoded_in_both_byte_orders() {
        let text = "time\tTemp °C\n1\t2\n";
        let mut le = vec![0xFF, 0xFE];
        let mut be = vec![0xFE, 0xFF];
        for unit in text.encode_utf16() {
            le.extend(unit.to_le_bytes());
            be.extend(unit.to_be_bytes());
        }
        assert_eq!(decode(le, "f").unwrap(), text);
        assert_eq!(decode(be, "f").unwrap(), text);
    }

    #[test]
    fn a_latin_1_degree_sign_is_kept() {
        assert_eq!(decode(b"time,T \xb0C\n".to_vec(), "f").unwrap(), "time,T °C\n");
    }

    #[test]
    fn random_looking_bytes_without_a_nul_are_binary() {
        let bytes: Vec<u8> = (0..4000_u32).map(|i| ((i * 97 + i / 7) % 255 + 1) as u8).collect();
        assert!(matches!(decode(bytes, "f"), Err(InputError::Binary { .. })));
    }

    #[test]
    fn text_in_another_script_is_not_binary() {
        assert!(decode("時刻,温度\n".repeat(50).into_bytes(), "f").is_ok());
    }

    #[test]
    fn a_few_nul_bytes_far_down_do_not_make_a_file_binary() {
        let mut bytes = b"time,a\n".to_vec();
        bytes.extend(b"2020-01-01 00:00:00,1\n".repeat(1000));
        bytes.extend([0; 30]);
        assert!(decode(bytes, "f").is_ok());
    }

    #[test]
    fn old_macintosh_line_ends_are_read() {
        assert_eq!(decode(b"a,b\r1,2\r".to_vec(), "f").unwrap(), "a,b\n1,2\n");
    }
}
