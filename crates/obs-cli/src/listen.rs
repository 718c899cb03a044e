//! `--listen`: the metrics of a run over HTTP.

use obs::Telemetry;
use obs_http::{DEFAULT_ADDRESS, PROMETHEUS_PORT, ServeError, Server, metrics_router};
use std::net::SocketAddr;

/// Reads `IP:PORT`, or a port of this machine's loopback address: who does not name an address is seen by nobody else.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let port = |text: &str| text.parse().map(|port| SocketAddr::new(DEFAULT_ADDRESS.ip(), port));
    text.parse().or_else(|_| port(text)).map_err(|_| {
        let example = DEFAULT_ADDRESS;
        format!("expected IP:PORT such as {example}, or a port such as {}", example.port())
    })
}

/// Serves the metrics of `telemetry`, and logs where.
pub(crate) fn start(address: SocketAddr, telemetry: &Telemetry) -> Result<Server, ServeError> {
    let log = telemetry.logger("obs.http");
    if address.port() == PROMETHEUS_PORT {
        obs::log::cfg!(warn: log, "port {} is that of Prometheus itself: use another, such as {}",
            PROMETHEUS_PORT, DEFAULT_ADDRESS.port(); "address" => address.to_string());
    }
    if !address.ip().is_loopback() {
        obs::log::cfg!(warn: log, "metrics are served to every machine that reaches {}", address.ip();
            "address" => address.to_string());
    }
    let server = Server::start(address, metrics_router(telemetry.metrics().clone()))?;
    let url = format!("http://{}/metrics", server.local_addr());
    obs::log::cfg!(log, "metrics served at {}", url; "url" => &url);
    Ok(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-02
    #[test]
    fn a_port_alone_is_one_of_this_machine_only() {
        assert_eq!(address("9464"), Ok(DEFAULT_ADDRESS));
        assert!(address("0").unwrap().ip().is_loopback());
    }

    #[test]
    fn an_address_is_taken_as_it_is() {
        for text in ["127.0.0.1:9464", "0.0.0.0:80", "[::1]:9464"] {
            assert_eq!(address(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_an_error_that_says_what_is_accepted() {
        for text in
            ["", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "-1", "1.2.3.4.5:6", "::1:x"]
        {
            let error = address(text).unwrap_err();
            assert_eq!(error, "expected IP:PORT such as 127.0.0.1:9464, or a port such as 9464", "{text}");
        }
    }
}
