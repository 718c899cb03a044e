//! Proxies of the environment. Each case is a process of its own: this test, started again with other variables.

use crate::server::*;
use obs_export::http::Endpoint;
use std::io::Write;
use std::process::Command;
use std::sync::mpsc::channel;

const TO: &str = "OBS_TEST_PROXY_TO";
const SAID: &str = "OBS_TEST_PROXY_SAID";

/// The other process: posts where it is told, and writes down what came of it.
#[test]
fn in_a_process_of_its_own() {
    let (Ok(to), Ok(said)) = (std::env::var(TO), std::env::var(SAID)) else { return };
    let to: Endpoint = to.parse().unwrap();
    std::fs::write(said, format!("{:?}", post(&to))).unwrap();
}

/// What came of posting to `to` with these variables.
fn posted(to: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::in_a_process_of_its_own"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.env(TO, to).env(SAID, &said).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(said).unwrap()
}

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
