//! `attribute_limits.*`, `span_limits.*`, `span_batch.*`: how large spans, traces and batches of spans may become.
//!
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>

use super::{BASE, COUNT_LIMIT, Setting, TIMEOUT, TIMEOUT_MAX};
use crate::config::parse;

const OR_COUNT: &str = "`attribute_limits.count`, or `128`";

pub(super) const SPANS: [Setting; 9] = [
    Setting {
        key: "attribute_limits.count",
        env: "OTEL_ATTRIBUTE_COUNT_LIMIT",
        unset: "`128`",
        accepts: COUNT_LIMIT,
        doc: "attributes of a span, an event or a link, where the setting of its own is unset",
        set: |c, v| parse::count(v).map(|v| c.raw.attributes = Some(v)),
        ..BASE
    },
    Setting {
        key: "attribute_limits.value_bytes",
        env: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        unset: "`65536`",
        accepts: COUNT_LIMIT,
        doc: "bytes of a text value, where the setting of spans is unset; longer text is cut. OpenTelemetry has no limit by \
              default",
        set: |c, v| parse::count(v).map(|v| c.raw.value_bytes = Some(v)),
        ..BASE
    },
    Setting {
        key: "span_limits.attributes",
        env: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        unset: OR_COUNT,
        accepts: COUNT_LIMIT,
        doc: "attributes of a span",
        set: |c, v| parse::count(v).map(|v| c.raw.span_attributes = Some(v)),
        ..BASE
    },
    Setting {
        key: "span_limits.value_bytes",
        env: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        unset: "`attribute_limits.value_bytes`, or `65536`",
        accepts: COUNT_LIMIT,
        doc: "bytes of a text value of a span; longer text is cut",
        set: |c, v| parse::count(v).map(|v| c.raw.span_value_bytes = Some(v)),
        ..BASE
    },
    Setting {
        key: "span_limits.events",
        env: "OTEL_SPAN_EVENT_COUNT_LIMIT",
        default: "128",
        accepts: COUNT_LIMIT,
        doc: "events of a span",
        set: |c, v| parse::count(v).map(|v| c.span_limits.events = v),
        ..BASE
    },
    Setting {
        key: "span_limits.links",
        env: "OTEL_SPAN_LINK_COUNT_LIMIT",
        default: "128",
        accepts: COUNT_LIMIT,
        doc: "links of a span",
        set: |c, v| parse::count(v).map(|v| c.span_limits.links = v),
        ..BASE
    },
    Setting {
        key: "span_limits.event_attributes",
        env: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        unset: OR_COUNT,
        accepts: COUNT_LIMIT,
        doc: "attributes of an event of a span",
        set: |c, v| parse::count(v).map(|v| c.raw.event_attributes = Some(v)),
        ..BASE
    },
    Setting {
        key: "span_limits.link_attributes",
        env: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        unset: OR_COUNT,
        accepts: COUNT_LIMIT,
        doc: "attributes of a link of a span",
        set: |c, v| parse::count(v).map(|v| c.raw.link_attributes = Some(v)),
        ..BASE
    },
    Setting {
        key: "span_limits.spans_per_trace",
        env: "OBS_TRACES_MAX_SPANS_PER_TRACE",
        aliases: &["AURUM_TRACING_MAX_SPANS_PER_TRACE"],
        default: "1000",
        accepts: COUNT_LIMIT,
        doc: "spans of one trace that are recorded, 0 for no limit; those beyond are counted on the root",
        set: |c, v| parse::count(v).map(|v| c.span_limits.spans_per_trace = v),
        ..BASE
    },
];

pub(super) const BATCHES: [Setting; 4] = [
    Setting {
        key: "span_batch.delay_ms",
        env: "OTEL_BSP_SCHEDULE_DELAY",
        default: "1000",
        accepts: "whole milliseconds from 0 to 3600000",
        doc: "how long a span waits for others to fill its batch. OpenTelemetry's 5000 would be the longest part of a span's \
              way, and what a crash loses",
        set: |c, v| parse::millis(v, 0..=TIMEOUT_MAX).map(|v| c.span_batch.delay = v),
        ..BASE
    },
    Setting {
        key: "span_batch.timeout_ms",
        env: "OTEL_BSP_EXPORT_TIMEOUT",
        default: "60000",
        accepts: TIMEOUT,
        doc: "how long a batch of spans is tried before it is given up. OpenTelemetry's 30000 is less than some receivers \
              take to start again",
        set: |c, v| parse::millis(v, 1..=TIMEOUT_MAX).map(|v| c.span_batch.timeout = v),
        ..BASE
    },
    Setting {
        key: "span_batch.queue",
        env: "OTEL_BSP_MAX_QUEUE_SIZE",
        default: "65536",
        accepts: "a whole number from 1 to 16777216",
        doc: "spans that may wait for each destination. OpenTelemetry's 2048 is soon full in a busy process",
        set: |c, v| parse::size(v, 1..=1 << 24).map(|v| c.span_batch.queue = v),
        ..BASE
    },
    Setting {
        key: "span_batch.size",
        env: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        unset: "`512`, or `span_batch.queue` where that is less",
        accepts: "a whole number from 1 to 16777216, not above span_batch.queue",
        doc: "spans in one request",
        set: |c, v| parse::size(v, 1..=1 << 24).map(|v| c.raw.batch = Some(v)),
        ..BASE
    },
];
