//! Tests of the spool's names.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn is_safe(name: &str) -> bool {
    (1..=160).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-%=".contains(&b))
}

#[test]
fn plain_names_stay_readable() {
    assert_eq!(folder_name("log/loki"), "log-loki");
    assert_eq!(folder_name("my-service.v2"), "my%2Dservice.v2");
}

#[test]
fn hostile_names_become_safe_and_stay_different() {
    let long = "x".repeat(10_000);
    let names = [
        "",
        ".",
        "..",
        "../",
        "../..",
        "/",
        "//",
        "-",
        "=",
        "%",
        "%2F",
        "a/b",
        "a-b",
        "a%2Fb",
        "a\0b",
        "ab",
        "a\nb",
        ".lock",
        "lock",
        "a b",
        "ä",
        "A",
        "a",
        &long,
        &long[1..],
        &format!("{long}/.."),
        &"/".repeat(121),
    ];
    let safe: HashSet<String> = names.iter().map(|n| folder_name(n)).collect();
    assert_eq!(safe.len(), names.len());
    assert!(safe.iter().all(|s| is_safe(s)), "{safe:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_names_get_two_safe_folders(a in ".{0,200}", b in "[./=%a-]{0,8}", c in "[./=%a-]{0,8}") {
        for name in [&a, &b, &c] {
            prop_assert!(is_safe(&folder_name(name)), "{name:?}");
        }
        prop_assert_eq!(b == c, folder_name(&b) == folder_name(&c));
        prop_assert_eq!(a == b, folder_name(&a) == folder_name(&b));
    }
}

#[test]
fn names_of_processes_and_segments_read_back_and_nothing_else_does() {
    let process = ProcessName { pid: 17, start: 5, random: 0xab };
    assert_eq!(process.to_string(), "17-5-000000ab");
    assert_eq!(ProcessName::parse("17-5-000000ab"), Some(process));
    for foreign in
        ["", "17-5", "17-5-ab", "017-5-000000ab", "17-5-000000AB", "17-5-000000ab-1", "+17-5-000000ab"]
    {
        assert_eq!(ProcessName::parse(foreign), None, "{foreign}");
    }
    let segment = SegmentName { created: 7, process: 0xab, number: 3 };
    let name = segment.to_string();
    assert_eq!(name, "00000000000000000007-000000ab-0000000003.seg");
    assert_eq!(LaneFile::parse(&name), Some(LaneFile::Segment(segment)));
    assert_eq!(LaneFile::parse(&segment.corrupt()), Some(LaneFile::Corrupt(segment)));
    for foreign in ["notes.seg", "7-ab-3.seg", "00000000000000000007-000000ab-0000000003", ".corrupt"] {
        assert_eq!(LaneFile::parse(foreign), None, "{foreign}");
    }
}

#[test]
fn segments_sort_by_name_as_they_were_created() {
    let at = |created, process, number| SegmentName { created, process, number };
    let ordered = [at(9, u32::MAX, 9), at(10, 0, 1), at(10, 0, 10), at(10, 1, 0), at(u64::MAX, 0, 0)];
    let mut names: Vec<String> = ordered.iter().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(names, ordered.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(ordered.is_sorted());
}
