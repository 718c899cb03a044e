//! [`Draft`]: a configuration in the making, with what several settings decide together.

use super::load::{ConfigError, Loaded, Provenance};
use super::settings::TEMPO;
use super::{BatchConfig, Config, OtlpProtocol, SpanLimits, resource};
use crate::sampling::{RootSampler, TailConfig};
use std::ops::{Deref, DerefMut};

/// What settings write to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) config: Config,
    pub(super) raw: Raw,
}

/// Values as they were set, before it is known what they mean together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Raw {
    pub(super) sampler: Option<Sampler>,
    pub(super) sample_ratio: Option<f64>,
    pub(super) tail: bool,
    pub(super) tail_bounds: TailConfig,
    /// `attribute_limits.count`, for all that have attributes.
    pub(super) attributes: Option<u32>,
    /// `attribute_limits.value_bytes`, for all that have values.
    pub(super) value_bytes: Option<u32>,
    pub(super) span_attributes: Option<u32>,
    pub(super) span_value_bytes: Option<u32>,
    pub(super) event_attributes: Option<u32>,
    pub(super) link_attributes: Option<u32>,
    pub(super) batch: Option<usize>,
    pub(super) no_loki: bool,
    pub(super) attributes_of_resource: Vec<(String, String)>,
    pub(super) bad_pairs: Vec<String>,
}

/// What the name of a sampler says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sampler {
    /// `None` is a ratio, which another setting has.
    pub(super) root: Option<RootSampler>,
    pub(super) parent_based: bool,
}

impl Deref for Draft {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl DerefMut for Draft {
    fn deref_mut(&mut self) -> &mut Config {
        &mut self.config
    }
}

impl Draft {
    /// Works out what settings mean together, and leaves the configuration in `loaded`.
    pub(super) fn finish(mut self, loaded: &mut Loaded) -> Result<(), ConfigError> {
        // First, as it may name the environment.
        resource::finish(&mut self, loaded);
        self.sampler(loaded);
        self.limits();
        self.batch(loaded)?;
        self.tempo(loaded);
        if self.raw.no_loki {
            self.config.loki.endpoint = None;
        }
        loaded.config = self.config;
        Ok(())
    }

    fn sampler(&mut self, loaded: &mut Loaded) {
        let production =
            ["production", "prod"].iter().any(|name| self.environment.eq_ignore_ascii_case(name));
        let ratio = self.raw.sample_ratio.unwrap_or(if production { 0.1 } else { 1.0 });
        let named = self.raw.sampler.unwrap_or(Sampler { root: None, parent_based: true });
        let from = |key: &str| loaded.provenance(key);
        if named.root.is_some() && from("traces.sample_ratio") != Provenance::Default {
            let (ratio, sampler) = ("traces.sample_ratio", "traces.sampler");
            loaded.warnings.push(format!(
                "{} has no effect: the sampler that {} names has no ratio",
                from(ratio).naming(ratio),
                from(sampler).naming(sampler)
            ));
        }
        self.config.sampler.root = named.root.unwrap_or(RootSampler::Ratio(ratio));
        self.config.sampler.parent_based = named.parent_based;
        self.config.sampler.tail = self.raw.tail.then_some(self.raw.tail_bounds);
        if !self.raw.tail {
            let rules = ["traces.keep_errors", "traces.keep_slower_than_ms", "traces.keep_flagged"];
            for rule in rules.into_iter().filter(|key| asks(key, self)) {
                let from = loaded.provenance(rule);
                if from != Provenance::Default {
                    let name = from.naming(rule);
                    loaded
                        .warnings
                        .push(format!("{name} has no effect without traces.tail (OBS_TRACES_TAIL)"));
                }
            }
        }
    }

    fn limits(&mut self) {
        let raw = &self.raw;
        let count = |own: Option<u32>| own.or(raw.attributes).unwrap_or(SpanLimits::COUNT);
        let limits = &mut self.config.span_limits;
        limits.attributes = count(raw.span_attributes);
        limits.event_attributes = count(raw.event_attributes);
        limits.link_attributes = count(raw.link_attributes);
        limits.value_bytes = raw.span_value_bytes.or(raw.value_bytes).unwrap_or(limits.value_bytes);
    }

    fn batch(&mut self, loaded: &Loaded) -> Result<(), ConfigError> {
        let queue = self.span_batch.queue;
        let batch = self.raw.batch.unwrap_or(BatchConfig::BATCH.min(queue));
        if batch > queue {
            let naming = |key: &str| loaded.provenance(key).naming(key);
            return Err(ConfigError::TooLarge {
                what: naming("span_batch.size"),
                value: batch,
                other: naming("span_batch.queue"),
                limit: queue,
            });
        }
        self.config.span_batch.batch = batch;
        Ok(())
    }

    /// A Tempo is named by its base, mostly with the port of gRPC, where a receiver of traces alone is named by the
    /// whole of its address.
    fn tempo(&mut self, loaded: &Loaded) {
        if loaded.provenance("otlp_traces.endpoint") != Provenance::Environment(TEMPO) {
            return;
        }
        let Some(url) = self.traces.endpoint.clone() else { return };
        let unset = |key: &str| loaded.provenance(key) == Provenance::Default;
        let grpc_port = url.port() == Some(4317);
        if grpc_port && unset("otlp_traces.protocol") && unset("otlp.protocol") {
            self.config.traces.protocol = Some(OtlpProtocol::Grpc);
        }
        if self.otlp_traces().protocol == OtlpProtocol::HttpProtobuf {
            self.config.traces.endpoint = Some(url.with_path("/v1/traces"));
        }
    }
}

/// Whether the rule of this key keeps anything.
fn asks(key: &str, draft: &Draft) -> bool {
    let keep = draft.sampler.keep;
    match key {
        "traces.keep_errors" => keep.errors,
        "traces.keep_flagged" => keep.flagged,
        _ => keep.slower_than.is_some(),
    }
}
