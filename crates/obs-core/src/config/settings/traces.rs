//! `traces.*`: whether, where to and which traces are recorded.

use super::{BASE, BOOLEAN, Setting};
use crate::config::parse;
use std::time::Duration;

pub(super) const GENERAL: [Setting; 7] = [
    Setting {
        key: "traces.enabled",
        env: "OBS_TRACES_ENABLED",
        aliases: &["OPTIMIZER_ENABLE_TRACING", "AURUM_TRACING_ENABLED"],
        default: "true",
        accepts: BOOLEAN,
        doc: "whether traces are recorded at all",
        set: |c, v| parse::boolean(v).map(|v| c.traces_enabled = v),
        ..BASE
    },
    Setting {
        key: "traces.exporter",
        env: "OTEL_TRACES_EXPORTER",
        default: "otlp",
        accepts: "names out of otlp and console separated by commas, or none",
        doc: "what takes ended spans: the OTLP receiver if it has an endpoint, standard output",
        set: |c, v| parse::exporters(v).map(|v| c.trace_exporters = v),
        ..BASE
    },
    Setting {
        key: "traces.propagators",
        env: "OTEL_PROPAGATORS",
        default: "tracecontext,baggage",
        accepts: "names out of tracecontext and baggage separated by commas, or none",
        doc: "headers that carry context from process to process",
        set: |c, v| parse::propagators(v).map(|v| c.propagators = v),
        ..BASE
    },
    Setting {
        key: "traces.sampler",
        env: "OTEL_TRACES_SAMPLER",
        default: "parentbased_traceidratio",
        accepts: "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                  parentbased_traceidratio",
        doc: "which traces are recorded: all, none or a share of those that begin here; parentbased_ makes a span follow \
              the one that called it from another process",
        set: |c, v| parse::sampler(v).map(|v| c.raw.sampler = Some(v)),
        ..BASE
    },
    Setting {
        key: "traces.sample_ratio",
        env: "OTEL_TRACES_SAMPLER_ARG",
        aliases: &["OPTIMIZER_TRACE_SAMPLE_RATE", "AURUM_TRACING_SAMPLE_RATE"],
        default: "1.0",
        unset: "`1.0`, or `0.1` where the environment is production or prod",
        accepts: "a number from 0 to 1",
        doc: "share of traces that the samplers traceidratio and parentbased_traceidratio record",
        lenient: true,
        set: |c, v| parse::number(v, 0.0..=1.0).map(|v| c.raw.sample_ratio = Some(v)),
        ..BASE
    },
    Setting {
        key: "traces.sample_names",
        env: "OBS_TRACES_SAMPLE_NAMES",
        accepts: "name=ratio pairs separated by commas, such as fit.pca=1,http.*=0.1",
        doc: "shares of traces whose root span has this name, or one that begins with what stands before .*; of names that \
              fit, the longest counts",
        set: |c, v| parse::name_ratios(v).map(|v| c.sampler.per_name = v),
        ..BASE
    },
    Setting {
        key: "traces.max_per_second",
        env: "OBS_TRACES_MAX_PER_SECOND",
        accepts: "a number above 0, up to 1000000",
        doc: "traces that are recorded per second at most; no limit when unset",
        set: |c, v| {
            let rate = parse::number(v, 0.0..=1_000_000.0).filter(|rate| *rate > 0.0)?;
            c.sampler.rate_limit = Some(rate);
            Some(())
        },
        ..BASE
    },
];

pub(super) const KEEPING: [Setting; 7] = [
    Setting {
        key: "traces.tail",
        env: "OBS_TRACES_TAIL",
        default: "false",
        accepts: BOOLEAN,
        doc: "whether traces are held in memory until their root ends, so that traces.keep_* can keep what sampling left \
              out",
        set: |c, v| parse::boolean(v).map(|v| c.raw.tail = v),
        ..BASE
    },
    Setting {
        key: "traces.tail_max_bytes",
        env: "OBS_TRACES_TAIL_MAX_BYTES",
        default: "67108864",
        accepts: "a whole number of bytes, at least 1048576 (1 MiB)",
        doc: "bytes of traces that are held in memory",
        set: |c, v| parse::size(v, 1 << 20..=u64::MAX).map(|v| c.raw.tail_bounds.max_bytes = v),
        ..BASE
    },
    Setting {
        key: "traces.tail_max_spans",
        env: "OBS_TRACES_TAIL_MAX_SPANS",
        default: "100000",
        accepts: "a whole number from 1 to 100000000",
        doc: "spans that are held in memory",
        set: |c, v| parse::size(v, 1..=100_000_000).map(|v| c.raw.tail_bounds.max_spans = v),
        ..BASE
    },
    Setting {
        key: "traces.tail_max_age_s",
        env: "OBS_TRACES_TAIL_MAX_AGE",
        default: "30",
        accepts: "whole seconds from 1 to 86400",
        doc: "how long a trace is held in memory",
        set: |c, v| parse::whole(v, 1..=86_400).map(|v| c.raw.tail_bounds.max_age = Duration::from_secs(v)),
        ..BASE
    },
    Setting {
        key: "traces.keep_errors",
        env: "OBS_TRACES_KEEP_ERRORS",
        unset: "`true` with `traces.tail`",
        accepts: BOOLEAN,
        doc: "with traces.tail: whether a trace with an error is kept",
        set: |c, v| parse::boolean(v).map(|v| c.sampler.keep.errors = v),
        ..BASE
    },
    Setting {
        key: "traces.keep_slower_than_ms",
        env: "OBS_TRACES_KEEP_SLOWER_THAN",
        accepts: "whole milliseconds from 1 to 86400000",
        doc: "with traces.tail: how long the root of a trace takes that is kept for it; when unset, none is",
        set: |c, v| parse::millis(v, 1..=86_400_000).map(|v| c.sampler.keep.slower_than = Some(v)),
        ..BASE
    },
    Setting {
        key: "traces.keep_flagged",
        env: "OBS_TRACES_KEEP_FLAGGED",
        unset: "`true` with `traces.tail`",
        accepts: BOOLEAN,
        doc: "with traces.tail: whether a trace is kept that the program flagged",
        set: |c, v| parse::boolean(v).map(|v| c.sampler.keep.flagged = v),
        ..BASE
    },
];
