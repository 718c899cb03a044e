//! Layers of tower that make spans of requests: [`TraceLayer`] where they are answered, [`TraceClientLayer`] where they are
//! made.

mod body;
mod client;
mod response;
mod server;

pub use body::TraceBody;
pub use client::{TraceClient, TraceClientLayer};
pub use response::TraceResponse;
pub use server::{TraceLayer, TraceService};

/// The type of an error without generic arguments.
fn kind_of<E>() -> &'static str {
    let name = std::any::type_name::<E>();
    name.split_once('<').map_or(name, |(bare, _)| bare)
}
