//! `tracestate`: every rule of the specification, and any bytes.

use super::*;
use proptest::prelude::*;

fn parse(header: &str) -> String {
    TraceState::parse(header).unwrap().to_string()
}

fn numbered(count: usize) -> String {
    (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",")
}

/// Promise CTX-05.
#[test]
fn list_members_keep_their_order_and_lose_the_space_around_them() {
    let state = TraceState::parse("\t rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE").unwrap();
    assert_eq!(state.as_str(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    assert_eq!(state.iter().collect::<Vec<_>>(), [("rojo", "00f067aa0ba902b7"), ("congo", "t61rcWkgMzE")]);
    assert_eq!((state.get("congo"), state.get("cong")), (Some("t61rcWkgMzE"), None));
}

#[test]
fn empty_headers_and_list_members_are_no_mistake() {
    for empty in ["", " ", ",", " , \t,"] {
        assert_eq!(TraceState::parse(empty), Ok(TraceState::EMPTY), "{empty:?}");
    }
    assert_eq!(parse("a=1,, ,b=2,"), "a=1,b=2");
    assert!(TraceState::default().is_empty());
}

#[test]
fn keys_and_values_may_have_what_the_specification_names() {
    let (key, value) = ("z".repeat(256), "v".repeat(255));
    for good in [
        "0a_-*/@=1",
        "tenant@system=1",
        "a@b@c=1",
        "a= leading space",
        "a=!\"#$%&'()*+-./0:;<>?@A[\\]^_`a{|}~",
        &format!("{key}={value}"),
    ] {
        assert_eq!(parse(good), good);
    }
}

#[test]
fn one_invalid_list_member_discards_the_header() {
    let long = "z".repeat(257);
    for bad in [
        "novalue",
        "=1",
        "a=",
        "a=,b=1",
        "A=1",
        "a b=1",
        "_a=1",
        "@a=1",
        "ä=1",
        "a=b=c",
        "a=é",
        "a=\0",
        "a=1\r\nb: 2",
        "a=\t1",
        "a =1",
        &format!("{long}=1"),
        &format!("a={long}"),
    ] {
        let error = TraceState::parse(&format!("good=1,{bad}")).unwrap_err().to_string();
        assert!(error.starts_with("tracestate `") && error.contains("accepted: key=value"), "{error}");
        assert!(error.len() < 420 && !error.contains(['\0', '\n']), "{error}");
    }
}

#[test]
fn of_one_key_the_first_is_kept() {
    assert_eq!(parse("congo=2,rojo=1,congo=1"), "congo=2,rojo=1");
}

#[test]
fn the_first_32_list_members_are_kept_and_what_follows_is_not_read() {
    assert_eq!(parse(&numbered(32)), numbered(32));
    assert_eq!(parse(&numbered(33)), numbered(32));
    assert_eq!(parse(&format!("{},NOT VALID", numbered(32))), numbered(32));
}

#[test]
fn beyond_512_characters_long_list_members_go_first_and_then_the_last() {
    let member = |key: &str, length: usize| format!("{key}={}", "v".repeat(length - key.len() - 1));
    let (long, short) = (member("long", 129), member("short", 128));
    assert_eq!(parse(&format!("{long},{short}")), format!("{long},{short}"), "there is room");

    let header = [&long, &short, &member("b", 128), &member("c", 128)].map(String::as_str).join(",");
    assert_eq!(parse(&header), header[130..], "513 + 3 characters: the long one goes, although it is first");

    let header = ["a", "b", "c", "d", "e"].map(|key| member(key, 120)).join(",");
    assert_eq!(parse(&header), header[..120 * 4 + 3]);
    let exact = [member("a", 128), member("b", 128), member("c", 128), member("d", 125)].join(",");
    assert_eq!((parse(&exact), exact.len()), (exact.clone(), 512));
    assert_eq!(parse(&format!("{}={}", "k".repeat(256), "v".repeat(256))), "", "513 characters in one");
}

#[test]
fn an_insert_goes_to_the_front_and_replaces() {
    let mut state = TraceState::EMPTY;
    state.insert("a", "1").unwrap();
    state.insert("b", "2").unwrap();
    let before = state.clone();
    state.insert("a", "3").unwrap();
    assert_eq!((state.as_str(), before.as_str()), ("a=3,b=2", "b=2,a=1"), "clones do not change");

    for (key, value) in
        [("A", "1"), ("a", ""), ("a", "1 "), ("a", "1,b=2"), (&"k".repeat(256), &*"v".repeat(256))]
    {
        assert!(state.insert(key, value).unwrap_err().to_string().contains("accepted"), "{key}={value}");
    }
    assert_eq!(state.as_str(), "a=3,b=2", "a refused insert changes nothing");
}

#[test]
fn an_insert_stays_whatever_must_go_for_it() {
    let mut state = TraceState::parse(&numbered(32)).unwrap();
    state.insert("new", "1").unwrap();
    assert_eq!(state.as_str(), format!("new=1,{}", numbered(31)));

    let large = "v".repeat(256);
    state.insert("large", &large).unwrap();
    assert_eq!((state.get("large"), state.get("new")), (Some(large.as_str()), Some("1")));
    assert!(state.as_str().len() <= 512);
    state.insert(&"k".repeat(255), &large).unwrap();
    assert_eq!((state.len(), state.as_str().len()), (1, 512));
}

#[test]
fn a_removed_key_is_gone_and_the_last_one_leaves_nothing() {
    let mut state = TraceState::parse("a=1,b=2").unwrap();
    assert!(!state.remove("c") && state.remove("a"));
    assert_eq!(state.as_str(), "b=2");
    assert!(state.remove("b"));
    assert_eq!(state, TraceState::EMPTY);
}

#[test]
fn several_headers_are_one() {
    assert_eq!(parse_all(&[]), (TraceState::EMPTY, None));
    let (state, error) = parse_all(&["a=1", "", "b=2"]);
    assert_eq!((state.as_str(), error), ("a=1,b=2", None));
    let (state, error) = parse_all(&["a=1", "B=2"]);
    assert!(state.is_empty() && error.unwrap().to_string().contains("a key is not valid"));
}

#[test]
fn what_was_cut_is_told() {
    let (state, error) = parse_all(&[&numbered(40)]);
    assert_eq!(state.len(), 32);
    assert!(error.unwrap().to_string().contains("32 of 40 list-members were kept"));
    assert!(parse_all(&["a=1,a=2"]).1.unwrap().to_string().contains("1 of 2"));
    assert_eq!(parse_all(&[&numbered(32)]).1, None);
}

#[test]
fn a_header_of_ten_megabytes_comes_to_512_characters() {
    const TEN_MB: usize = 10 << 20;
    for pattern in ["a=1,", ",", "a", "a=1,b", "\0"] {
        let (state, _) = parse_all(&[&pattern.repeat(TEN_MB / pattern.len())]);
        assert!(state.as_str().len() <= MAX_LENGTH, "{pattern:?}");
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_valid_and_reads_back(
        members in proptest::collection::vec(("[a-z0-9][a-z0-9_*/@-]{0,20}", "[ -+--<>-~]{0,150}[!-+--<>-~]"), 0..40)
    ) {
        let header: Vec<String> = members.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let state = TraceState::parse(&header.join(" , ")).unwrap();
        prop_assert!(state.len() <= MAX_MEMBERS && state.as_str().len() <= MAX_LENGTH);
        prop_assert_eq!(TraceState::parse(state.as_str()), Ok(state.clone()));
        // Whole list-members, in their order.
        let mut rest = members.iter();
        for (key, value) in state.iter() {
            prop_assert!(rest.any(|(k, v)| k == key && v == value));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(header: String, near in "[ -~,=\t\0]{0,80}") {
        for text in [header, near] {
            if let Ok(state) = TraceState::parse(&text) {
                prop_assert_eq!(TraceState::parse(state.as_str()), Ok(state.clone()));
            }
        }
    }
}
