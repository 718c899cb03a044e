//! A [`Snapshot`] as OTLP: the bytes of one `ExportMetricsServiceRequest`.
//!
//! Schema: <https://github.com/open-telemetry/opentelemetry-proto>, `metrics/v1/metrics.proto`, version 1.7. Totals are
//! cumulative since [`Snapshot::start`]. Numbers in comments of this file are field numbers of that schema.

use crate::collect::{Attribute, run_attributes};
use crate::exemplar::Exemplar;
use crate::name;
use crate::snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Series, Snapshot, Value};
use obs_export::wire::Writer;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u64 = 2;

/// The request: the service and the run as resource, scope `obs`, every metric but `target_info`, which says what the
/// resource says.
pub fn encode(snapshot: &Snapshot) -> Vec<u8> {
    let mut w = Writer::with_buffer(Vec::with_capacity(256 * snapshot.series() as usize));
    w.message(1, |w| {
        w.message(1, |w| resource(w, snapshot));
        w.message(2, |w| {
            w.message(1, |w| {
                w.string(1, "obs").string(2, env!("CARGO_PKG_VERSION"));
            });
            for family in snapshot.families.iter().filter(|f| f.name != "target") {
                w.message(2, |w| metric(w, family, snapshot));
            }
        });
    });
    w.into_vec()
}

fn resource(w: &mut Writer, snapshot: &Snapshot) {
    let run = snapshot.context.as_deref().map(|c| run_attributes(c)).unwrap_or_default();
    for (key, value) in snapshot.identity.resource() {
        // A resource has each key once, also when the settings name the run.
        if run.iter().all(|(known, _)| *known != key) {
            text_attribute(w, 1, key, value);
        }
    }
    for (key, value) in run {
        match value {
            Attribute::Text(text) => text_attribute(w, 1, key, &text),
            Attribute::Integer(n) => {
                w.message(1, |w| {
                    w.string(1, key).message(2, |w| {
                        w.int64(3, n);
                    });
                });
            }
        }
    }
}

/// `KeyValue` of a string, as field `field`.
fn text_attribute(w: &mut Writer, field: u32, key: &str, value: &str) {
    w.message(field, |w| {
        w.string(1, key).message(2, |w| {
            w.string(1, value);
        });
    });
}

fn attributes(w: &mut Writer, field: u32, labels: &Labels) {
    for (key, value) in labels.iter() {
        text_attribute(w, field, key, value);
    }
}

fn metric(w: &mut Writer, family: &FamilySnapshot, snapshot: &Snapshot) {
    let points = |w: &mut Writer| {
        for series in &family.series {
            w.message(1, |w| point(w, series, snapshot));
        }
    };
    let suffix = if family.kind == Kind::Info { "_info" } else { "" };
    w.string(1, &format!("{}{suffix}", family.name));
    w.string_nonempty(2, &family.help);
    w.string_nonempty(3, name::ucum(family.unit));
    match family.kind {
        Kind::Counter => w.message(7, |w| {
            points(w);
            w.uint64(2, CUMULATIVE).bool(3, true); // is_monotonic
        }),
        Kind::Gauge | Kind::Info => w.message(5, points),
        Kind::Histogram => w.message(9, |w| {
            points(w);
            w.uint64(2, CUMULATIVE);
        }),
    };
}

/// `NumberDataPoint` or `HistogramDataPoint`: they share the numbers of their times.
fn point(w: &mut Writer, series: &Series, snapshot: &Snapshot) {
    match &series.value {
        Value::Counter { total, exemplar: last } => {
            attributes(w, 7, &series.labels);
            w.fixed64(2, snapshot.start).fixed64(3, snapshot.time).double(4, *total);
            if let Some(e) = last {
                w.message(5, |w| exemplar(w, e));
            }
        }
        Value::Gauge(value) => {
            attributes(w, 7, &series.labels);
            w.fixed64(3, snapshot.time).double(4, *value);
        }
        Value::Info => {
            attributes(w, 7, &series.labels);
            w.fixed64(3, snapshot.time).double(4, 1.0);
        }
        Value::Histogram(value) => {
            attributes(w, 9, &series.labels);
            w.fixed64(2, snapshot.start).fixed64(3, snapshot.time);
            histogram(w, value);
        }
    }
}

fn histogram(w: &mut Writer, value: &HistogramValue) {
    w.fixed64(4, value.count()).double(5, value.sum);
    w.packed_fixed64(6, &value.counts).packed_double(7, value.bounds.iter());
    for e in value.exemplars.iter().flatten() {
        w.message(8, |w| exemplar(w, e));
    }
}

fn exemplar(w: &mut Writer, e: &Exemplar) {
    w.fixed64(2, e.time).double(3, e.value);
    w.bytes(4, &e.span_id.to_bytes()).bytes(5, &e.trace_id.to_bytes());
    if let Some(run_id) = e.run_id {
        text_attribute(w, 7, obs_core::keys::RUN_ID, &run_id.to_string());
    }
}

#[cfg(test)]
mod tests;
