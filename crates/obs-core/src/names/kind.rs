//! [`SpanKind`] and the tables that give every span name its kind.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The five kinds of OpenTelemetry. Grafana colours a trace by kind, so the pipeline uses them to tell sorts of work
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpanKind {
    /// Work within the process; green.
    Internal,
    /// A stage that others wait for: start, end, the run itself; purple.
    Server,
    /// Talks to storage or another service; blue.
    Client,
    /// Makes data for later stages; orange.
    Producer,
    /// Draws conclusions from earlier stages; yellow.
    Consumer,
}

impl SpanKind {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Internal, Self::Server, Self::Client, Self::Producer, Self::Consumer];

    /// The colour that stands for the kind in the pages of obs; Grafana picks its own.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Internal => "green",
            Self::Server => "purple",
            Self::Client => "blue",
            Self::Producer => "orange",
            Self::Consumer => "yellow",
        }
    }

    /// Lower-case name, as reports spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// The number of `opentelemetry.proto.trace.v1.Span.SpanKind`.
    pub const fn otlp(self) -> u32 {
        match self {
            Self::Internal => 1,
            Self::Server => 2,
            Self::Client => 3,
            Self::Producer => 4,
            Self::Consumer => 5,
        }
    }
}

/// Exact names whose kind differs from their prefix's.
const EXACT: [(&str, SpanKind); 7] = [
    ("models.fit", SpanKind::Server),
    ("models.score", SpanKind::Server),
    ("forecast.fit_degradation", SpanKind::Internal),
    ("forecast.estimate_rul", SpanKind::Internal),
    ("http.request", SpanKind::Server),
    ("http.client.request", SpanKind::Client),
    ("agent.llm_invocation", SpanKind::Client),
];

/// The kind a prefix stands for today; any other is internal.
fn by_prefix(prefix: &str) -> SpanKind {
    match prefix {
        "load" | "sql" | "persist" | "write" | "read" | "fetch" | "cache" => SpanKind::Client,
        "startup" | "outputs" | "finalize" | "shutdown" | "pipeline" => SpanKind::Server,
        "features" | "baseline" | "data" | "forecast" | "analytics" => SpanKind::Producer,
        "fusion" | "thresholds" | "episodes" | "culprits" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

/// The kind a prefix stood for before the convention's second version.
fn by_prefix_legacy(prefix: &str) -> SpanKind {
    match prefix {
        "load_data" | "load" | "sql" | "persist" | "write" => SpanKind::Client,
        "outputs" | "startup" | "acm" => SpanKind::Server,
        "data" | "baseline" => SpanKind::Producer,
        _ => SpanKind::Internal,
    }
}

/// The kind of a span name under the default map: exact name, then prefix, then internal.
///
/// ```
/// use obs_core::names::{SpanKind, span_kind};
/// assert_eq!(span_kind("fit.pca"), SpanKind::Internal);
/// assert_eq!(span_kind("sql.batch_writes"), SpanKind::Client);
/// ```
pub fn span_kind(name: &str) -> SpanKind {
    let name = super::canonical(name);
    EXACT.iter().find(|(n, _)| *n == name).map_or_else(|| by_prefix(super::prefix(name)), |(_, kind)| *kind)
}

/// A map from names to kinds with a user's own overrides.
///
/// Of several rules the nearest to the name wins: an override of the exact name, an override of its prefix, then the
/// tables. An old name has the kind of its new one; an override may be given for either.
///
/// ```
/// use obs_core::names::{KindMap, SpanKind};
/// let kinds = KindMap::v2().with("fit", SpanKind::Consumer).with("fit.pca", SpanKind::Client);
/// assert_eq!(kinds.kind("fit.pca"), SpanKind::Client);
/// assert_eq!(kinds.kind("fit.gmm"), SpanKind::Consumer);
/// assert_eq!(kinds.kind("sql.insert"), SpanKind::Client);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindMap {
    tables: Tables,
    overrides: BTreeMap<Cow<'static, str>, SpanKind>,
}

/// Which tables stand behind the overrides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tables {
    #[default]
    Second,
    First,
}

impl KindMap {
    /// The map in force, and the default: [`span_kind`].
    pub fn v2() -> Self {
        Self::default()
    }

    /// The map of the first version, for dashboards that still expect its colours. It knows prefixes only, those of
    /// the names as they were: `outputs.comprehensive_analytics` is a server span, `analytics.generate` is not.
    pub fn legacy() -> Self {
        Self { tables: Tables::First, ..Self::default() }
    }

    /// Gives an exact name, or every name with this prefix (the part before the first dot), a kind of the user's choice.
    /// A later call for the same text replaces the earlier one.
    #[must_use = "the map is returned, not changed in place"]
    pub fn with(mut self, name_or_prefix: impl Into<Cow<'static, str>>, kind: SpanKind) -> Self {
        self.overrides.insert(name_or_prefix.into(), kind);
        self
    }

    /// The kind of a name, old or new.
    pub fn kind(&self, name: &str) -> SpanKind {
        let canonical = super::canonical(name);
        let candidates = [name, canonical, super::prefix(canonical), super::prefix(name)];
        if let Some(kind) = candidates.into_iter().find_map(|text| self.overrides.get(text)) {
            return *kind;
        }
        match self.tables {
            Tables::Second => span_kind(name),
            Tables::First => by_prefix_legacy(super::prefix(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SpanKind::{Client, Consumer, Internal, Producer, Server};
    use super::*;

    fn check(kind: SpanKind, prefixes: &str) {
        for prefix in prefixes.split_whitespace() {
            assert_eq!(span_kind(prefix), kind, "{prefix}");
            assert_eq!(span_kind(&format!("{prefix}.anything")), kind, "{prefix}.anything");
        }
    }

    /// NAME-07..12, TST-03, SB-20
    #[test]
    fn the_prefix_decides_the_kind() {
        check(Client, "load sql persist write read fetch cache");
        check(Internal, "fit score compute calibrate regimes drift hash normalize impute");
        check(Server, "startup outputs finalize shutdown pipeline");
        check(Producer, "features baseline data forecast analytics");
        check(Consumer, "fusion thresholds episodes culprits");
        assert_eq!(span_kind("sql.batch_writes"), Client);
    }

    /// NAME-14, SB-19
    #[test]
    fn exact_names_win_over_prefixes() {
        assert_eq!(span_kind("models.fit"), Server);
        assert_eq!(span_kind("models.score"), Server);
        assert_eq!(span_kind("models.load"), Internal);
        assert_eq!(span_kind("forecast.fit_degradation"), Internal);
        assert_eq!(span_kind("forecast.estimate_rul"), Internal);
        assert_eq!(span_kind("forecast.run"), Producer);
        assert_eq!(span_kind("load_data"), Client);
    }

    /// NAME-15
    #[test]
    fn an_unknown_prefix_is_internal() {
        assert_eq!(span_kind("zzz.q"), Internal);
    }

    /// NAME-13
    #[test]
    fn the_first_map_is_still_to_be_had() {
        let map = KindMap::legacy();
        for (names, kind) in [
            ("load_data load sql persist write", Client),
            ("fit score features models calibrate fusion regimes forecast train compute", Internal),
            ("outputs startup acm", Server),
            ("data baseline", Producer),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(map.kind(name), kind, "{name}");
            }
        }
    }

    #[test]
    fn users_override_names_and_prefixes() {
        let map = KindMap::v2().with("fit", Consumer).with("fit.pca", Client);
        assert_eq!(map.kind("fit.pca"), Client);
        assert_eq!(map.kind("fit.gmm"), Consumer);
        assert_eq!(map.kind("score.pca"), Internal);
    }

    /// NAME-05, NAME-13
    #[test]
    fn an_override_holds_for_the_old_and_the_new_spelling_of_a_name() {
        for key in ["models.fit", "train.detector_fit", "models", "train"] {
            assert_eq!(KindMap::v2().with(key, Consumer).kind("train.detector_fit"), Consumer, "{key}");
        }
        assert_eq!(KindMap::v2().with("train.detector_fit", Consumer).kind("models.fit"), Server);
        let both = KindMap::legacy().with("models", Client).with("models.fit", Producer);
        assert_eq!(both.kind("models.fit"), Producer);
        assert_eq!(both.kind("models.load"), Client);
        assert_eq!(both.kind("sql.insert"), Client);
    }

    /// NAME-13: the first map had no exact names, and knew the names of its time.
    #[test]
    fn the_first_map_goes_by_the_name_as_it_was_written() {
        let map = KindMap::legacy();
        assert_eq!(map.kind("models.fit"), Internal);
        assert_eq!(map.kind("outputs.comprehensive_analytics"), Server);
        assert_eq!(map.kind("analytics.generate"), Internal);
        assert_eq!(map.kind("load_data"), Client);
        assert_eq!(KindMap::default(), KindMap::v2());
    }

    /// DOC-05
    #[test]
    fn each_kind_has_a_colour_of_its_own() {
        let colours: std::collections::BTreeSet<_> = SpanKind::ALL.iter().map(|k| k.colour()).collect();
        assert_eq!(colours.len(), SpanKind::ALL.len());
        assert_eq!((Client.colour(), Server.colour()), ("blue", "purple"));
    }

    /// TRC-13, TRC-15
    #[test]
    fn requests_have_the_kind_of_their_side() {
        assert_eq!(span_kind("http.request"), Server);
        assert_eq!(span_kind("http.client.request"), Client);
    }

    /// SPAN-28
    #[test]
    fn a_model_is_another_service_and_what_is_done_for_it_is_not() {
        assert_eq!(span_kind("agent.llm_invocation"), Client);
        assert_eq!(span_kind("agent.tool_call"), Internal);
    }
}
