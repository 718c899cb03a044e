//! [`Head`]: what stands before each payload, and how both are written.

use super::batch::NewRecord;
use super::header::{checksum, u32_at, u64_at};

/// Begins every record, so that the next one can be found behind damage.
pub(super) const MARKER: [u8; 4] = [0xB5, b'O', b'R', 0xE1];
/// Bytes before the payload.
pub(super) const HEAD: usize = 44;
/// Longest payload.
pub(super) const MAX_PAYLOAD: usize = 64 << 20;

/// The head of a record. It has a checksum of its own: where only the payload is damaged, it still says which record
/// was lost and where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) len: u32,
    pub(super) count: u32,
    /// Number of the record in its segment, from 0.
    pub(super) sequence: u64,
    pub(super) item: u64,
    pub(super) time: u64,
    crc: u32,
}

/// Appends the record to `out`.
pub(super) fn encode(out: &mut Vec<u8>, salt: u32, sequence: u64, record: &NewRecord<'_>) {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&MARKER);
    head[4..8].copy_from_slice(&(record.bytes.len() as u32).to_le_bytes());
    head[8..12].copy_from_slice(&record.count.to_le_bytes());
    head[12..20].copy_from_slice(&sequence.to_le_bytes());
    head[20..28].copy_from_slice(&record.item.to_le_bytes());
    head[28..36].copy_from_slice(&record.time.to_le_bytes());
    head[36..40].copy_from_slice(&checksum(salt, &[record.bytes]).to_le_bytes());
    let crc = checksum(salt, &[&head[..40]]);
    head[40..].copy_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(record.bytes);
}

impl Head {
    /// Reads a head from the first [`HEAD`] bytes of `bytes`; `None` if they are no head of this segment.
    pub(super) fn decode(bytes: &[u8], salt: u32) -> Option<Self> {
        let head = bytes.first_chunk::<HEAD>()?;
        let len = u32_at(head, 4);
        let valid = head[..4] == MARKER
            && len as usize <= MAX_PAYLOAD
            && checksum(salt, &[&head[..40]]) == u32_at(head, 40);
        valid.then(|| Self {
            len,
            count: u32_at(head, 8),
            sequence: u64_at(head, 12),
            item: u64_at(head, 20),
            time: u64_at(head, 28),
            crc: u32_at(head, 36),
        })
    }

    /// Bytes of the whole record.
    pub(super) fn size(&self) -> u64 {
        HEAD as u64 + u64::from(self.len)
    }

    /// Whether `payload` is as it was written.
    pub(super) fn fits(&self, payload: &[u8], salt: u32) -> bool {
        checksum(salt, &[payload]) == self.crc
    }
}
