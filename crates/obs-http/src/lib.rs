//! The HTTP side of observability: requests as spans on both sides, and the metrics endpoint that Prometheus scrapes.
//!
//! | to | see |
//! |---|---|
//! | have a span for each request that is answered, in the caller's trace | [`TraceLayer`] |
//! | have a span for each request that is made, and hand the trace on | [`TraceClientLayer`] |
//! | add `/metrics` to a service that has axum already | [`metrics_router`] |
//! | serve it from a program that has no HTTP server and no async runtime | [`Server`] |
//!
//! ```
//! use obs_http::{Server, metrics_router};
//! use std::time::Duration;
//!
//! let metrics = obs_metrics::Metrics::new(obs_core::ServiceIdentity::default(), Default::default());
//! let server = Server::start(([127, 0, 0, 1], 0).into(), metrics_router(metrics))?;
//! println!("scrape http://{}/metrics", server.local_addr());
//! assert_eq!(server.stop(Duration::from_secs(1)), 0);
//! # Ok::<(), obs_http::ServeError>(())
//! ```
//!
//! There is no access control and no TLS: listen on a loopback address ([`DEFAULT_ADDRESS`]), or put a proxy in front.

mod connections;
mod error;
mod gzip;
mod metrics;
mod server;
mod trace;

pub use axum;
pub use error::ServeError;
pub use metrics::metrics_router;
pub use server::{DEFAULT_ADDRESS, PROMETHEUS_PORT, Server};
pub use trace::{TraceBody, TraceClient, TraceClientLayer, TraceLayer, TraceResponse, TraceService};
