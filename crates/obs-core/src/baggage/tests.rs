//! Baggage: what is read, what is written, and what hostile headers come to.

use super::*;
use proptest::prelude::*;

fn kept(header: &str) -> Vec<(String, String)> {
    Baggage::parse(header).0.iter().map(|e| (e.key().to_owned(), e.value().to_owned())).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
}

/// Promise CTX-05: the examples of W3C Baggage.
#[test]
fn the_examples_of_the_specification_are_read() {
    let (baggage, report) = Baggage::parse(
        "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
    );
    assert_eq!(report, BaggageReport { kept: 3, ..BaggageReport::default() });
    assert_eq!(baggage.get("key2"), Some("value2"));
    let properties = |key: &str| baggage.entry(key).unwrap().properties().to_vec();
    assert_eq!(properties("key1"), [BaggageProperty::flag("property1"), BaggageProperty::flag("property2")]);
    assert_eq!(properties("key3"), [BaggageProperty::new("propertyKey", "propertyValue")]);

    let alice = pairs([("userId", "alice"), ("serverNode", "DF 28"), ("isProduction", "false")]);
    assert_eq!(kept("userId=alice,serverNode=DF%2028,isProduction=false"), alice);
    assert_eq!(kept("userId =   alice , serverNode = DF%2028, isProduction = false\t"), alice);
    let (combined, _) = Baggage::parse_all(["userId=alice", "serverNode=DF%2028,isProduction=false"]);
    assert_eq!(combined.to_string(), "userId=alice,serverNode=DF%2028,isProduction=false");
}

#[test]
fn values_keep_their_equal_signs_and_broken_encodings() {
    assert_eq!(kept("a=b=c==,d=%zz%,e=%ff%41"), pairs([("a", "b=c=="), ("d", "%zz%"), ("e", "\u{fffd}A")]));
    let (baggage, _) = Baggage::parse("a=b=c");
    assert_eq!(baggage.to_string(), "a=b%3Dc", "a parser that splits at every `=` gets the whole value too");
}

#[test]
fn empty_values_and_empty_members_are_no_mistake() {
    let (baggage, report) = Baggage::parse(" , a=,, b=1;; ,");
    assert_eq!(baggage.to_string(), "a=,b=1");
    assert_eq!(report, BaggageReport { kept: 2, ..BaggageReport::default() });
    assert_eq!(Baggage::parse(""), (Baggage::new(), BaggageReport::default()));
}

#[test]
fn the_last_of_duplicate_keys_counts_in_the_place_of_the_first() {
    let (baggage, report) = Baggage::parse("a=1;old,b=2,a=3");
    assert_eq!(baggage.to_string(), "a=3,b=2");
    assert_eq!((report.kept, report.replaced, report.dropped()), (2, 1, 0));
    let mut baggage = baggage;
    baggage.insert("b", "4").unwrap();
    assert_eq!(baggage.to_string(), "a=3,b=4");
    assert_eq!(kept("A=1,a=2").len(), 2, "keys are case-sensitive");
}

#[test]
fn malformed_members_are_dropped_whole_and_the_others_kept() {
    let bad = [
        "novalue",
        "=1",
        "k y=1",
        "k\"=1",
        "ключ=1",
        "a=1;p q=2",
        "a=1;=2",
        "a=\0",
        "a=1\r\nset-cookie: x",
        "\0=1",
    ];
    for member in bad {
        let (baggage, report) = Baggage::parse(&format!("first=1,{member},last=2"));
        assert_eq!(baggage.to_string(), "first=1,last=2", "{member:?}");
        assert_eq!((report.kept, report.malformed, report.dropped()), (2, 1, 1), "{member:?}");
    }
}

#[test]
fn hostile_characters_never_leave_unencoded() {
    let mut baggage = Baggage::new();
    let nasty = "\0\n\r\t\"\\,;=% \u{7f}\u{85}é\u{202e}";
    baggage.insert_with("k", nasty, vec![BaggageProperty::new("p", nasty)]).unwrap();
    let header = baggage.to_string();
    assert!(header.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b)), "{header}");
    let (again, report) = Baggage::parse(&header);
    assert_eq!(again, baggage);
    assert_eq!(report.dropped(), 0);
    // Encoded they are data, as any other; raw quotes and backslashes of careless senders are taken.
    assert_eq!(kept("a=%00%0A,b={\"c\":\"d\\\"}"), pairs([("a", "\0\n"), ("b", "{\"c\":\"d\\\"}")]));
}

#[test]
fn more_entries_than_the_limit_are_dropped_from_the_end_and_counted() {
    let header = |n: usize| (0..n).map(|i| format!("k{i}={i}")).collect::<Vec<_>>().join(",");
    assert_eq!(Baggage::parse(&header(64)).1, BaggageReport { kept: 64, ..BaggageReport::default() });

    let (baggage, report) = Baggage::parse(&header(10_000));
    assert_eq!((report.kept, report.over_limit, report.dropped()), (64, 9_936, 9_936));
    assert_eq!((baggage.get("k63"), baggage.get("k64")), (Some("63"), None));

    let mut full = baggage;
    assert_eq!(full.insert("new", "1"), Err(BaggageError::TooMany { key: "new".to_owned() }));
    full.insert("k0", "replaced").unwrap();
    assert_eq!((full.len(), full.get("k0")), (64, Some("replaced")));
}

#[test]
fn the_limits_hold_for_all_headers_together() {
    let (baggage, report) = Baggage::parse_all(std::iter::repeat_n("a=1,b=2", 1_000));
    assert_eq!((baggage.len(), report.replaced, report.over_limit), (2, 178, 2_000 - 180));
}

#[test]
fn an_entry_over_its_limit_is_dropped_and_smaller_ones_after_it_are_kept() {
    let fits = "x".repeat(MAX_ENTRY_BYTES - 2);
    let (baggage, report) = Baggage::parse(&format!("a={fits},b={fits}x,c=1"));
    assert_eq!((report.kept, report.too_large), (2, 1));
    assert_eq!((baggage.get("a").map(str::len), baggage.get("c")), (Some(fits.len()), Some("1")));
    // It counts as it came, though decoded it would fit; and as it would leave, though it came shorter.
    let (_, report) = Baggage::parse(&format!("a={}", "%41".repeat(MAX_ENTRY_BYTES / 3)));
    assert_eq!(report.too_large, 1);
    let (_, report) = Baggage::parse(&format!("a={}", "é".repeat(MAX_ENTRY_BYTES / 4)));
    assert_eq!(report.too_large, 1);
}

#[test]
fn the_header_stays_below_its_limit_and_commas_count() {
    let half = "x".repeat(MAX_ENTRY_BYTES - 2);
    let (baggage, report) = Baggage::parse(&format!("a={half},b={half}"));
    assert_eq!((report.kept, report.over_limit), (1, 1), "two halves and a comma are one byte too many");
    let (exact, report) = Baggage::parse(&format!("a={half},b={}", &half[1..]));
    assert_eq!((exact.to_string().len(), report.dropped()), (MAX_TOTAL_BYTES, 0));

    let mut baggage = baggage;
    let error = baggage.insert("b", &half).unwrap_err();
    assert_eq!(error, BaggageError::TotalTooLarge { key: "b".to_owned(), bytes: MAX_TOTAL_BYTES + 1 });
    assert_eq!(baggage.len(), 1, "a refused entry changes nothing");
}

#[test]
fn a_header_of_ten_megabytes_comes_to_a_few_kilobytes() {
    const TEN_MB: usize = 10 << 20;
    for (pattern, drop) in [("a=1,", 0), ("k,", 1), (",", 0), ("a=%00,", 0)] {
        let (baggage, report) = Baggage::parse(&pattern.repeat(TEN_MB / pattern.len()));
        assert!(baggage.to_string().len() <= MAX_TOTAL_BYTES && report.dropped() > drop, "{pattern:?}");
    }
    let (baggage, report) = Baggage::parse(&format!("a={}", "x".repeat(TEN_MB)));
    assert!(baggage.is_empty() && report.too_large == 1);
}

#[test]
fn errors_name_the_key_what_is_wrong_and_what_is_accepted() {
    let mut baggage = Baggage::new();
    let key = baggage.insert("a\nb", "1").unwrap_err().to_string();
    assert!(key.contains("`a\\nb`") && key.contains("letters, digits"), "{key}");
    let long = baggage.insert(&"k ".repeat(10_000), "1").unwrap_err().to_string();
    assert!(long.len() < 256, "{long}");
    let large = baggage.insert("k", &"v".repeat(5_000)).unwrap_err().to_string();
    assert!(large.contains("`k`") && large.contains("5002") && large.contains("4096"), "{large}");
    let property = baggage.insert_with("k", "v", vec![BaggageProperty::flag("")]).unwrap_err();
    assert_eq!(property, BaggageError::Key { key: String::new() });
    assert!(baggage.is_empty());
}

#[test]
fn a_report_holds_no_values() {
    let (_, report) = Baggage::parse("a=1,secret value,a=2");
    assert_eq!(
        report.to_string(),
        "kept 1, dropped 1 (1 malformed, 0 too large, 0 over the limit), replaced 1"
    );
}

#[test]
fn clones_share_until_one_changes() {
    let (original, _) = Baggage::parse("a=1,b=2");
    let mut changed = original.clone();
    assert!(std::ptr::eq(original.entries(), changed.entries()));
    assert!(changed.remove("a") && !changed.remove("a"));
    assert_eq!((original.len(), changed.to_string()), (2, "b=2".to_owned()));
    assert!(changed.remove("b"));
    assert_eq!(changed, Baggage::new(), "emptied baggage is as if there never was any");
}

/// Ask 30: only what the allow-list names is recorded.
#[test]
fn a_policy_allows_whole_keys_only_and_nothing_by_default() {
    let (baggage, _) = Baggage::parse("tenant=a,tenant.id=b,Tenant=c,other=d");
    assert_eq!(BaggagePolicy::default().allowed(&baggage).count(), 0);
    let policy = BaggagePolicy { allow: vec!["other".to_owned(), "tenant".to_owned(), "missing".to_owned()] };
    assert_eq!(policy.allowed(&baggage).collect::<Vec<_>>(), [("tenant", "a"), ("other", "d")]);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        entries in proptest::collection::vec(
            ("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", any::<String>(), proptest::collection::vec(
                ("[a-z]{1,4}", proptest::option::of(any::<String>())), 0..3)), 0..20)
    ) {
        let mut baggage = Baggage::new();
        for (key, value, properties) in &entries {
            let properties = properties.iter().map(|(key, value)| match value {
                Some(value) => BaggageProperty::new(key, value),
                None => BaggageProperty::flag(key),
            });
            let _ = baggage.insert_with(key, value, properties.collect());
        }
        let header = baggage.to_string();
        prop_assert!(header.len() <= MAX_TOTAL_BYTES);
        prop_assert_eq!(header.len(), (baggage.iter().map(|e| e.size() + 1).sum::<usize>()).saturating_sub(1));
        let (again, report) = Baggage::parse(&header);
        prop_assert_eq!(again, baggage);
        prop_assert_eq!(report.dropped() + report.replaced, 0);
    }

    #[test]
    fn any_text_comes_to_a_clean_header(header in "[ -~\t\0é,;=%]{0,200}") {
        let (baggage, report) = Baggage::parse(&header);
        let clean = baggage.to_string();
        prop_assert!(clean.bytes().all(|b| b.is_ascii_graphic()));
        prop_assert_eq!(Baggage::parse(&clean).0, baggage.clone());
        let members = header.split(',').filter(|m| !m.trim_matches([' ', '\t']).is_empty()).count() as u64;
        prop_assert_eq!(report.kept + report.replaced + report.dropped(), members);
    }
}
