//! [`cache`]: what is asked of a cache.

use super::db::name_of;
use super::kind::sealed::Recorded;
use super::operation::Operation;
use super::work::Work;
use crate::span::Span;
use crate::tracer::Tracer;
use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::LazyLock;

/// The secret that keys are hashed with, one for each process.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What is asked of a cache: see [`cache`].
#[derive(Debug)]
pub struct Cache {
    cache_type: Cow<'static, str>,
    /// Hash of the key.
    key: u64,
}

/// Something asked of a cache: a client span `cache.<operation>`, such as `cache.get`, with `acm.cache_type` and
/// `acm.key_hash`. Whether a value was there is told to [`Work::<Cache>::hit`](Work::hit).
///
/// The key itself is never recorded, nor kept. Its hash has 64 bits, written as 16 hex digits, and depends on a random secret
/// of this process (the keyed hash of the standard library's maps, `SipHash`): equal keys of one process can be told, as one that is asked for
/// too often, but nobody finds a key by hashing likely ones. Hashes of different processes say nothing about each other.
pub fn cache(
    tracer: &Tracer,
    operation: impl AsRef<str>,
    cache_type: impl Into<Cow<'static, str>>,
    key: impl Hash,
) -> Operation<Cache> {
    let kind = Cache { cache_type: cache_type.into(), key: HASHER.hash_one(key) };
    Operation::new(tracer, name_of("cache", operation.as_ref(), "cache.operation"), kind)
}

impl Work<Cache> {
    /// Whether the value was there (`acm.hit`).
    pub fn hit(&mut self, hit: bool) {
        self.set("hit", hit);
    }
}

impl Recorded for Cache {
    fn begin(&mut self, span: &mut Span, _tracer: &Tracer) {
        if span.is_recording() {
            span.set("cache_type", self.cache_type.as_ref());
            span.set("key_hash", format!("{:016x}", self.key));
        }
    }
}
