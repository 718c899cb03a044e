//! Tests of `classify`.

use super::*;

fn to() -> Endpoint {
    "http://me:s3cret@c:1/push?k=s3cret".parse().unwrap()
}

#[test]
fn each_status_has_one_meaning() {
    let causes = [
        (Cause::Server, vec![408, 500, 502, 504, 599]),
        (Cause::Throttled, vec![429, 503]),
        (Cause::Credentials, vec![401, 403, 407]),
        (Cause::Path, vec![301, 302, 307, 308, 404, 405]),
    ];
    for (cause, code) in
        causes.into_iter().flat_map(|(cause, codes)| codes.into_iter().map(move |c| (cause, c)))
    {
        let wait = Some(Duration::from_secs(3));
        let Outcome::Retry { cause: found, after, message } = status(&to(), code, wait, "because") else {
            panic!("{code}")
        };
        assert_eq!((found, after), (cause, wait), "{code}");
        assert!(message.starts_with(&format!("http://c:1/push: {code}: ")), "{message}");
        assert!(message.ends_with(" (because)"), "{message}");
    }
    for code in [101, 400, 415, 422, 451] {
        let outcome = status(&to(), code, None, "because");
        let Outcome::Refused { reason: DropReason::Refused, message } = outcome else { panic!("{code}") };
        assert!(message.ends_with(" (because)"), "{message}");
    }
    assert!(matches!(status(&to(), 413, None, ""), Outcome::TooLarge { .. }));
}

#[test]
fn the_message_says_what_to_look_at() {
    let Outcome::Retry { message, .. } = status(&to(), 404, None, "") else { panic!("retry") };
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
