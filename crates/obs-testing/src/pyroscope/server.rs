//! The server and its accessors.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use pprof::protos::Profile;

use super::ingest;
use super::samples::{self, SampleError, SampleSeen};
use crate::http::{HttpServer, Request, Response};
use crate::watched::Watched;

/// A profile as accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileSeen {
    /// The application name, without tags.
    pub name: String,
    /// The tags of the name.
    pub tags: BTreeMap<String, String>,
    /// When profiling began, Unix time in nanoseconds.
    pub from: u64,
    /// When profiling ended, Unix time in nanoseconds.
    pub until: u64,
    /// The sampling rate in hertz; 100 if not sent.
    pub sample_rate: u32,
    /// The profiler's name; `unknown` if not sent.
    pub spy_name: String,
    /// The profile as sent.
    pub profile: Profile,
}

impl ProfileSeen {
    /// The samples with their references resolved. An accepted profile has only valid ones; one changed since
    /// may not.
    pub fn samples(&self) -> Result<Vec<SampleSeen>, SampleError> {
        samples::samples(&self.profile)
    }
}

/// A Pyroscope `/ingest` endpoint on an ephemeral loopback port.
#[derive(Debug)]
pub struct PyroscopeServer {
    http: HttpServer,
    profiles: Arc<Watched<Vec<ProfileSeen>>>,
}

impl PyroscopeServer {
    /// Starts a server.
    pub fn start() -> io::Result<Self> {
        let profiles = Arc::new(Watched::default());
        let for_handler = Arc::clone(&profiles);
        let http = HttpServer::start(move |request| answer(request, &for_handler))?;
        Ok(Self { http, profiles })
    }

    /// The base URL, to which `/ingest` is added.
    pub fn url(&self) -> String {
        self.http.url()
    }

    /// The HTTP side: scripted misbehaviour and recorded requests. Scripted replies are given without decoding.
    pub fn http(&self) -> &HttpServer {
        &self.http
    }

    /// The profiles accepted so far, in the order received.
    pub fn profiles(&self) -> Vec<ProfileSeen> {
        self.profiles.read(Clone::clone)
    }

    /// Waits until `ready` holds for the profiles so far, at most `timeout`; says whether it came to hold.
    pub fn wait_for(&self, mut ready: impl FnMut(&[ProfileSeen]) -> bool, timeout: Duration) -> bool {
        self.profiles.wait_for(|profiles| ready(profiles), timeout)
    }
}

fn answer(request: &Request, profiles: &Watched<Vec<ProfileSeen>>) -> Response {
    if request.path() != "/ingest" {
        return Response::text(404, "no such path, accepted: /ingest");
    }
    if request.method != "POST" {
        return Response::text(405, "method not allowed, accepted: POST").with_header("allow", "POST");
    }
    match ingest::read(request) {
        Ok(profile) => {
            profiles.update(|profiles| profiles.push(profile));
            Response::new(200)
        }
        Err(refusal) => refusal,
    }
}
