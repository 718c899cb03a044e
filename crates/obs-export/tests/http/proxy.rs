//! Proxies of the environment.

use crate::process::posted;
use crate::server::*;
use std::io::Write;
use std::sync::mpsc::channel;

/// A tunnel is asked for even where the request itself is not encrypted.
#[test]
fn a_proxy_of_the_environment_is_asked_for_a_tunnel_to_hosts_beyond_this_machine() {
    let (sender, inside) = channel();
    let proxy = Server::with(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
        let request = read_request(stream).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 204 Fine\r\nContent-Length: 0\r\n\r\n");
        let _ = sender.send(request);
    });
    let url = format!("http://me:hunter2@{}", proxy.address);
    let said = posted("http://collector.invalid:4318/v1/traces", &[("HTTP_PROXY", &url)]);
    assert!(said.contains("status: 204"), "{said}");
    let tunnel = proxy.received.recv().unwrap().head;
    assert!(tunnel.starts_with("CONNECT collector.invalid:4318 HTTP/1.1\r\n"), "{tunnel}");
    assert!(tunnel.contains("Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n"), "{tunnel}");
    let request = inside.recv().unwrap();
    assert!(request.head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", request.head);
    assert!(!request.head.to_ascii_lowercase().contains("proxy-"), "{}", request.head);
    assert_eq!(request.body, b"hello");
}

#[test]
fn hosts_of_no_proxy_and_this_machine_are_reached_without_it() {
    let proxy = Server::status(204, "", "");
    let url = format!("http://{}", proxy.address);
    let variables = [("HTTP_PROXY", url.as_str()), ("NO_PROXY", "collector.invalid")];
    let said = posted("http://collector.invalid:4318/", &variables);
    assert!(said.contains("cause: Dns"), "{said}");
    let here = Server::status(200, "", "");
    let said = posted(&here.endpoint().to_string(), &[("ALL_PROXY", &url)]);
    assert!(said.contains("status: 200"), "{said}");
    assert!(proxy.received.try_recv().is_err(), "the proxy was not asked");
}

/// SEC-07
#[test]
fn a_proxy_that_refuses_is_named_as_such_and_its_password_is_not() {
    for (status, cause, words) in [
        (407, "cause: Credentials", "the proxy wants other credentials"),
        (502, "cause: Connect", "the proxy does not connect"),
    ] {
        let proxy = Server::status(status, "", "hunter2 is not the password");
        let url = format!("http://me:hunter2@{}", proxy.address);
        for (to, name) in
            [("http://collector.invalid:1/", "HTTP_PROXY"), ("https://collector.invalid/", "HTTPS_PROXY")]
        {
            let said = posted(to, &[(name, &url)]);
            assert!(said.contains(cause) && said.contains(words), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
