//! The helpers that services call most, with the tracer of the process.

use super::{Cache, Db, Operation, Service};
use crate::global::global;
use std::borrow::Cow;
use std::hash::Hash;

/// [`operations::operation`](crate::operations::operation) with the tracer of the process.
///
/// ```
/// let _work = obs_trace::operation("scenario", "create").id("42").tenant("t1").start();
/// ```
pub fn operation(
    subject: impl Into<Cow<'static, str>>,
    action: impl Into<Cow<'static, str>>,
) -> Operation<Service> {
    super::operation(&global(), subject, action)
}

/// [`operations::db`](crate::operations::db) with the tracer of the process.
///
/// ```
/// let mut insert = obs_trace::db_query("insert", "scenario").start();
/// insert.rows(1);
/// ```
pub fn db_query(operation: impl AsRef<str>, table: impl Into<Cow<'static, str>>) -> Operation<Db> {
    super::db(&global(), operation, table)
}

/// [`operations::cache`](crate::operations::cache) with the tracer of the process.
///
/// ```
/// let mut get = obs_trace::cache_op("get", "scenario", "scenario:42").start();
/// get.hit(false);
/// ```
pub fn cache_op(
    operation: impl AsRef<str>,
    cache_type: impl Into<Cow<'static, str>>,
    key: impl Hash,
) -> Operation<Cache> {
    super::cache(&global(), operation, cache_type, key)
}
