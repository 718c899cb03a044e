//! [`PyroscopeSink`]: pushes profiles to a Pyroscope server.
//!
//! Documented at <https://grafana.com/docs/pyroscope/latest/configure-server/about-server-api/>: `POST /ingest`, the
//! metadata in the query, the gzipped pprof file as the body. The multipart form on the same page is for sample types
//! that the server does not know; ours it does, and with `format=pprof` it takes the body as the file itself.

use crate::item::ProfileItem;
use crate::pprof;
use crate::profile::Profile;
use obs_core::{DropReason, Secret, ServiceIdentity};
use obs_export::http::{Endpoint, EndpointError, HttpClient, Request};
use obs_export::{Batch, Encoder, Outcome, Sink};
use std::fmt::Write as _;
use std::sync::Arc;

/// What tells Pyroscope who measured; shown as the label `pyroscope_spy`.
const SPY: &str = "obs";
const PATH: &str = "/ingest";
/// The body is a gzipped file, not a compressed transfer of one.
const CONTENT_TYPE: &str = "application/octet-stream";

/// Pushes each profile to `{endpoint}/ingest` as a gzipped pprof file.
#[derive(Debug)]
pub struct PyroscopeSink {
    client: HttpClient,
    /// The address up to the query, which may hold a password.
    url: Secret,
    service: String,
    series: String,
    /// Records of the batch in hand that have arrived, by their query: a batch that is tried again sends only the others.
    arrived: Vec<String>,
}

/// A record is the query of the push, a line break, and the gzipped pprof file.
struct PushEncoder {
    service: String,
    series: String,
}

impl Encoder<ProfileItem> for PushEncoder {
    fn encode(&self, ProfileItem(profile): &ProfileItem, record: &mut Vec<u8>) {
        // A record without a query is what the sink refuses.
        let Ok(body) = pprof::encode_gzip(profile, &self.service) else { return };
        record.extend_from_slice(query(&self.series, profile).as_bytes());
        record.push(b'\n');
        record.extend(body);
    }
}

/// A record taken apart.
fn parts(record: &[u8]) -> Option<(&str, &[u8])> {
    let end = record.iter().position(|b| *b == b'\n')?;
    Some((std::str::from_utf8(&record[..end]).ok()?, &record[end + 1..]))
}

impl PyroscopeSink {
    /// Pushes to the server at `endpoint` (`http://pyroscope:4040`, user and password allowed) in the name of
    /// `identity`. Connects to nothing yet.
    pub fn new(
        endpoint: &str,
        client: HttpClient,
        identity: &ServiceIdentity,
    ) -> Result<Self, EndpointError> {
        let _checked: Endpoint = endpoint.parse()?;
        let base = endpoint.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let base = base.strip_suffix(PATH).unwrap_or(base);
        Ok(Self {
            client,
            url: Secret::new(format!("{base}{PATH}")),
            service: identity.name.clone(),
            series: series(identity),
            arrived: Vec::new(),
        })
    }

    fn push(&self, query: &str, body: &[u8]) -> Result<(), Outcome> {
        let to: Endpoint = format!("{}?{query}", self.url.expose())
            .parse()
            .map_err(|error: EndpointError| unwritable(error.to_string()))?;
        let request = Request { to: &to, content_type: CONTENT_TYPE, gzip: false, headers: &[], body };
        self.client.post(&request).map(drop)
    }
}

fn unwritable(message: String) -> Outcome {
    Outcome::Refused { reason: DropReason::WriteFailed, message }
}

impl Sink<ProfileItem> for PyroscopeSink {
    fn name(&self) -> &'static str {
        "pyroscope"
    }

    fn encoder(&self) -> Arc<dyn Encoder<ProfileItem>> {
        Arc::new(PushEncoder { service: self.service.clone(), series: self.series.clone() })
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let mut refusals: Option<(Vec<usize>, DropReason, String)> = None;
        for (index, record) in batch.records.iter().enumerate() {
            let pushed = match parts(record.bytes) {
                Some((query, _)) if self.arrived.iter().any(|a| a == query) => continue,
                Some((query, body)) => self.push(query, body).map(|()| query.to_owned()),
                None => Err(unwritable("a profile could not be encoded".to_owned())),
            };
            match pushed {
                Ok(query) => self.arrived.push(query),
                // Alone, the engine knows best what to do with it.
                Err(outcome) if batch.records.len() == 1 => return outcome,
                Err(Outcome::Refused { reason, message }) => {
                    refusals.get_or_insert((Vec::new(), reason, message)).0.push(index);
                }
                Err(later) => return later,
            }
        }
        self.arrived.clear();
        match refusals {
            None => Outcome::Delivered,
            Some((refused, reason, message)) => Outcome::Partial { refused, reason, message },
        }
    }
}

/// The query of a push: who, from when until when (nanoseconds since the Unix epoch), at which rate.
fn query(series: &str, profile: &Profile) -> String {
    let (name, from, until) = (percent_encode(series), profile.start_ns, profile.end_ns);
    let hz = 1_000_000_000 / profile.period_ns.max(1);
    // The server tells seconds, milliseconds, microseconds and nanoseconds apart by the number of digits.
    format!("name={name}&from={from}&until={until}&format=pprof&sampleRate={hz}&spyName={SPY}")
}

/// The series that profiles belong to: `service{environment=…,version=…}`.
///
/// This notation has no escapes, so what would end a name or value early becomes an underscore.
fn series(identity: &ServiceIdentity) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '_');
    let name: String = identity.name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    let name = if name.is_empty() { "unknown_service" } else { &name };
    let labels: Vec<String> = [("environment", &identity.environment), ("version", &identity.version)]
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(key, value)| format!("{key}={}", value.trim().replace([',', '{', '}', '='], "_")))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// Everything but RFC 3986's unreserved characters as `%XX`.
fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests;
