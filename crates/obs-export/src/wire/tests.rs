//! Tests of `wire`.

use super::*;
use prost::Message;

/// Each kind of field we write, as `prost`, an independent implementation, reads it.
#[derive(Clone, PartialEq, Message)]
struct Everything {
    #[prost(uint64, optional, tag = "1")]
    uint: Option<u64>,
    #[prost(int64, optional, tag = "2")]
    int: Option<i64>,
    #[prost(sint64, optional, tag = "3")]
    sint: Option<i64>,
    #[prost(fixed64, optional, tag = "4")]
    fixed: Option<u64>,
    #[prost(sfixed64, optional, tag = "5")]
    sfixed: Option<i64>,
    #[prost(fixed32, optional, tag = "6")]
    fixed32: Option<u32>,
    #[prost(double, optional, tag = "7")]
    double: Option<f64>,
    #[prost(bool, optional, tag = "8")]
    bool: Option<bool>,
    #[prost(bytes = "vec", optional, tag = "9")]
    bytes: Option<Vec<u8>>,
    #[prost(string, optional, tag = "10")]
    string: Option<String>,
    #[prost(message, repeated, tag = "11")]
    children: Vec<Everything>,
    #[prost(uint64, repeated, tag = "12")]
    uints: Vec<u64>,
    #[prost(int64, repeated, tag = "13")]
    ints: Vec<i64>,
    #[prost(fixed64, repeated, tag = "14")]
    fixeds: Vec<u64>,
    #[prost(double, repeated, tag = "15")]
    doubles: Vec<f64>,
    #[prost(uint64, optional, tag = "536870911")]
    last: Option<u64>,
}

fn decode(w: &Writer) -> Everything {
    Everything::decode(w.as_bytes()).unwrap()
}

#[test]
fn numbers_at_their_limits_are_read_back_as_written() {
    for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
        let mut w = Writer::new();
        w.uint64(1, value).fixed64(4, value).fixed32(6, value as u32).uint64(536_870_911, value);
        let got = decode(&w);
        assert_eq!((got.uint, got.fixed, got.last), (Some(value), Some(value), Some(value)));
        assert_eq!(got.fixed32, Some(value as u32));
    }
    for value in [0, 1, -1, 63, -64, 64, i64::from(i32::MIN), i64::MAX, i64::MIN] {
        let mut w = Writer::new();
        w.int64(2, value).sint64(3, value).sfixed64(5, value);
        let got = decode(&w);
        assert_eq!((got.int, got.sint, got.sfixed), (Some(value), Some(value), Some(value)));
    }
    for value in [0.0, -0.0, 1.5, f64::MIN, f64::INFINITY, f64::MIN_POSITIVE] {
        let got = decode(Writer::new().double(7, value)).double.unwrap();
        assert_eq!(got.to_bits(), value.to_bits());
    }
    assert!(decode(Writer::new().double(7, f64::NAN)).double.unwrap().is_nan());
}

#[test]
fn defaults_are_written_unless_the_name_of_the_method_says_otherwise() {
    let mut w = Writer::new();
    w.uint64(1, 0).int64(2, 0).sint64(3, 0).fixed64(4, 0).sfixed64(5, 0).fixed32(6, 0);
    w.double(7, 0.0).bool(8, false).bytes(9, b"").string(10, "").message(11, |_| {});
    let got = decode(&w);
    assert_eq!(got.bool, Some(false));
    assert_eq!(got.string.as_deref(), Some(""));
    assert_eq!(got.children, [Everything::default()]);
    assert_eq!(got.encoded_len(), w.len());

    let mut w = Writer::new();
    w.uint64_nonzero(1, 0).int64_nonzero(2, 0).sint64_nonzero(3, 0).fixed64_nonzero(4, 0);
    w.fixed32_nonzero(6, 0).double_nonzero(7, 0.0).bool_nonzero(8, false).bytes_nonempty(9, b"");
    w.string_nonempty(10, "").message_nonempty(11, |_| {});
    w.packed_uint64(12, [0_u64; 0]).packed_int64(13, [0_i64; 0]).packed_double(15, &[] as &[f64]);
    assert!(w.is_empty());
    w.uint64_nonzero(1, 1).int64_nonzero(2, -1).sint64_nonzero(3, -1).fixed64_nonzero(4, 1);
    w.fixed32_nonzero(6, 1).double_nonzero(7, -0.0).bool_nonzero(8, true).bytes_nonempty(9, b"b");
    w.string_nonempty(10, "s");
    w.message_nonempty(11, |w| {
        w.bool(8, true);
    });
    let got = decode(&w);
    assert_eq!((got.uint, got.int, got.sint, got.fixed), (Some(1), Some(-1), Some(-1), Some(1)));
    assert_eq!((got.fixed32, got.bool, got.children.len()), (Some(1), Some(true), 1));
    assert!(got.double.unwrap().is_sign_negative());
}

#[test]
fn messages_of_every_length_of_their_length_nest() {
    for size in [0, 1, 125, 126, 127, 128, 129, 16_380, 16_383, 16_384, 2_097_151, 2_097_152] {
        let body = vec![b'x'; size];
        let mut w = Writer::new();
        w.message(11, |w| {
            w.message(11, |w| {
                w.bytes(9, &body);
            })
            .uint64(1, 7);
        })
        .string(10, "after");
        let got = decode(&w);
        let child = &got.children[0];
        assert_eq!(child.children[0].bytes.as_deref(), Some(body.as_slice()), "{size}");
        assert_eq!((child.uint, got.string.as_deref()), (Some(7), Some("after")));
        assert_eq!(got.encode_to_vec().len(), w.len(), "every length is in its shortest form");
    }
}

#[test]
fn packed_values_come_from_slices_and_from_iterators() {
    let (uints, doubles) = (vec![0, 1, 300, u64::MAX], [0.0, -1.5, f64::MAX]);
    let ints: Vec<i64> = (-100..100).map(|n| n * n * n * 1_000_003).collect();
    let mut w = Writer::with_buffer(Vec::with_capacity(64));
    w.packed_uint64(12, &uints).packed_int64(13, ints.iter().copied());
    w.packed_fixed64(14, uints.iter()).packed_double(15, doubles);
    let got = decode(&w);
    assert_eq!((got.uints, got.ints), (uints.clone(), ints));
    assert_eq!((got.fixeds, got.doubles), (uints, doubles.to_vec()));
}

#[test]
fn a_cleared_writer_starts_anew() {
    let mut w = Writer::with_buffer(vec![]);
    w.uint64(1, 5).clear();
    assert_eq!(w.len(), 0);
    w.uint64(1, 6);
    assert_eq!(w.into_vec(), [0x08, 6]);
}

#[test]
fn a_long_message_is_the_same_as_any_whatever_its_length() {
    for length in [0, 1, 127, 128, 5_000, 16_383, 16_384, 70_000] {
        let text = "x".repeat(length);
        let (mut any, mut long) = (Writer::new(), Writer::new());
        any.message(2, |w| {
            w.raw(text.as_bytes());
        });
        long.long_message(2, |w| {
            w.raw(text.as_bytes());
        });
        assert!(any == long, "{length}");
    }
}

#[test]
fn a_key_value_from_its_parts_is_the_same_as_one_written_as_a_message() {
    for length in [0, 1, 120, 127, 128, 300, 20_000] {
        let text = "x".repeat(length);
        let (mut parts, mut whole) = (Writer::new(), Writer::new());
        let (mut key, mut any) = (Writer::new(), Writer::new());
        key.string(1, "acm.rows");
        any.bytes_with(1, length, |out| out.extend_from_slice(text.as_bytes()));
        parts.key_value(9, key.as_bytes(), any.as_bytes());
        whole.message(9, |kv| {
            kv.string(1, "acm.rows").message(2, |any| {
                any.string(1, &text);
            });
        });
        assert!(parts == whole, "{length}");
    }
}
