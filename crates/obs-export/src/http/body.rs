//! Bodies: compressing what is sent, reading what is answered.

use flate2::write::GzEncoder;
use obs_core::config::Compression;
use std::borrow::Cow;
use std::io::{Read, Write};
use ureq::Body;

/// The most that is read of an answer.
pub(super) const ANSWER_LIMIT: u64 = 64 << 10;
/// Bodies up to this size are not worth compressing.
const COMPRESS_FROM: usize = 1 << 10;
/// The fastest level of zstd that still beats gzip: a delivery thread has other things to do.
const ZSTD_LEVEL: i32 = 1;

/// The body and its `Content-Encoding`: compressed if that is wanted and worth it.
pub(crate) fn compressed(body: &[u8], compression: Compression) -> (Cow<'_, [u8]>, Option<&'static str>) {
    let plain = (Cow::Borrowed(body), None);
    if body.len() <= COMPRESS_FROM {
        return plain;
    }
    let packed = match compression {
        Compression::None => return plain,
        Compression::Gzip => gzip(body),
        Compression::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL),
    };
    // Compressing into memory does not fail; if it ever does, the body as it is will do.
    packed.map_or(plain, |packed| (Cow::Owned(packed), Some(compression.as_str())))
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), flate2::Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// What comes of a body within the limit and the time; the status says already whether it is good news.
pub(super) fn read(body: Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = body.into_reader().take(ANSWER_LIMIT).read_to_end(&mut bytes);
    bytes
}
