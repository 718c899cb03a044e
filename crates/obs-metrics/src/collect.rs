//! What is read at collection rather than recorded: the loss ledger, refusals, the process, who is speaking.

use crate::catalogue::{self as c, Def};
use crate::family::AnyFamily;
use crate::name;
use crate::process;
use crate::snapshot::{FamilySnapshot, Kind, Labels, Series, Value};
use obs_core::{DropReason, Ledger, RunContext, ServiceIdentity, Signal, keys};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Families gathered during one collection.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    families: BTreeMap<&'static str, FamilySnapshot>,
}

impl Collected {
    pub(crate) fn counter<const N: usize>(&mut self, def: &'static Def<N>, labels: [&str; N], total: f64) {
        self.push(def, pairs(def, labels), Value::Counter { total, exemplar: None });
    }

    pub(crate) fn gauge<const N: usize>(&mut self, def: &'static Def<N>, labels: [&str; N], value: f64) {
        self.push(def, pairs(def, labels), Value::Gauge(value));
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

    pub(crate) fn into_families(self) -> impl Iterator<Item = FamilySnapshot> {
        self.families.into_values()
    }
}

fn pairs<const N: usize>(def: &Def<N>, values: [&str; N]) -> Labels {
    Labels::new(def.labels.into_iter().zip(values))
}

/// Everything that is read rather than recorded.
pub(crate) fn all(
    ledger: &Ledger,
    recorded: &BTreeMap<String, AnyFamily>,
    identity: &ServiceIdentity,
    context: Option<&RunContext>,
) -> Collected {
    let mut out = Collected::default();
    accounts(ledger, &mut out);
    for (metric, family) in recorded {
        if let Some(n) = family.rejected() {
            out.counter(&c::REJECTED_VALUES, [metric], n as f64);
        }
        out.counter(&c::SERIES_OVERFLOW, [metric], family.overflowed() as f64);
    }
    process::collect(&mut out);
    out.push(&c::TARGET_INFO, target(identity, context), Value::Info);
    out.push(&c::BUILD_INFO, pairs(&c::BUILD_INFO, [env!("CARGO_PKG_VERSION")]), Value::Info);
    out
}

/// The ledger, every fate and reason from zero on, so that the first loss is visible to `rate()`.
fn accounts(ledger: &Ledger, out: &mut Collected) {
    let snapshot = ledger.snapshot();
    for signal in Signal::ALL {
        let (name, account) = (signal.as_str(), &snapshot.signal(signal).account);
        out.counter(&c::ITEMS_CREATED, [name], account.created as f64);
        let fates = [
            ("delivered", account.delivered),
            ("dropped", account.dropped_total()),
            ("sampled_out", account.sampled_out),
            ("spooled", account.spooled),
        ];
        for (fate, n) in fates {
            out.counter(&c::ITEMS, [name, fate], n as f64);
        }
        for reason in DropReason::ALL.map(DropReason::as_str) {
            let n = account.dropped.get(reason).copied().unwrap_or_default();
            out.counter(&c::ITEMS_DROPPED, [name, reason], n as f64);
        }
    }
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

fn target(identity: &ServiceIdentity, context: Option<&RunContext>) -> Labels {
    let label = |key: &str| key.replace('.', "_");
    let mut pairs: Vec<(String, String)> =
        identity.resource().into_iter().map(|(k, v)| (label(k), v.to_owned())).collect();
    for (key, value) in context.map(run_attributes).unwrap_or_default() {
        let value = match value {
            Attribute::Text(text) => text,
            Attribute::Integer(n) => n.to_string(),
        };
        pairs.push((label(key), value));
    }
    Labels::new(pairs)
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

/// Shares a list of label names.
pub(crate) fn share(labels: &[&str]) -> Arc<[String]> {
    labels.iter().map(|l| (*l).to_owned()).collect()
}
