//! What spans cost a request.

use super::{axum, block_on};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use obs_core::Clock;
use obs_http::TraceLayer;
use obs_trace::Tracer;
use tower_service::Service;

const REQUESTS: usize = 2_000;

/// Nanoseconds of a request, of which 5 % take longer.
fn p95(mut app: Router) -> u64 {
    let clock = Clock::system();
    let mut times: Vec<u64> = block_on(async {
        let mut times = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let start = clock.now();
            let response =
                app.call(Request::get("/scenarios/42").body(Body::empty()).unwrap()).await.unwrap();
            axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
            times.push(clock.now() - start);
        }
        times
    });
    times.sort_unstable();
    times[REQUESTS * 95 / 100]
}

/// PERF-07: the promise is 100 ms, the aim 1 ms; a busy machine stays far below both.
#[test]
fn spans_add_less_than_a_millisecond_to_the_95th_percentile_of_requests() {
    let app = || Router::new().route("/scenarios/{id}", get(|| async { "north" }));
    let plain = p95(app());
    let traced = p95(app().layer(TraceLayer::new(Tracer::builder().on_end(|_| {}).build())));
    assert!(traced < plain + 1_000_000, "{plain} ns without spans, {traced} ns with them");
}
