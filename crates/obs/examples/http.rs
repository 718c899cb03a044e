//! Two web services and one trace: an API that asks a store.
//!
//! [`TraceLayer`] makes a span of each request that axum answers, and continues the caller's trace. The API asks the store with
//! a blocking client: [`operations::http_client`] makes the span, and `inject` writes the headers that the store continues the
//! trace from. (For clients that are tower services, `TraceClientLayer` does both.) Log lines carry the ids of the span they
//! were written in. Requests to `/metrics` are traced like any other.

use obs::obs_trace::carry;
use obs::{log, operations};
use obs_http::axum::Router;
use obs_http::axum::extract::Path;
use obs_http::axum::http::StatusCode;
use obs_http::axum::routing::get;
use obs_http::{Server, TraceLayer, metrics_router};
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

const ANY_PORT: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn store() -> Router {
    let rows = |Path(id): Path<u32>| async move {
        log::info!(obs::logger("store.http"), "rows read"; "scenario" => id);
        format!("scenario {id}: 3 rows")
    };
    Router::new().route("/rows/{id}", get(rows)).layer(TraceLayer::new(obs::tracer()))
}

fn api(store: SocketAddr) -> Router {
    let scenario = move |Path(id): Path<u32>| async move {
        // A blocking client has no place on the threads that serve; `carry` takes span and run context to its own.
        let rows = tokio::task::spawn_blocking(carry(move || fetch(store, id))).await;
        rows.ok().and_then(Result::ok).ok_or(StatusCode::BAD_GATEWAY)
    };
    Router::new()
        .route("/scenarios/{id}", get(scenario))
        .merge(metrics_router(obs::metrics()))
        .layer(TraceLayer::new(obs::tracer()))
}

fn fetch(store: SocketAddr, id: u32) -> Result<String, ureq::Error> {
    let path = format!("/rows/{id}");
    let client = operations::http_client(&obs::tracer(), "GET");
    let mut span = client.server(store.ip().to_string(), store.port()).path(path.as_str()).start();
    let mut headers: Vec<(String, String)> = Vec::new();
    span.inject(&mut headers);
    let mut request = ureq::get(format!("http://{store}{path}"));
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    let answer = request.call();
    let mut response = span.record_result(answer)?;
    span.status(response.status().as_u16());
    response.body_mut().read_to_string()
}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = obs::init("scenario-api")?;
    let store = Server::start(ANY_PORT.into(), store())?;
    let api = Server::start(ANY_PORT.into(), api(store.local_addr()))?;
    let log = obs::logger("caller.http");
    let answer =
        ureq::get(format!("http://{}/scenarios/42", api.local_addr())).call()?.body_mut().read_to_string()?;
    log::info!(log, "{answer}");
    let metrics =
        ureq::get(format!("http://{}/metrics", api.local_addr())).call()?.body_mut().read_to_string()?;
    log::info!(log, "metrics read"; "series" => metrics.lines().filter(|line| !line.starts_with('#')).count());
    api.stop(Duration::from_secs(5));
    store.stop(Duration::from_secs(5));
    let report = telemetry.shutdown(Duration::from_secs(5));
    if report.is_clean() { Ok(()) } else { Err(report.to_string().into()) }
}
