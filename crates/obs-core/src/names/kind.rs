//! [`SpanKind`] and the tables that give every span name its kind.

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
const EXACT: [(&str, SpanKind); 4] = [
    ("models.fit", SpanKind::Server),
    ("models.score", SpanKind::Server),
    ("forecast.fit_degradation", SpanKind::Internal),
    ("forecast.estimate_rul", SpanKind::Internal),
];

/// The kind a prefix stands for today; any other is internal.
fn by_prefix(prefix: &str) -> SpanKind {
    match prefix {
        "load" | "sql" | "persist" | "write" | "read" | "fetch" => SpanKind::Client,
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
#[derive(Clone, Debug)]
pub struct KindMap {
    legacy: bool,
    overrides: BTreeMap<String, SpanKind>,
}

impl KindMap {
    /// The map in force.
    pub fn v2() -> Self {
        Self { legacy: false, overrides: BTreeMap::new() }
    }

    /// The map of the first version, for dashboards that still expect its colours.
    pub fn legacy() -> Self {
        Self { legacy: true, overrides: BTreeMap::new() }
    }

    /// Gives an exact name, or every name with this prefix, a kind of the user's choice; exact names win.
    #[must_use]
    pub fn with(mut self, name_or_prefix: impl Into<String>, kind: SpanKind) -> Self {
        self.overrides.insert(name_or_prefix.into(), kind);
        self
    }

    /// The kind of a name.
    pub fn kind(&self, name: &str) -> SpanKind {
        let prefix = super::prefix(name);
        if let Some(kind) = self.overrides.get(name).or_else(|| self.overrides.get(prefix)) {
            return *kind;
        }
        if self.legacy { by_prefix_legacy(prefix) } else { span_kind(name) }
    }
}

impl Default for KindMap {
    fn default() -> Self {
        Self::v2()
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
        check(Client, "load sql persist write read fetch");
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
}
