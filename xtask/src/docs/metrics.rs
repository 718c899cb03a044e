//! `docs/reference/metrics.md`, from the catalogue of built-in metrics.

use std::fmt::Write as _;

use obs_metrics::Kind;
use obs_metrics::catalogue::{ALL, Entry};

use super::{cell, head};

/// How the metrics of delivery fit together, which no single line of the table can say.
const DELIVERY: &str = "\
## Delivery

`obs_items_total` and the metrics beside it are the ledger, read at each collection. `sink` is the name of a destination \
(`loki`, `otlp`, `sqlite`, …), or `all` for the row of the signal itself, where an item counts once, with the worst of its \
outcomes over all sinks (dropped, else on disk, else delivered). Do not add up over `sink`. For each signal and sink, once \
nothing is under way:

```text
obs_created_items_total = sum(obs_items_total) + obs_spooled_items
```

- `outcome` is `delivered`, `dropped` or, with `sink=\"all\"` only, `sampled_out`: what is sampled out reaches no sink. \
`reason` is the reason of a drop and empty otherwise; Prometheus takes an empty label for an absent one.
- There is no outcome `spooled`: an item on disk is delivered or dropped later, and a counter may not go down. What is on \
disk is the gauge `obs_spooled_items`.
- What earlier processes left on disk is no item of this process. `obs_items_inherited_total` and \
`obs_spooled_items_inherited` count it per signal, an item that waits for two sinks twice; their sum is what was found. `obs_spool_items`, `obs_spool_bytes` and \
`obs_spool_oldest_age_seconds` show what is on disk now for a sink, whoever left it.
- Every outcome, reason and cause is there from the first collection on, at zero, so that `rate()` and `increase()` see the \
first loss.
- An item of the signal `metric` is one series of one collection, and one of `profile` is one stack sample. A collection \
cannot count itself: its series are in the figures of the next one. Only `obs_queue_items` counts collections and profiles \
whole, as the limit on the queue does.
- `obs_export_duration_seconds` counts attempts, so one batch that is sent three times counts three times. \
`obs_export_failures_total` counts those that are worth another attempt; what is refused for good is in `obs_items_total` \
with the reason `refused`.

";

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
        "\nA value outside of what is accepted is refused and counted in `obs_rejected_values_total`.\n\n",
    );
    page.push_str(DELIVERY);
    page.push_str("## Buckets\n\nUpper bounds in seconds, without the last, `+Inf`:\n\n");
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

    #[test]
    fn the_text_on_delivery_names_metrics_that_exist() {
        let names: Vec<&str> = DELIVERY.split('`').filter(|word| word.starts_with("obs_")).collect();
        assert!(names.len() > 8, "{names:?}");
        for name in names {
            assert!(ALL.iter().any(|entry| shown(entry) == name), "{name}");
        }
    }
}
