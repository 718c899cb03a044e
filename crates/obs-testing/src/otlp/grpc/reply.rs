//! [`GrpcReply`]: what a call gets instead of an honest answer.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tokio::sync::Notify;
use tonic::{Code, Status};

use crate::otlp::export::{RpcDetail, RpcStatus};

/// The scripted end of one call. Nothing of the call is accepted, but for a late one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrpcReply {
    /// A status other than `OK`.
    Status {
        /// A `google.rpc.Code`.
        code: i32,
        /// For people.
        message: String,
        /// For programs: an encoded `google.rpc.Status`, or nothing.
        details: Vec<u8>,
    },
    /// The honest answer, as soon as the gate is open.
    Late(Gate),
    /// No answer, for as long as the client waits.
    Hang,
    /// No answer: the connection is closed.
    Close,
}

/// Holds an answer back until somebody opens it. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Notify>);

impl Gate {
    /// Lets one answer through, also one that comes here later.
    pub fn open(&self) {
        self.0.notify_one();
    }

    pub(super) async fn pass(&self) {
        self.0.notified().await;
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Gate {}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl GrpcReply {
    /// A status with a message.
    pub fn status(code: i32, message: &str) -> Self {
        Self::Status { code, message: message.to_owned(), details: vec![] }
    }

    /// A status that asks for a wait before the next attempt (`google.rpc.RetryInfo`).
    pub fn retry_after(code: i32, message: &str, wait: Duration) -> Self {
        let retry_delay =
            Some(Delay { seconds: wait.as_secs().cast_signed(), nanos: wait.subsec_nanos().cast_signed() });
        let info = RpcDetail {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
            value: RetryInfo { retry_delay }.encode_to_vec(),
        };
        let details = RpcStatus { code, message: message.to_owned(), details: vec![info] }.encode_to_vec();
        Self::Status { code, message: message.to_owned(), details }
    }
}

/// The status as tonic sends it.
pub(super) fn status(code: i32, message: String, details: Vec<u8>) -> Status {
    Status::with_details(Code::from(code), message, details.into())
}
