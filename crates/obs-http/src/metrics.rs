//! [`metrics_router`]: the endpoint a scraper reads.

use crate::gzip;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use obs_metrics::{Format, Metrics};

/// A router with `GET /metrics` (and `HEAD`), to be merged into a service's own or given to a [`crate::Server`].
///
/// The `Accept` header chooses between `OpenMetrics` 1.0, with exemplars, and Prometheus text 0.0.4
/// ([`Format::negotiate`]). Protobuf is not written yet: a scraper that asks for it gets the best of the other formats
/// it names, or text. Bodies are compressed with gzip for clients that take it.
///
/// A scrape takes a reading and never stops those who record. Reading and writing are done on the thread that serves
/// the request; they take a few milliseconds for ten thousand series.
pub fn metrics_router(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(metrics)
}

async fn scrape(State(metrics): State<Metrics>, headers: HeaderMap) -> Response {
    let format = Format::negotiate(joined(&headers, &ACCEPT).as_deref());
    let body = metrics.encode(format);
    let gzip = gzip::accepted(joined(&headers, &ACCEPT_ENCODING).as_deref());
    let fixed = [
        (CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (VARY, HeaderValue::from_static("accept, accept-encoding")),
    ];
    match gzip.then(|| gzip::compress(&body)) {
        Some(Ok(bytes)) => (fixed, [(CONTENT_ENCODING, "gzip")], Body::from(bytes)).into_response(),
        // Writing into memory does not fail; if it did, the plain body is right too.
        Some(Err(_)) | None => (fixed, Body::from(body)).into_response(),
    }
}

/// The values of a header that may come in several lines, as one list (RFC 9110, section 5.3). Lines that are not text
/// are left out.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}
