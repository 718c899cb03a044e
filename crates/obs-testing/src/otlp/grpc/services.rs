//! The three services, which differ in their messages alone.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic::{Request, Response, Status};

use super::reply::{self, GrpcReply};
use super::{GrpcCall, Shared};
use crate::otlp::export::{self, Signal};
use crate::otlp::seen::{self, OtlpSeen};
use crate::watched::lock;

/// A server with the three services on `shared`.
pub(super) fn add(builder: &mut Server, shared: &Arc<Shared>) -> Router {
    let receiver = || Receiver(Arc::clone(shared));
    builder
        .add_service(TraceServiceServer::new(receiver()).accept_compressed(Gzip))
        .add_service(MetricsServiceServer::new(receiver()).accept_compressed(Gzip))
        .add_service(LogsServiceServer::new(receiver()).accept_compressed(Gzip))
}

struct Receiver(Arc<Shared>);

impl Receiver {
    /// One call: recorded, then answered as scripted, or else decoded and kept.
    async fn answer<Q, A>(
        &self,
        signal: Signal,
        request: Request<Q>,
        flatten: impl FnOnce(Q) -> OtlpSeen + Send,
    ) -> Result<Response<A>, Status>
    where
        Q: Send,
        A: Message + Default,
    {
        let from = request.remote_addr();
        let (metadata, _, message) = request.into_parts();
        // The reply is taken before the call shows, so whoever sees the call also sees the script advance.
        let scripted = lock(&self.0.script).pop_front();
        self.0.calls.update(|calls| calls.push(GrpcCall { signal, metadata: texts(&metadata) }));
        match scripted {
            Some(GrpcReply::Status { code, message, details }) => {
                return Err(reply::status(code, message, details));
            }
            Some(GrpcReply::Hang) => pending::<()>().await,
            Some(GrpcReply::Close) => {
                if let Some(from) = from {
                    self.0.close(from);
                }
                pending::<()>().await;
            }
            Some(GrpcReply::Late(gate)) => gate.pass().await,
            None => {}
        }
        let decoded = flatten(message);
        export::check_ids(&decoded).map_err(Status::invalid_argument)?;
        let rejection = self.0.state.accept(signal, decoded);
        let response = A::decode(export::response(signal, rejection).as_slice());
        response.map(Response::new).map_err(|error| Status::internal(error.to_string()))
    }
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let flatten = |message| OtlpSeen { spans: seen::spans(message), ..OtlpSeen::default() };
        self.answer(Signal::Traces, request, flatten).await
    }
}

#[tonic::async_trait]
impl MetricsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let flatten = |message| OtlpSeen { metrics: seen::metrics(message), ..OtlpSeen::default() };
        self.answer(Signal::Metrics, request, flatten).await
    }
}

#[tonic::async_trait]
impl LogsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let flatten = |message| OtlpSeen { log_records: seen::log_records(message), ..OtlpSeen::default() };
        self.answer(Signal::Logs, request, flatten).await
    }
}

fn texts(metadata: &MetadataMap) -> BTreeMap<String, String> {
    let text = |pair| match pair {
        KeyAndValueRef::Ascii(name, value) => Some((name.to_string(), value.to_str().ok()?.to_owned())),
        KeyAndValueRef::Binary(..) => None,
    };
    metadata.iter().filter_map(text).collect()
}
