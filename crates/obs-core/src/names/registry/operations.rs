//! Helpers for operations of services: caches and HTTP.

use super::attribute::{Attribute, flag, int, text};
use super::{SpanEntry, optional};
use crate::keys;

const CACHE: &str = "a program uses a cache through obs";
const CACHE_OPERATION: &[Attribute] = &[text("cache_type"), text("key_hash")];
const CACHE_GET: &[Attribute] =
    &[text("cache_type"), text("key_hash"), flag("hit").when("the program says so")];

pub(super) const SPANS: &[SpanEntry] = &[
    optional("cache.get", CACHE, "A value looked up; `hit` says whether it was there", CACHE_GET),
    optional("cache.set", CACHE, "A value stored", CACHE_OPERATION),
    optional("cache.delete", CACHE, "A value removed", CACHE_OPERATION),
    optional("cache.clear", CACHE, "All values removed", CACHE_OPERATION),
    optional(
        "http.request",
        "a server answers requests through obs",
        "A request from arrival to answer",
        &[
            text(keys::HTTP_REQUEST_METHOD),
            text(keys::HTTP_REQUEST_METHOD_ORIGINAL).when("the method is none that is known"),
            text(keys::HTTP_ROUTE).when("the request met a route"),
            text(keys::URL_PATH),
            int(keys::HTTP_RESPONSE_STATUS_CODE).when("an answer was made"),
        ],
    ),
    optional(
        "http.client.request",
        "a program makes requests through obs",
        "A request to another service, until its answer's head",
        &[
            text(keys::HTTP_REQUEST_METHOD),
            text(keys::HTTP_REQUEST_METHOD_ORIGINAL).when("the method is none that is known"),
            text(keys::SERVER_ADDRESS).when("the request says it"),
            int(keys::SERVER_PORT).when("the request says it"),
            text(keys::URL_PATH),
            int(keys::HTTP_RESPONSE_STATUS_CODE).when("an answer came"),
        ],
    ),
];
