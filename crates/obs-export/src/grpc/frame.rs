//! Messages in frames: a flag, the length, the bytes (gRPC over HTTP/2, "Length-Prefixed-Message").

use crate::http::Compression;
use crate::http::body::compressed;

/// Flag and length.
const PREFIX: usize = 5;
/// The most that is accepted of an answer, which says no more than how many items were refused, and why.
pub(super) const ANSWER_LIMIT: usize = 64 << 10;

/// A message in its frame, compressed if that is wanted and worth it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Framed {
    pub(super) bytes: Vec<u8>,
    pub(super) compressed: bool,
}

impl Framed {
    pub(super) fn new(message: &[u8], compress: bool) -> Self {
        let compression = if compress { Compression::Gzip } else { Compression::None };
        let (body, encoding) = compressed(message, compression);
        let mut bytes = Vec::with_capacity(PREFIX + body.len());
        bytes.push(u8::from(encoding.is_some()));
        bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&body);
        Self { bytes, compressed: encoding.is_some() }
    }
}

/// Takes the one message out of the pieces of an answer.
#[derive(Debug, Default)]
pub(super) struct Unframer {
    bytes: Vec<u8>,
}

impl Unframer {
    /// The next piece. An error says what is wrong with the answer; then nothing more should be read of it.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        let (prefix, rest) = piece.split_at(PREFIX.saturating_sub(self.bytes.len()).min(piece.len()));
        self.bytes.extend_from_slice(prefix);
        let Some(length) = self.length() else { return Ok(()) };
        if self.bytes[0] != 0 {
            return Err("its message is compressed, which was not asked for".to_owned());
        }
        if length > ANSWER_LIMIT {
            return Err(format!("its message has {length} bytes, accepted are {ANSWER_LIMIT}"));
        }
        if self.bytes.len() + rest.len() > PREFIX + length {
            return Err("it has more than one message".to_owned());
        }
        self.bytes.extend_from_slice(rest);
        Ok(())
    }

    /// The message after the last piece; an answer without one is an empty message.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, String> {
        if self.bytes.is_empty() {
            return Ok(self.bytes);
        }
        match self.length() {
            Some(length) if self.bytes.len() == PREFIX + length => Ok(self.bytes.split_off(PREFIX)),
            _ => Err("its message is cut short".to_owned()),
        }
    }

    fn length(&self) -> Option<usize> {
        let length = self.bytes.get(1..PREFIX)?.try_into().ok()?;
        Some(u32::from_be_bytes(length) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unframe(pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut unframer = Unframer::default();
        for piece in pieces {
            unframer.push(piece)?;
        }
        unframer.finish()
    }

    #[test]
    fn a_message_comes_back_however_it_is_cut() {
        let framed = Framed::new(b"hello", true);
        assert_eq!((framed.bytes.as_slice(), framed.compressed), (&b"\0\0\0\0\x05hello"[..], false));
        assert_eq!(unframe(&[&framed.bytes]).unwrap(), b"hello");
        let bytes: Vec<&[u8]> = framed.bytes.chunks(1).collect();
        assert_eq!(unframe(&bytes).unwrap(), b"hello");
        assert_eq!(unframe(&[b"\0\0\0\0\0"]).unwrap(), b"");
        assert_eq!(unframe(&[]).unwrap(), b"");
    }

    #[test]
    fn long_messages_are_compressed_where_that_is_wanted() {
        let message = b"0123456789".repeat(1000);
        let framed = Framed::new(&message, true);
        assert!(framed.compressed && framed.bytes[0] == 1 && framed.bytes.len() < 200);
        assert_eq!(&framed.bytes[PREFIX..PREFIX + 2], b"\x1f\x8b");
        assert_eq!(Framed::new(&message, false).bytes.len(), PREFIX + message.len());
    }

    #[test]
    fn what_is_no_single_plain_short_message_is_an_error() {
        for (bytes, error) in [
            (&b"\x01\0\0\0\x01x"[..], "its message is compressed, which was not asked for"),
            (b"\0\xff\xff\xff\xff", "its message has 4294967295 bytes, accepted are 65536"),
            (b"\0\0\0\0\x01xy", "it has more than one message"),
            (b"\0\0\0", "its message is cut short"),
            (b"\0\0\0\0\x02x", "its message is cut short"),
        ] {
            assert_eq!(unframe(&[bytes]).unwrap_err(), error);
            let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(unframe(&bytewise).unwrap_err(), error);
        }
    }
}
