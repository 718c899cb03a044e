//! [`OtlpClient`]: OTLP with protobuf bodies, the same for every signal, over HTTP, or over gRPC with the feature `grpc`
//! (OTLP specification 1.x, "OTLP/HTTP" and "OTLP/gRPC").

#[cfg(feature = "grpc")]
use crate::grpc::{GrpcClient, GrpcError, GrpcOptions};
use crate::http::{Endpoint, HttpClient, HttpError, HttpOptions, Request};
use crate::sink::{Outcome, Record};
use crate::wire::reader::{Field, fields};
use obs_core::DropReason;

/// The call that takes an `ExportTraceServiceRequest`.
pub const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The call that takes an `ExportMetricsServiceRequest`.
pub const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
/// The call that takes an `ExportLogsServiceRequest`.
pub const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// Sends export requests of one signal and reads the answers.
#[derive(Clone, Debug)]
pub struct OtlpClient {
    transport: Transport,
    endpoint: Endpoint,
    /// What an item is called in messages: `spans`, `data points`.
    what: &'static str,
}

#[derive(Clone, Debug)]
enum Transport {
    Http(HttpClient),
    #[cfg(feature = "grpc")]
    Grpc(GrpcClient),
}

impl OtlpClient {
    /// A client for `base`, to which `path` (`/v1/traces`) is appended unless it is there. `what` names the items.
    pub fn new(
        base: &Endpoint,
        path: &str,
        what: &'static str,
        options: &HttpOptions,
    ) -> Result<Self, HttpError> {
        let transport = Transport::Http(HttpClient::new(options)?);
        Ok(Self { transport, endpoint: base.join(path), what })
    }

    /// A client that calls `path` ([`TRACES`] and its like) at `endpoint`. `what` names the items.
    #[cfg(feature = "grpc")]
    pub fn grpc(
        endpoint: &Endpoint,
        path: &str,
        what: &'static str,
        options: &GrpcOptions,
    ) -> Result<Self, GrpcError> {
        let transport = Transport::Grpc(GrpcClient::new(endpoint, path, options)?);
        Ok(Self { transport, endpoint: endpoint.clone(), what })
    }

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends one request that holds a batch; each record says how many items of the protocol it stands for.
    pub fn send(&self, body: &[u8], records: &[Record<'_>]) -> Outcome {
        let total = records.iter().map(|r| u64::from(r.count)).sum();
        let answer = match &self.transport {
            Transport::Http(http) => self.post(http, body),
            #[cfg(feature = "grpc")]
            Transport::Grpc(grpc) => grpc.call(body),
        };
        match answer {
            Ok(answer) => self.judge(&PartialSuccess::parse(&answer), total),
            Err(outcome) => outcome,
        }
    }

    fn post(&self, http: &HttpClient, body: &[u8]) -> Result<Vec<u8>, Outcome> {
        let request = Request {
            to: &self.endpoint,
            content_type: "application/x-protobuf",
            gzip: true,
            headers: &[],
            body,
        };
        Ok(http.post(&request)?.body)
    }

    /// What a partial success means for a batch of `total` items. A message without a number is a warning.
    fn judge(&self, answer: &PartialSuccess, total: u64) -> Outcome {
        if answer.rejected == 0 {
            return Outcome::Delivered;
        }
        let refused = answer.rejected.min(total);
        let message = format!("{} of {total} {} rejected: {}", answer.rejected, self.what, answer.message);
        Outcome::Short { refused, reason: DropReason::Refused, message }
    }
}

/// `ExportTracePartialSuccess` and its like: all have the number in field 1 and the message in field 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PartialSuccess {
    rejected: u64,
    message: String,
}

impl PartialSuccess {
    /// Reads an `Export…ServiceResponse`. Bytes that are not one mean that nothing was said: the status code has
    /// already told that the request was accepted.
    fn parse(bytes: &[u8]) -> Self {
        let mut answer = Self::default();
        for (number, field) in fields(bytes) {
            if let (1, Field::Bytes(partial)) = (number, field) {
                for (number, field) in fields(partial) {
                    match (number, field) {
                        (1, Field::Varint(n)) => {
                            answer.rejected = u64::try_from(n.cast_signed()).unwrap_or(0);
                        }
                        (2, Field::Bytes(text)) => answer.message = one_line(text),
                        _ => {}
                    }
                }
            }
        }
        answer
    }
}

fn one_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Writer;

    fn answer(rejected: i64, message: &str) -> Vec<u8> {
        let mut w = Writer::new();
        w.message(1, |w| {
            w.int64(1, rejected).string(2, message);
        });
        w.into_vec()
    }

    fn judge(bytes: &[u8], total: u64) -> Outcome {
        let base: Endpoint = "http://localhost:4318".parse().unwrap();
        let client = OtlpClient::new(&base, "/v1/traces", "spans", &HttpOptions::default()).unwrap();
        client.judge(&PartialSuccess::parse(bytes), total)
    }

    #[test]
    fn an_empty_answer_a_warning_and_garbage_mean_delivered() {
        for bytes in [Vec::new(), answer(0, "slow down"), answer(-3, ""), b"\xff\xff garbage".to_vec()] {
            assert_eq!(judge(&bytes, 2), Outcome::Delivered, "{bytes:?}");
        }
    }

    #[test]
    fn a_partial_success_says_how_many_items_of_the_batch_are_refused() {
        let short = |refused, message: &str| Outcome::Short {
            refused,
            reason: DropReason::Refused,
            message: message.to_owned(),
        };
        assert_eq!(judge(&answer(3, "too\nold"), 6), short(3, "3 of 6 spans rejected: too old"));
        assert_eq!(
            judge(&answer(9, ""), 2),
            short(2, "9 of 2 spans rejected: "),
            "never more than there are"
        );
    }
}
