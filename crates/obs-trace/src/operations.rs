//! Helpers for what most services do: statements of a database, caches, HTTP, models, and operations of their own.
//!
//! Each helper makes an [`Operation`]: the span's name and attributes follow from what it is told. `start()` makes it the
//! active span of this thread until the guard drops, `scope(future)` the one of a future, and `detached()` starts it without
//! making it active. What is known only later is told to the [`Work`].
//!
//! | to | see |
//! |---|---|
//! | run an operation of the service's own | [`operation`] |
//! | make a statement, and know when it was slow | [`db`], [`SlowQueries`] |
//! | use a cache | [`cache`] |
//! | answer and make HTTP requests, without a framework | [`http_server`], [`http_client`] |
//! | ask a model, run a tool for it | [`llm`], [`tool`] |
//! | analyse, look for issues, ask an agent | [`analyze_query`], [`detector`], [`call_optimizer`] |
//!
//! ```
//! use obs_trace::{Tracer, operations};
//!
//! let tracer = Tracer::for_tests();
//! {
//!     let mut insert = operations::db(&tracer, "insert", "scenario").system("postgresql").tenant("t1").start();
//!     insert.rows(3);
//! }
//! let span = &tracer.take_finished()[0];
//! assert_eq!(span.name, "sql.insert");
//! assert_eq!(span.attribute("db.collection.name").and_then(|v| v.as_str()), Some("scenario"));
//! assert_eq!(span.attribute("acm.tenant_id").and_then(|v| v.as_str()), Some("t1"));
//! ```

mod agent;
mod analysis;
mod cache;
mod change;
mod db;
pub(crate) mod global;
mod guard;
mod http;
mod kind;
mod llm;
mod operation;
mod scope;
mod service;
mod slow;
mod sql;
mod work;

pub use agent::{AgentCall, Step, build_context, call_optimizer};
pub use analysis::{Analysis, Detection, analyze_query, detector, fetch_data};
pub use cache::{Cache, cache};
pub use db::{Db, db};
pub use guard::WorkGuard;
pub use http::{HttpClient, HttpServer, http_client, http_server};
pub use kind::Kind;
pub use llm::{GEN_AI_SEMCONV, Llm, Tool, llm, tool};
pub use operation::Operation;
pub use scope::{Scope, Unseen};
pub use service::{Service, operation};
pub use slow::{SLOW_QUERY, SlowQueries, SlowQuery};
pub use sql::without_literals;
pub use work::Work;
