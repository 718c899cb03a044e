//! Text to values. `None` means "not accepted"; the caller knows how to say so.

use super::draft::Sampler;
use super::{Compression, LogFormat, LogLevel, OtlpProtocol, Propagator, TraceExporter, Url};
use crate::Secret;
use crate::diag::DiagLevel;
use crate::resource::Detector;
use crate::sampling::RootSampler;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

pub(super) fn name(text: &str) -> Option<String> {
    let ok = !text.is_empty() && text.chars().count() <= 255 && !text.chars().any(char::is_control);
    ok.then(|| text.to_owned())
}

pub(super) fn url(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    address(rest).then(|| Url::new(text.to_owned()))
}

/// A URL, or host and port as gRPC has them; whether that is enough is known when the protocol is.
pub(super) fn url_or_address(text: &str) -> Option<Url> {
    let bare =
        !text.contains("://") && !text.contains(['/', '?', '@']) && text.contains(':') && address(text);
    url(text).or_else(|| bare.then(|| Url::new(text.to_owned())))
}

/// Whether what follows a scheme has a host, and no port or one that there is.
fn address(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_port = authority.rsplit('@').next().unwrap_or_default();
    let split = match host_port.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(h, p)| (h, p.strip_prefix(':'))),
        None => Some(host_port.split_once(':').map_or((host_port, None), |(h, p)| (h, Some(p)))),
    };
    let Some((host, port)) = split else { return false };
    let clean = rest.chars().all(|c| c.is_ascii_graphic()) && !host.is_empty();
    clean && port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0))
}

pub(super) fn headers(text: &str) -> Option<Vec<(String, Secret)>> {
    text.split(',')
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let name = name.trim();
            let token =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let value = percent_decode(value.trim())?;
            (token && !value.chars().any(char::is_control)).then(|| (name.to_owned(), Secret::new(value)))
        })
        .collect()
}

/// W3C Baggage, which OpenTelemetry's header variables follow, percent-encodes values.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

pub(super) fn level(text: &str) -> Option<LogLevel> {
    Some(match text.to_ascii_lowercase().as_str() {
        "trace" => LogLevel::Trace,
        "debug" => LogLevel::Debug,
        "info" => LogLevel::Info,
        "warn" | "warning" => LogLevel::Warn,
        "error" => LogLevel::Error,
        "critical" => LogLevel::Critical,
        _ => return None,
    })
}

pub(super) fn format(text: &str) -> Option<LogFormat> {
    [LogFormat::Json, LogFormat::Console].into_iter().find(|f| text.eq_ignore_ascii_case(f.as_str()))
}

pub(super) fn diag_level(text: &str) -> Option<DiagLevel> {
    DiagLevel::ALL.into_iter().find(|level| text.eq_ignore_ascii_case(level.as_str()))
}

pub(super) fn compression(text: &str) -> Option<Compression> {
    let all = [Compression::None, Compression::Gzip, Compression::Zstd];
    all.into_iter().find(|c| text.eq_ignore_ascii_case(c.as_str()))
}

pub(super) fn protocol(text: &str) -> Option<OtlpProtocol> {
    [OtlpProtocol::HttpProtobuf, OtlpProtocol::Grpc].into_iter().find(|p| text == p.as_str())
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| PathBuf::from(text))
}

/// A value that goes into a header as it is.
pub(super) fn header_value(text: &str) -> Option<Secret> {
    let ok = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    ok.then(|| Secret::new(text))
}

pub(super) fn whole(text: &str, range: RangeInclusive<u64>) -> Option<u64> {
    text.parse().ok().filter(|v| range.contains(v))
}

pub(super) fn size(text: &str, range: RangeInclusive<u64>) -> Option<usize> {
    whole(text, range).and_then(|v| usize::try_from(v).ok())
}

pub(super) fn count(text: &str) -> Option<u32> {
    text.parse().ok()
}

pub(super) fn number(text: &str, range: RangeInclusive<f64>) -> Option<f64> {
    text.parse().ok().filter(|v| range.contains(v))
}

pub(super) fn millis(text: &str, range: RangeInclusive<u64>) -> Option<Duration> {
    whole(text, range).map(Duration::from_millis)
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A sampler's name: the share it stands for, which is set elsewhere when `None`; and whether it follows a parent.
pub(super) fn sampler(text: &str) -> Option<Sampler> {
    let text = text.to_ascii_lowercase();
    let (name, parent_based) = match text.strip_prefix("parentbased_") {
        Some(name) => (name, true),
        None => (text.as_str(), false),
    };
    let root = match name {
        "always_on" => Some(RootSampler::AlwaysOn),
        "always_off" => Some(RootSampler::AlwaysOff),
        "traceidratio" => None,
        _ => return None,
    };
    Some(Sampler { root, parent_based })
}

/// `name=ratio` pairs; a pattern ends in `.*`, and has no other asterisk.
pub(super) fn name_ratios(text: &str) -> Option<Vec<(String, f64)>> {
    let pair = |pair: &str| {
        let (pattern, ratio) = pair.rsplit_once('=')?;
        let pattern = name(pattern.trim())?;
        let literal = pattern.strip_suffix(".*").unwrap_or(&pattern);
        (!literal.is_empty() && !literal.contains('*')).then_some(())?;
        Some((pattern, number(ratio.trim(), 0.0..=1.0)?))
    };
    text.split(',').map(pair).collect()
}

pub(super) fn exporters(text: &str) -> Option<Vec<TraceExporter>> {
    names(text, &TraceExporter::ALL, TraceExporter::as_str)
}

pub(super) fn propagators(text: &str) -> Option<Vec<Propagator>> {
    names(text, &Propagator::ALL, Propagator::as_str)
}

pub(super) fn detectors(text: &str) -> Option<Vec<Detector>> {
    names(text, &Detector::ALL, Detector::as_str)
}

/// Some of `all` by their names, in the order they are named, each once; `none` stands alone.
fn names<T: Copy + PartialEq>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Option<Vec<T>> {
    let mut found = Vec::new();
    if text.eq_ignore_ascii_case("none") {
        return Some(found);
    }
    for word in text.split(',') {
        let known = all.iter().copied().find(|known| word.trim().eq_ignore_ascii_case(name(*known)))?;
        if !found.contains(&known) {
            found.push(known);
        }
    }
    Some(found)
}
