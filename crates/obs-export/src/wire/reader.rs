//! Reading the fields of a message, in order and without its schema: answers of servers, and spans that were written before.

use std::ops::Range;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// A varint, whatever the schema calls it.
    Varint(u64),
    /// Bytes, text or a message.
    Bytes(&'a [u8]),
    /// Eight bytes: `fixed64` or `double`.
    Fixed64(u64),
    /// Four bytes: `fixed32` or `float`.
    Fixed32(u32),
}

/// The fields of a message in order, with their numbers, up to the first byte that is not one.
pub fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || field(&mut bytes))
}

/// [`fields`], and where each of them is, tag and length included.
pub fn places(bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, u64, Field<'_>)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let start = bytes.len() - rest.len();
        let (number, value) = field(&mut rest)?;
        Some((start..bytes.len() - rest.len(), number, value))
    })
}

/// How many bytes there are up to the end of the `n`-th field with this number, counted from 1; `None` if there are fewer.
pub fn end_of(bytes: &[u8], number: u64, n: u32) -> Option<usize> {
    let (mut rest, mut seen) = (bytes, 0);
    while seen < n {
        seen += u32::from(field(&mut rest)?.0 == number);
    }
    (n > 0).then_some(bytes.len() - rest.len())
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let tag = varint(bytes)?;
    let value = match tag & 7 {
        0 => Field::Varint(varint(bytes)?),
        1 => Field::Fixed64(u64::from_le_bytes(take(bytes, 8)?.try_into().ok()?)),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            Field::Bytes(take(bytes, length)?)
        }
        5 => Field::Fixed32(u32::from_le_bytes(take(bytes, 4)?.try_into().ok()?)),
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(head)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Writer;

    #[test]
    fn fields_come_back_as_they_were_written() {
        let mut w = Writer::new();
        w.uint64(1, 300).string(2, "x").fixed64(3, 7).fixed32(4, 7).bool(20, true);
        let read: Vec<_> = fields(w.as_bytes()).collect();
        let want = [
            (1, Field::Varint(300)),
            (2, Field::Bytes(b"x")),
            (3, Field::Fixed64(7)),
            (4, Field::Fixed32(7)),
            (20, Field::Varint(1)),
        ];
        assert_eq!(read, want);
    }

    #[test]
    fn a_field_is_where_its_place_says_and_can_be_taken_out() {
        let mut w = Writer::new();
        w.string(2, "ab").uint64(1, 300).string(2, "cde");
        let found: Vec<_> = places(w.as_bytes()).map(|(place, number, _)| (place, number)).collect();
        assert_eq!(found, [(0..4, 2), (4..7, 1), (7..12, 2)]);
        w.remove(4..7);
        assert!(fields(w.as_bytes()).eq([(2, Field::Bytes(b"ab")), (2, Field::Bytes(b"cde"))]));
    }

    #[test]
    fn the_end_of_a_field_is_found_by_its_number_and_place() {
        let mut w = Writer::new();
        w.string(2, "ab").uint64(1, 300).string(2, "cde");
        let bytes = w.as_bytes();
        let ends = [0, 1, 2, 3].map(|n| end_of(bytes, 2, n));
        assert_eq!(ends, [None, Some(4), Some(12), None]);
        assert_eq!(end_of(&bytes[..11], 2, 2), None, "the second one is cut");
    }

    #[test]
    fn a_cut_or_foreign_message_ends_where_it_stops_making_sense() {
        for bytes in [
            &b"\x08"[..],
            b"\x0a\x05ab",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x0b",
            b"\x09\x01",
        ] {
            assert_eq!(fields(bytes).count(), 0, "{bytes:?}");
        }
    }
}
