//! [`SamplerConfig`]: which traces are recorded, and which of them are kept once they are known.
//!
//! These are the settings alone; the tracer decides by them.

use std::time::Duration;

/// How a tracer chooses among traces.
///
/// The head decision is made when a root span starts: by [`SamplerConfig::per_name`], else by [`SamplerConfig::root`],
/// and then by [`SamplerConfig::rate_limit`]. With [`SamplerConfig::tail`], a trace that the head decision left out is
/// kept after all when [`SamplerConfig::keep`] says so.
///
/// ```
/// use obs_core::config::{Config, Sources};
/// use obs_core::sampling::RootSampler;
/// let env = |name: &str| match name {
///     "OTEL_TRACES_SAMPLER_ARG" => Some("0.25".to_owned()),
///     "OBS_TRACES_SAMPLE_NAMES" => Some("http.*=0.01".to_owned()),
///     _ => None,
/// };
/// let sampler = Config::load(&Sources { env: &env, ..Sources::default() })?.config.sampler;
/// assert_eq!((sampler.root, sampler.parent_based), (RootSampler::Ratio(0.25), true));
/// assert_eq!(sampler.ratio_of("http.health"), 0.01);
/// # Ok::<(), obs_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SamplerConfig {
    /// What is done with a trace that begins here; default all of them.
    pub root: RootSampler,
    /// Whether a span with a parent, here or in another process, is recorded exactly when its parent is; default true.
    /// Otherwise a span whose parent is in another process is decided on like a root.
    pub parent_based: bool,
    /// Ratios, 0 to 1, of traces whose root has a certain name; a pattern is a whole name, or `prefix.*` for every name
    /// that begins with `prefix.`. Default none. See [`SamplerConfig::ratio_of`].
    pub per_name: Vec<(String, f64)>,
    /// How many root traces per second are recorded at most, above 0; as many may begin at once (a burst of one second,
    /// at least one trace). Default no limit.
    pub rate_limit: Option<f64>,
    /// What keeps a trace that the head decision left out; heeded with [`SamplerConfig::tail`] only.
    pub keep: KeepRules,
    /// How much is held in memory to decide on whole traces; `None` (the default) decides at the root's start alone.
    pub tail: Option<TailConfig>,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self {
            root: RootSampler::Ratio(1.0),
            parent_based: true,
            per_name: Vec::new(),
            rate_limit: None,
            keep: KeepRules::default(),
            tail: None,
        }
    }
}

impl SamplerConfig {
    /// The share of root traces that are recorded, 0 to 1, where no pattern says otherwise.
    pub fn ratio(&self) -> f64 {
        self.root.ratio()
    }

    /// The share of traces that are recorded, 0 to 1, whose root is called `name`: that of the pattern which is exactly
    /// this name, else that of the longest `prefix.*` which fits, else [`SamplerConfig::ratio`].
    pub fn ratio_of(&self, name: &str) -> f64 {
        let exact = self.per_name.iter().find(|(pattern, _)| pattern == name);
        let longest = || {
            let fitting = self.per_name.iter().filter(|(pattern, _)| is_prefix(pattern, name));
            fitting.max_by_key(|(pattern, _)| pattern.len())
        };
        exact.or_else(longest).map_or_else(|| self.ratio(), |(_, ratio)| *ratio)
    }
}

/// Whether `pattern` is `prefix.*` and `name` begins with `prefix.`.
fn is_prefix(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|prefix| prefix.ends_with('.') && name.starts_with(prefix))
}

/// What is done with a trace that begins in this process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RootSampler {
    /// It is recorded.
    AlwaysOn,
    /// It is not.
    AlwaysOff,
    /// This share of traces is, 0 to 1, chosen by their trace id.
    Ratio(f64),
}

impl RootSampler {
    /// The share of traces that are recorded, 0 to 1.
    pub fn ratio(self) -> f64 {
        match self {
            Self::AlwaysOn => 1.0,
            Self::AlwaysOff => 0.0,
            Self::Ratio(ratio) => ratio,
        }
    }
}

/// What keeps a whole trace although the head decision left it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepRules {
    /// A span of it ended with an error; default true.
    pub errors: bool,
    /// Its root took at least this long; default `None`: however long it takes.
    pub slower_than: Option<Duration>,
    /// A span of it was flagged by the program; default true.
    pub flagged: bool,
}

impl Default for KeepRules {
    fn default() -> Self {
        Self { errors: true, slower_than: None, flagged: true }
    }
}

/// Bounds of what is held in memory until a trace is decided on. Over a bound, the oldest trace is decided on early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailConfig {
    /// Bytes of all traces that are held, at least 1 MiB; default 64 MiB.
    pub max_bytes: usize,
    /// Spans of all traces that are held, at least 1; default 100,000.
    pub max_spans: usize,
    /// How long a trace is held from its first span on, at least 1 s; default 30 s.
    pub max_age: Duration,
}

impl Default for TailConfig {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_spans: 100_000, max_age: Duration::from_secs(30) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_of_a_name_is_that_of_the_pattern_which_fits_it_best() {
        let per_name = [("fit.*", 0.5), ("fit.deep.*", 0.25), ("fit.pca", 0.125), ("fi*", 1.0)];
        let per_name = per_name.map(|(pattern, ratio)| (pattern.to_owned(), ratio)).to_vec();
        let sampler = SamplerConfig { root: RootSampler::Ratio(0.75), per_name, ..SamplerConfig::default() };
        for (name, ratio) in [
            ("fit.pca", 0.125),
            ("fit.ar1", 0.5),
            ("fit.deep.net", 0.25),
            ("fit", 0.75),
            ("fitness.test", 0.75),
            ("score", 0.75),
        ] {
            assert_eq!(sampler.ratio_of(name).to_bits(), f64::to_bits(ratio), "{name}");
        }
    }

    #[test]
    fn a_name_with_a_ratio_has_it_whatever_is_done_with_the_others() {
        let per_name = vec![("fit.*".to_owned(), 0.5)];
        let sampler = SamplerConfig { root: RootSampler::AlwaysOff, per_name, ..SamplerConfig::default() };
        assert_eq!(sampler.ratio_of("fit.pca").to_bits(), 0.5_f64.to_bits());
        assert_eq!(sampler.ratio().to_bits(), 0.0_f64.to_bits());
        assert_eq!(RootSampler::AlwaysOn.ratio().to_bits(), 1.0_f64.to_bits());
    }
}
