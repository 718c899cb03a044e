//! Tests of `classify`.

use super::*;

fn to() -> Endpoint {
    "http://me:s3cret@c:1/push?k=s3cret".parse().unwrap()
}

#[test]
fn each_status_has_one_meaning() {
    for code in [408, 429, 500, 502, 503, 504, 599] {
        let Outcome::Retry { after, message } = status(&to(), code, Some(Duration::from_secs(3)), "") else {
            panic!("{code}")
        };
        assert_eq!(after, Some(Duration::from_secs(3)));
        assert!(message.starts_with(&format!("http://c:1/push: {code}: ")), "{message}");
    }
    for code in [101, 301, 302, 307, 308, 400, 401, 403, 404, 405, 415, 422, 451] {
        let outcome = status(&to(), code, None, "because");
        let Outcome::Refused { reason: DropReason::Refused, message } = outcome else { panic!("{code}") };
        assert!(message.ends_with(" (because)"), "{message}");
    }
    assert!(matches!(status(&to(), 413, None, ""), Outcome::TooLarge { .. }));
}

#[test]
fn the_message_says_what_to_look_at() {
    let Outcome::Refused { message, .. } = status(&to(), 404, None, "") else { panic!("refused") };
    assert_eq!(message, "http://c:1/push: 404: is the path right?");
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    // 1994-11-06 08:49:37 UTC, the example of RFC 9110.
    let clock = Clock::manual((784_111_777 - 90) * 1_000_000_000);
    let wait = |value| retry_after(value, &clock).map(|d| d.as_secs());
    assert_eq!(wait("120"), Some(120));
    assert_eq!(wait(" 0 "), Some(0));
    assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
    assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(90));
    assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "a date in the past asks for no wait");
    for nonsense in ["", "soon", "-5", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"] {
        assert_eq!(wait(nonsense), None, "{nonsense}");
    }
}
