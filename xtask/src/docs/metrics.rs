//! `docs/reference/metrics.md`, from the catalogue of built-in metrics.

use std::fmt::Write as _;

use obs_metrics::Kind;
use obs_metrics::catalogue::{ALL, Entry};

use super::{cell, head};

/// Every built-in metric, as a scrape shows it.
pub(super) fn page() -> String {
    let mut page = head("Built-in metrics", "crates/obs-metrics/src/catalogue.rs");
    page.push_str(
        "Names are those of a scrape: counters end in `_total`, infos in `_info`, histograms have `_bucket`, `_sum` and \
         `_count`. Beside its labels every series carries the service by `target_info` (text formats) or the resource \
         (OTLP). `run_id` is never a label; exemplars and `target_info` lead to the run.\n\n\
         | name | type | labels | what it says | accepts |\n|---|---|---|---|---|\n",
    );
    for entry in ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            shown(entry),
            entry.kind.as_str(),
            labels(entry),
            cell(entry.help),
            accepts(entry)
        );
    }
    page.push_str(
        "\nA value outside of what is accepted is refused and counted in `obs_rejected_values_total`.\n\n\
         ## Buckets\n\nUpper bounds in seconds, without the last, `+Inf`:\n\n",
    );
    for entry in ALL.iter().filter(|entry| !entry.buckets.is_empty()) {
        let bounds: Vec<String> = entry.buckets.iter().map(ToString::to_string).collect();
        let _ = writeln!(page, "- `{}`: {}", entry.name, bounds.join(", "));
    }
    page
}

/// The name with the ending of its type.
fn shown(entry: &Entry) -> String {
    match entry.kind {
        Kind::Counter => format!("{}_total", entry.name),
        Kind::Info => format!("{}_info", entry.name),
        Kind::Gauge | Kind::Histogram => entry.name.to_owned(),
    }
}

fn labels(entry: &Entry) -> String {
    let quoted: Vec<String> = entry.labels.iter().map(|label| format!("`{label}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

fn accepts(entry: &Entry) -> String {
    match (entry.kind, entry.accept) {
        (Kind::Info, _) => "1".to_owned(),
        (Kind::Counter, _) => "0 and more, only growing".to_owned(),
        (_, (low, high)) if high >= f64::MAX => format!("{low} and more"),
        (_, (low, high)) => format!("{low} to {high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_line_with_the_name_a_scrape_shows() {
        let page = page();
        for entry in ALL {
            assert!(
                page.contains(&format!("| `{}` | {} |", shown(entry), entry.kind.as_str())),
                "{}",
                entry.name
            );
        }
        assert!(page.contains("| `acm_episodes_total` | counter | `equipment`, `severity` |"));
        assert!(page.contains("| `acm_health_score` | gauge | `equipment` |"));
    }
}
