//! Which names metrics and labels may have, checked once at registration.
//!
//! Rules: <https://prometheus.io/docs/concepts/data_model/> and OpenMetrics 1.0, sections on suffixes and labels.

use crate::error::Error;
use crate::snapshot::Kind;

/// Endings that the format gives to the series of counters, histograms and infos.
const SUFFIXES: [&str; 6] = ["_total", "_bucket", "_count", "_sum", "_created", "_info"];

/// Units that a name may end in, and what OTLP calls them (UCUM).
const UNITS: [(&str, &str); 9] = [
    ("seconds", "s"),
    ("bytes", "By"),
    ("ratio", "1"),
    ("celsius", "Cel"),
    ("meters", "m"),
    ("volts", "V"),
    ("amperes", "A"),
    ("joules", "J"),
    ("grams", "g"),
];

/// The name as the exposition knows it: dots become underscores, a counter loses its `_total`.
pub(crate) fn metric(name: &str, kind: Kind) -> Result<String, Error> {
    let plain = name.replace('.', "_");
    let plain = if kind == Kind::Counter { plain.strip_suffix("_total").unwrap_or(&plain) } else { &plain };
    if name.starts_with('.') || !is_word(plain) {
        return Err(Error::BadName(name.to_owned()));
    }
    match SUFFIXES.iter().find(|s| plain.ends_with(**s)) {
        Some(suffix) => Err(Error::ReservedSuffix { name: name.to_owned(), suffix }),
        None => Ok(plain.to_owned()),
    }
}

/// Checks the labels of a metric.
pub(crate) fn labels(metric: &str, labels: &[&str]) -> Result<(), Error> {
    for (i, label) in labels.iter().enumerate() {
        let (metric, own) = (metric.to_owned(), (*label).to_owned());
        if !is_word(label) || label.starts_with("__") {
            return Err(Error::BadLabel { metric, label: own });
        }
        if let Some(why) = reserved(label) {
            return Err(Error::ReservedLabel { metric, label: own, why });
        }
        if labels[..i].contains(label) {
            return Err(Error::DuplicateLabel { metric, label: own });
        }
    }
    Ok(())
}

fn reserved(label: &str) -> Option<&'static str> {
    match label {
        "le" | "quantile" => Some("the exposition format uses it; choose another name"),
        "run_id" | "trace_id" | "span_id" => {
            Some("every run or trace would make new series; exemplars and `target_info` carry it")
        }
        _ => None,
    }
}

fn is_word(s: &str) -> bool {
    !s.is_empty()
        && !s.as_bytes()[0].is_ascii_digit()
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The unit a name ends in; empty for none.
pub(crate) fn unit(name: &str) -> &'static str {
    UNITS
        .iter()
        .find(|(unit, _)| name.strip_suffix(unit).is_some_and(|n| n.ends_with('_')))
        .map_or("", |u| u.0)
}

/// The unit as OTLP writes it.
pub(crate) fn ucum(unit: &str) -> &'static str {
    UNITS.iter().find(|u| u.0 == unit).map_or("", |u| u.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MET-01
    #[test]
    fn dots_become_underscores_and_total_is_added_once() {
        assert_eq!(metric("acm.custom.events", Kind::Counter).unwrap(), "acm_custom_events");
        assert_eq!(metric("events_total", Kind::Counter).unwrap(), "events");
    }

    #[test]
    fn bad_names_are_errors_that_name_them() {
        for bad in ["", "9lives", ".x", "a b", "a:b", "größe", "_total"] {
            let error = metric(bad, Kind::Counter).unwrap_err();
            assert!(error.to_string().contains(&format!("`{bad}`")), "{error}");
        }
        let error = metric("queue_count", Kind::Gauge).unwrap_err().to_string();
        assert!(error.contains("`queue_count`") && error.contains("`_count`"), "{error}");
        assert!(metric("events_total", Kind::Gauge).is_err());
    }

    /// SB-03
    #[test]
    fn a_run_id_is_no_label() {
        let error = labels("m", &["equipment", "run_id"]).unwrap_err().to_string();
        assert!(error.contains("`run_id`") && error.contains("target_info"), "{error}");
    }

    #[test]
    fn bad_labels_are_errors_that_name_them() {
        for bad in [&["le"][..], &["__x"], &["a-b"], &[""], &["a", "a"]] {
            let error = labels("m", bad).unwrap_err().to_string();
            assert!(error.contains("`m`") && error.contains(bad[bad.len() - 1]), "{error}");
        }
        assert_eq!(labels("m", &["a", "b"]), Ok(()));
    }

    #[test]
    fn units_are_read_off_the_name() {
        assert_eq!(unit("acm_run_duration_seconds"), "seconds");
        assert_eq!(unit("seconds"), "");
        assert_eq!(unit("kiloseconds"), "");
        assert_eq!(ucum("bytes"), "By");
    }
}
