//! Tests of `endpoint`.

use super::*;

fn endpoint(value: &str) -> Endpoint {
    value.parse().unwrap()
}

#[test]
fn base_and_full_urls_lead_to_the_same_path() {
    for (value, expected) in [
        ("http://c:4318", "http://c:4318/v1/traces"),
        ("http://c:4318/", "http://c:4318/v1/traces"),
        ("http://c:4318/v1/traces", "http://c:4318/v1/traces"),
        ("http://c:4318/v1/traces/", "http://c:4318/v1/traces"),
        ("HTTPS://c/otlp", "https://c/otlp/v1/traces"),
        ("https://c/otlp/v1/traces", "https://c/otlp/v1/traces"),
        ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
        ("http://c/xv1/traces", "http://c/xv1/traces/v1/traces"),
    ] {
        for path in ["/v1/traces", "v1/traces"] {
            assert_eq!(endpoint(value).join(path).to_string(), expected, "{value}");
        }
    }
    assert_eq!(endpoint("http://c/base/").join("/").to_string(), "http://c/base/");
    for (value, expected) in [("http://c", "http://c/"), ("http://c/push/", "http://c/push/")] {
        assert_eq!(endpoint(value).whole().join("/v1/traces").to_string(), expected, "as it is");
    }
}

#[test]
fn credentials_become_basic_authentication_and_are_never_shown() {
    let endpoint = endpoint("http://us%40er:p%3Ass@c:3100/x?token=hidden").join("/push");
    assert_eq!(endpoint.authorization().unwrap().expose(), "Basic dXNAZXI6cDpzcw==");
    assert_eq!(format!("{endpoint} {endpoint:?}"), "http://c:3100/x/push Endpoint(http://c:3100/x/push)");
    assert_eq!(endpoint.url(), "http://c:3100/x/push?token=hidden");
}

#[test]
fn a_bad_value_is_an_error_that_names_it_and_what_is_accepted() {
    for (value, cause) in [
        ("", "it has no http:// or https://"),
        ("localhost:4317", "it has no http:// or https://"),
        ("ftp://c/x", "its scheme is not supported"),
        ("http://", "it is not a URL"),
        ("http:///v1/traces", "it is not a URL"),
        ("http://a b/", "it is not a URL"),
        ("http://:80/", "it has no host"),
        ("http://c:0/", "its port is not a number from 1 to 65535"),
        ("http://c:99999/", "its port is not a number from 1 to 65535"),
        ("http://c:x/", "its port is not a number from 1 to 65535"),
    ] {
        let error = value.parse::<Endpoint>().unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "`{value}` is not an endpoint: {cause}; accepted: http://HOST[:PORT][/PATH] or \
                 https://HOST[:PORT][/PATH]"
            )
        );
    }
}

#[test]
fn errors_show_no_credentials_either() {
    for value in ["ftp://me:s3cret@c/?k=s3cret", "me:s3cret@c", "http://me:s3cret@c:0/?k=s3cret", "x?s3cret"]
    {
        let error = value.parse::<Endpoint>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[test]
fn loopback_is_recognised() {
    for value in
        ["http://localhost:1", "http://LOCALHOST", "http://127.3.2.1:80", "http://[::1]:80/x", "http://[::1]"]
    {
        assert!(endpoint(value).is_loopback(), "{value}");
    }
    for value in ["http://localhost.example", "http://10.0.0.1:80", "https://[2001:db8::1]"] {
        assert!(!endpoint(value).is_loopback(), "{value}");
    }
}

#[test]
fn the_port_is_the_one_given_or_that_of_the_scheme() {
    for (value, host, port) in [
        ("http://c", "c", 80),
        ("https://c/x", "c", 443),
        ("http://me:1234@c:4317", "c", 4317),
        ("http://[::1]", "[::1]", 80),
        ("https://[2001:db8::1]:4317", "[2001:db8::1]", 4317),
    ] {
        let endpoint = endpoint(value);
        assert_eq!((endpoint.host(), endpoint.port()), (host, port), "{value}");
    }
}
