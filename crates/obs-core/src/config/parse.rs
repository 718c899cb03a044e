//! Text to values. `None` means "not accepted"; the caller knows how to say so.

use super::LogLevel;
use crate::Secret;
use std::ops::RangeInclusive;
use std::time::Duration;

pub(super) fn name(text: &str) -> Option<String> {
    let ok = !text.is_empty() && text.chars().count() <= 255 && !text.chars().any(char::is_control);
    ok.then(|| text.to_owned())
}

pub(super) fn url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_port = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match host_port.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(h, p)| (h, p.strip_prefix(':')))?,
        None => host_port.split_once(':').map_or((host_port, None), |(h, p)| (h, Some(p))),
    };
    let clean = text.chars().all(|c| c.is_ascii_graphic()) && !host.is_empty();
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
    (clean && port_ok).then(|| text.to_owned())
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
fn percent_decode(text: &str) -> Option<String> {
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

pub(super) fn number(text: &str, range: RangeInclusive<f64>) -> Option<f64> {
    text.parse().ok().filter(|v| range.contains(v))
}

pub(super) fn millis(text: &str, range: RangeInclusive<u64>) -> Option<Duration> {
    text.parse().ok().filter(|v| range.contains(v)).map(Duration::from_millis)
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
