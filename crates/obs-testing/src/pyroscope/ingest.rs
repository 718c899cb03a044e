//! One `/ingest` request: its parameters and its profile.

use pprof::protos::Profile;

use super::server::ProfileSeen;
use super::{multipart, name, samples};
use crate::decode::pprof_gz;
use crate::http::{Request, Response};

/// Sampling rate the server assumes, in hertz.
const DEFAULT_SAMPLE_RATE: u32 = 100;

/// Reads a request, or gives the answer that refuses it: 400 for parameters, 422 for the profile.
pub(super) fn read(request: &Request) -> Result<ProfileSeen, Response> {
    let refuse = |line: String| Response::text(400, &line);
    let (name, tags) = name::parse(&request.parameter("name").unwrap_or_default())
        .map_err(|error| refuse(format!("parameter name: {error}")))?;
    let from = time(request, "from").map_err(refuse)?;
    let until = time(request, "until").map_err(refuse)?;
    if until < from {
        return Err(refuse(format!("until {until} is before from {from}")));
    }
    let sample_rate = match request.parameter("sampleRate") {
        None => DEFAULT_SAMPLE_RATE,
        Some(text) => text
            .parse()
            .map_err(|_| refuse(format!("parameter sampleRate: {text:?} is not a whole number of hertz")))?,
    };
    let spy_name = request.parameter("spyName").unwrap_or_else(|| "unknown".to_owned());
    let profile = profile(request).map_err(|line| Response::text(422, &line))?;
    Ok(ProfileSeen { name, tags, from, until, sample_rate, spy_name, profile })
}

/// A Unix time in seconds, milliseconds, microseconds or nanoseconds, told apart by their digits; gives
/// nanoseconds. Eight digits are refused, since the server takes them for a date. The documentation calls both times required, so the server's default of "now" is not offered.
fn time(request: &Request, parameter: &str) -> Result<u64, String> {
    let text = request.parameter(parameter).ok_or_else(|| format!("parameter {parameter} is missing"))?;
    let unit = match text.len() {
        1..=7 | 9 | 10 => Some(1_000_000_000),
        13 => Some(1_000_000),
        16 => Some(1_000),
        19 => Some(1),
        _ => None,
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse::<u64>().ok() } else { None };
    let nanoseconds = number.zip(unit).and_then(|(number, unit): (u64, u64)| number.checked_mul(unit));
    nanoseconds.ok_or_else(|| {
        format!(
            "parameter {parameter}: {text:?} is not a Unix time of up to 10 (s), 13 (ms), 16 (us) or 19 (ns) digits"
        )
    })
}

fn profile(request: &Request) -> Result<Profile, String> {
    let content_type = request.header("content-type").unwrap_or_default();
    let format = request.parameter("format").unwrap_or_default();
    let is_form = request.media_type() == "multipart/form-data";
    let decoded = match format.as_str() {
        "pprof" if is_form => {
            return Err(
                "with format=pprof the body itself is the profile; leave format out for a form".to_owned()
            );
        }
        "pprof" => pprof_gz(&request.body),
        "" if is_form => {
            let parts = multipart::parse(content_type, &request.body).map_err(|error| error.to_string())?;
            let part = parts.into_iter().find(|part| part.name == "profile");
            let part = part.ok_or_else(|| "form has no part \"profile\"".to_owned())?;
            pprof_gz(&part.content)
        }
        other => {
            return Err(format!(
                "format {other:?} is not taken here, accepted: pprof, or a form without format"
            ));
        }
    };
    let profile = decoded.map_err(|error| error.to_string())?;
    samples::samples(&profile).map_err(|error| error.to_string())?;
    Ok(profile)
}
