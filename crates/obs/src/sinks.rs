//! Which sinks each signal gets, from configuration and files.

use crate::builder::{Builder, LogOutput};
use crate::error::InitError;
use crate::transport::{self, OtlpSignal};
use obs_core::config::{LogFormat, TraceExporter};
use obs_core::{Config, ServiceIdentity};
use obs_export::Sink;
use obs_export::http::HttpClient;
use obs_export::otlp;
use obs_logs::LogLine;
use obs_logs::sinks::{Format, LokiOptions, LokiSink, SqliteSink, WriterSink};
use obs_metrics::MetricItem;
use obs_metrics::sink::OtlpMetricsSink;
use obs_profile::{ProfileItem, PyroscopeSink};
use obs_trace::SpanBatch;
use obs_trace::sink::{ConsoleSink, JsonFileSink, OtlpSink};

/// The destinations of one signal.
type Sinks<T> = Vec<Box<dyn Sink<T>>>;

/// One line per destination, for the announcement: signal, destination, protocol.
pub(crate) type Announced = Vec<(&'static str, String, &'static str)>;

pub(crate) fn traces(
    builder: &Builder,
    config: &Config,
    identity: &ServiceIdentity,
    announced: &mut Announced,
) -> Result<Sinks<SpanBatch>, InitError> {
    let mut sinks: Sinks<SpanBatch> = Vec::new();
    if !config.records_traces() {
        return Ok(sinks);
    }
    if let Some(path) = &builder.files.trace {
        let sink = JsonFileSink::create(path, identity.clone())
            .map_err(|source| InitError::File { path: path.clone(), source })?;
        announced.push(("traces", path.display().to_string(), "OTLP JSON file"));
        sinks.push(Box::new(sink));
    }
    if config.trace_exporters.contains(&TraceExporter::Console) {
        announced.push(("traces", "stdout".to_owned(), "console lines"));
        sinks.push(Box::new(ConsoleSink::stdout()));
    }
    if !config.trace_exporters.contains(&TraceExporter::Otlp) {
        return Ok(sinks);
    }
    let own = config.traces.protocol.is_some();
    let signal = OtlpSignal {
        protocol: if own { "otlp_traces.protocol" } else { "otlp.protocol" },
        path: "/v1/traces",
        method: otlp::TRACES,
        what: "spans",
    };
    if let Some((client, protocol)) = transport::otlp(&config.otlp_traces(), &signal)? {
        let sink = OtlpSink::new(client, identity.clone());
        announced.push(("traces", sink.endpoint().to_string(), protocol));
        sinks.push(Box::new(sink));
    }
    Ok(sinks)
}

pub(crate) fn metrics(
    builder: &Builder,
    config: &Config,
    announced: &mut Announced,
) -> Result<Sinks<MetricItem>, InitError> {
    let mut sinks: Sinks<MetricItem> = Vec::new();
    if config.sdk_disabled {
        return Ok(sinks);
    }
    if let Some(path) = &builder.files.metrics {
        announced.push(("metrics", path.display().to_string(), "OpenMetrics file"));
        sinks.push(Box::new(obs_metrics::sink::FileSink::new(path, obs_metrics::Format::OpenMetrics)));
    }
    let own = config.metrics.protocol.is_some();
    let signal = OtlpSignal {
        protocol: if own { "otlp_metrics.protocol" } else { "otlp.protocol" },
        path: "/v1/metrics",
        method: otlp::METRICS,
        what: "data points",
    };
    if let Some((client, protocol)) = transport::otlp(&config.otlp_metrics(), &signal)? {
        let sink = OtlpMetricsSink::new(client);
        announced.push(("metrics", sink.endpoint().to_string(), protocol));
        sinks.push(Box::new(sink));
    }
    Ok(sinks)
}

pub(crate) fn logs(
    builder: &Builder,
    config: &Config,
    identity: &ServiceIdentity,
    announced: &mut Announced,
) -> Result<Sinks<LogLine>, InitError> {
    let format = match config.log_format {
        Some(LogFormat::Console) => Format::Console { color: builder.colour },
        None if builder.console => Format::Console { color: builder.colour },
        Some(LogFormat::Json) | None => Format::Json,
    };
    let mut sinks: Sinks<LogLine> = Vec::new();
    let shape = if matches!(format, Format::Json) { "JSON lines" } else { "console lines" };
    match builder.output {
        LogOutput::Stdout => {
            sinks.push(Box::new(WriterSink::stdout(format)));
            announced.push(("logs", "stdout".to_owned(), shape));
        }
        LogOutput::Stderr => {
            sinks.push(Box::new(WriterSink::stderr(format)));
            announced.push(("logs", "stderr".to_owned(), shape));
        }
        LogOutput::None => {}
    }
    if let Some(path) = &builder.files.sqlite {
        sinks.push(Box::new(SqliteSink::open(path)?));
        announced.push(("logs", path.display().to_string(), "SQLite table ACM_RunLogs"));
    }
    if let Some(url) = &config.loki.endpoint {
        let (base, options) = (transport::endpoint(url)?, transport::push(&config.loki));
        let sink = LokiSink::new(&base, &options, identity, LokiOptions::default())
            .map_err(transport::of("loki"))?;
        announced.push(("logs", base.to_string(), "Loki push, snappy protobuf"));
        sinks.push(Box::new(sink));
    }
    Ok(sinks)
}

pub(crate) fn profiles(
    builder: &Builder,
    config: &Config,
    identity: &ServiceIdentity,
    announced: &mut Announced,
) -> Result<Sinks<ProfileItem>, InitError> {
    let mut sinks: Sinks<ProfileItem> = Vec::new();
    if config.sdk_disabled {
        return Ok(sinks);
    }
    if let Some(folder) = &builder.files.profile_folder {
        announced.push(("profiles", folder.display().to_string(), "pprof file"));
        sinks.push(Box::new(obs_profile::FileSink::new(folder, config.service_name.clone())));
    }
    if let Some(url) = &config.pyroscope.endpoint {
        let client =
            HttpClient::new(&transport::push(&config.pyroscope)).map_err(transport::of("pyroscope"))?;
        let sink = PyroscopeSink::new(url.expose(), client, identity)?;
        announced.push(("profiles", transport::endpoint(url)?.to_string(), "Pyroscope ingest, pprof"));
        sinks.push(Box::new(sink));
    }
    Ok(sinks)
}
