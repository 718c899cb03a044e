//! What is read at collection rather than recorded: the loss ledger, refusals, the process, who is speaking.

use crate::catalogue::{self as c, Def};
use crate::delivery;
use crate::family::AnyFamily;
use crate::name;
use crate::process;
use crate::snapshot::{FamilySnapshot, HistogramValue, Kind, Labels, Series, Value};
use obs_core::{Ledger, RunContext, ServiceIdentity, keys};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Families gathered during one collection.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    families: BTreeMap<&'static str, FamilySnapshot>,
}

impl Collected {
    pub(crate) fn counter<const N: usize>(&mut self, def: &'static Def<N>, labels: [&str; N], total: f64) {
        self.series(def, labels, Value::Counter { total, exemplar: None });
    }

    pub(crate) fn gauge<const N: usize>(&mut self, def: &'static Def<N>, labels: [&str; N], value: f64) {
        self.series(def, labels, Value::Gauge(value));
    }

    pub(crate) fn histogram<const N: usize>(
        &mut self,
        def: &'static Def<N>,
        labels: [&str; N],
        value: HistogramValue,
    ) {
        self.series(def, labels, Value::Histogram(value));
    }

    fn series<const N: usize>(&mut self, def: &'static Def<N>, labels: [&str; N], value: Value) {
        let sibling = self.families.get(def.name).and_then(|f| f.series.first());
        let names = sibling.map_or_else(|| share(&def.labels), |s| Arc::clone(&s.labels.names));
        self.push(def, Labels { names, values: share(&labels) }, value);
    }

    fn push<const N: usize>(&mut self, def: &'static Def<N>, labels: Labels, value: Value) {
        let family = self.families.entry(def.name).or_insert_with(|| FamilySnapshot {
            name: def.name.to_owned(),
            help: def.help.to_owned(),
            unit: name::unit(def.name),
            kind: def.kind,
            series: Vec::new(),
        });
        family.series.push(Series { labels, value });
    }

    pub(crate) fn into_families(mut self) -> impl Iterator<Item = FamilySnapshot> {
        for family in self.families.values_mut() {
            family.series.sort_by(|a, b| a.labels.values.cmp(&b.labels.values));
        }
        self.families.into_values()
    }
}

/// Everything that is read rather than recorded; `now` is the time of the reading.
pub(crate) fn all(
    now: u64,
    ledger: &Ledger,
    recorded: &BTreeMap<String, AnyFamily>,
    identity: &ServiceIdentity,
    context: Option<&RunContext>,
) -> Collected {
    let mut out = Collected::default();
    delivery::collect(ledger, now, &mut out);
    for (metric, family) in recorded {
        if let Some(n) = family.rejected() {
            out.counter(&c::REJECTED_VALUES, [metric], n as f64);
        }
        out.counter(&c::SERIES_OVERFLOW, [metric], family.overflowed() as f64);
    }
    process::collect(&mut out);
    out.push(&c::TARGET_INFO, target(identity, context), Value::Info);
    out.series(&c::BUILD_INFO, [env!("CARGO_PKG_VERSION")], Value::Info);
    out
}

/// Attributes of the run at work, for `target_info` and the OTLP resource.
pub(crate) fn run_attributes(context: &RunContext) -> Vec<(&'static str, Attribute)> {
    let text = |v: &Option<String>| v.clone().map(Attribute::Text);
    [
        (keys::RUN_ID, context.run_id.map(|id| Attribute::Text(id.to_string()))),
        (keys::EQUIPMENT, text(&context.equipment)),
        (keys::EQUIP_ID, context.equip_id.map(Attribute::Integer)),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

/// Value of a resource attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Text(String),
    Integer(i64),
}

/// The resource as labels: keys that are no labels are made some, and what then has one name shares it, the values
/// separated by semicolons, as OpenTelemetry has it for Prometheus.
fn target(identity: &ServiceIdentity, context: Option<&RunContext>) -> Labels {
    let run = context.map(run_attributes).unwrap_or_default();
    let own = identity.resource().into_iter().filter(|(key, _)| run.iter().all(|(known, _)| known != key));
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: &str| {
        let name = label(key);
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = format!("{values};{value}"),
            None => pairs.push((name, value.to_owned())),
        }
    };
    own.for_each(|(key, value)| add(key, value));
    for (key, value) in &run {
        match value {
            Attribute::Text(text) => add(key, text),
            Attribute::Integer(n) => add(key, &n.to_string()),
        }
    }
    Labels::new(pairs)
}

/// A resource attribute's key as a label's name, which begins with a letter and has letters, digits and underscores.
fn label(key: &str) -> String {
    let start = if key.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { "key_" };
    start.chars().chain(key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })).collect()
}

/// Merges what was recorded and what was collected, by name.
pub(crate) fn merge(recorded: &BTreeMap<String, AnyFamily>, collected: Collected) -> Vec<FamilySnapshot> {
    let mut families: Vec<FamilySnapshot> =
        recorded.values().map(AnyFamily::snapshot).chain(collected.into_families()).collect();
    families.retain(|f| !f.series.is_empty());
    families.sort_by(|a, b| a.name.cmp(&b.name));
    families
}

/// What a metric is, for the message about a clash of names.
pub(crate) fn describe(kind: Kind, labels: &[String], bounds: &[f64]) -> String {
    let buckets = if bounds.is_empty() { String::new() } else { format!(" with bounds {bounds:?}") };
    format!("{} {{{}}}{buckets}", kind.as_str(), labels.join(","))
}

/// Shares a list of label names or values.
pub(crate) fn share(labels: &[&str]) -> Arc<[String]> {
    labels.iter().map(|l| (*l).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_attribute_is_a_label_with_a_name_that_prometheus_takes() {
        let pairs =
            [("host.name", "press-7"), ("a-b/ü", "1"), ("a.b/ü", "2"), ("7x", "3"), ("acm.run_id", "no")];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let identity = ServiceIdentity::default().with_attributes(pairs);
        let run = obs_core::Ids::sequential().run_id();
        let context = RunContext { run_id: Some(run), ..RunContext::default() };
        let labels = target(&identity, Some(&context));
        let run = run.to_string();
        let found: Vec<(&str, &str)> = labels.iter().skip_while(|(name, _)| *name != "host_name").collect();
        assert_eq!(
            found,
            [("host_name", "press-7"), ("a_b__", "1;2"), ("key_7x", "3"), ("acm_run_id", &run)]
        );
    }
}
