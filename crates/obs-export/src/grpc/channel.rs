//! [`Channel`]: the connection to one endpoint, made when it is needed, and the calls over it.

use super::classify::{self, Trouble};
use super::connect::{Body, connect};
use super::frame::{Framed, Unframer};
use super::options::{GrpcError, GrpcOptions};
use super::status::Status;
use super::tls::Tls;
use crate::http::options::header_map;
use crate::http::{Endpoint, HttpError, classify as http, quote};
use crate::sink::Outcome;
use h2::RecvStream;
use h2::client::SendRequest;
use obs_core::{Clock, Secret};
use std::io::Cursor;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use ureq::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header,
};

/// Names that gRPC or HTTP/2 gives a meaning of its own, or forbids.
const RESERVED: [&str; 11] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// How much longer than we do the other side may work on a call: were it the same, either could be first to give up, and
/// what it says then is not always that the time is over.
const MARGIN: Duration = Duration::from_secs(1);

/// One endpoint and the connection to it. Calls share the connection and do not wait for one another.
pub(super) struct Channel {
    to: Endpoint,
    tls: Option<Tls>,
    /// The URL of the calls.
    uri: String,
    headers: HeaderMap,
    secrets: Vec<Secret>,
    timeout: Duration,
    connect_timeout: Duration,
    clock: Clock,
    connection: Mutex<Option<SendRequest<Body>>>,
}

impl Channel {
    pub(super) fn new(to: &Endpoint, path: &str, options: &GrpcOptions) -> Result<Self, GrpcError> {
        if to.path() != "/" || to.has_query() {
            return Err(GrpcError::Path(to.to_string()));
        }
        Ok(Self {
            tls: Tls::new(to, options)?,
            uri: to.join(path).to_string(),
            headers: headers(to, options)?,
            secrets: options.headers.iter().map(|(_, value)| value).chain(to.secrets()).cloned().collect(),
            to: to.clone(),
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            clock: Clock::system(),
            connection: Mutex::new(None),
        })
    }

    /// Makes one call; an answer with status 0 is returned, anything else as the outcome it means for the batch.
    pub(super) async fn call(&self, message: Framed) -> Result<Vec<u8>, Outcome> {
        if let Ok(answer) = timeout(self.timeout, self.exchange(message)).await {
            return answer;
        }
        // The other end may be gone without a word: then each further call over this connection would end here. While
        // somebody else holds it, there is none, or it is being looked at anyway.
        if let Ok(mut kept) = self.connection.try_lock() {
            *kept = None;
        }
        Err(Trouble::late().outcome(&self.to))
    }

    async fn exchange(&self, message: Framed) -> Result<Vec<u8>, Outcome> {
        let trouble = |trouble: Trouble| trouble.outcome(&self.to);
        let http2 = |error: h2::Error| Trouble::http2(&self.to, &error).outcome(&self.to);
        let request = self.request(message.compressed).map_err(trouble)?;
        let mut connection = self.connection().await.map_err(trouble)?;
        let (response, mut stream) = connection.send_request(request, false).map_err(http2)?;
        // A server that does not want the body may answer before it has all of it: its answer is what counts.
        let _ = stream.send_data(Cursor::new(message.bytes), true);
        let answer = response.await.map_err(http2)?;
        self.read(answer).await
    }

    fn request(&self, compressed: bool) -> Result<Request<()>, Trouble> {
        let request =
            Request::builder().method(Method::POST).uri(&self.uri).version(Version::HTTP_2).body(());
        let mut request = request.map_err(Trouble::protocol)?;
        *request.headers_mut() = self.headers.clone();
        if compressed {
            request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
        }
        Ok(request)
    }

    /// The connection, if there is one that still takes calls, or a new one.
    async fn connection(&self) -> Result<SendRequest<Body>, Trouble> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.take()
            && let Ok(ready) = connection.ready().await
        {
            return Ok(kept.insert(ready).clone());
        }
        let new = connect(&self.to, self.tls.as_ref(), self.connect_timeout).await?;
        let ready = new.ready().await.map_err(|error| Trouble::http2(&self.to, &error))?;
        Ok(kept.insert(ready).clone())
    }

    async fn read(&self, answer: Response<RecvStream>) -> Result<Vec<u8>, Outcome> {
        let (head, mut body) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(self.not_grpc(head.status.as_u16(), &head.headers));
        }
        let content_type = head.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if !content_type.starts_with(b"application/grpc") {
            let what = "it is a page of a web server; is it the port for gRPC?";
            return Err(Trouble::protocol(what).outcome(&self.to));
        }
        let (message, trailers) = self.body(&mut body).await.map_err(|trouble| trouble.outcome(&self.to))?;
        let status = trailers.as_ref().and_then(Status::read).or_else(|| Status::read(&head.headers));
        match status {
            Some(status) if status.code == 0 => {
                message.map_err(|what| Trouble::protocol(what).outcome(&self.to))
            }
            Some(status) => {
                let detail = quote::first_line(&status.message, self.secrets.iter());
                Err(classify::status(&self.to, &status, &detail))
            }
            None => Err(Trouble::protocol("it has no status").outcome(&self.to)),
        }
    }

    /// The message, or what is wrong with it, and the trailers after it.
    async fn body(
        &self,
        body: &mut RecvStream,
    ) -> Result<(Result<Vec<u8>, String>, Option<HeaderMap>), Trouble> {
        let http2 = |error: h2::Error| Trouble::http2(&self.to, &error);
        let mut message = Unframer::default();
        while let Some(piece) = body.data().await {
            let piece = piece.map_err(http2)?;
            message.push(&piece).map_err(Trouble::protocol)?;
            body.flow_control().release_capacity(piece.len()).map_err(http2)?;
        }
        Ok((message.finish(), body.trailers().await.map_err(http2)?))
    }

    /// An answer of something in between, which speaks HTTP alone.
    fn not_grpc(&self, status: u16, headers: &HeaderMap) -> Outcome {
        let after = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| http::retry_after(value, &self.clock));
        http::status(&self.to, status, after, "an answer without gRPC")
    }
}

/// The headers of each call.
fn headers(to: &Endpoint, options: &GrpcOptions) -> Result<HeaderMap, GrpcError> {
    let mut headers = header_map(&options.headers)?;
    let reserved =
        |name: &&HeaderName| name.as_str().starts_with("grpc-") || RESERVED.contains(&name.as_str());
    if let Some(name) = headers.keys().find(reserved) {
        return Err(GrpcError::ReservedHeader(name.to_string()));
    }
    let value = |name: &str, value: &str| {
        HeaderValue::try_from(value).map_err(|_| HttpError::HeaderValue(name.to_owned()))
    };
    headers.insert(header::USER_AGENT, value("User-Agent", &options.user_agent)?);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    // At most eight digits, as the protocol has it: over a day in milliseconds.
    let millis = options.timeout.saturating_add(MARGIN).as_millis().min(99_999_999);
    headers.insert("grpc-timeout", value("grpc-timeout", &format!("{millis}m"))?);
    if let Some(authorization) = to.authorization().filter(|_| !headers.contains_key(header::AUTHORIZATION)) {
        let mut authorization = value("Authorization", authorization.expose())?;
        authorization.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, authorization);
    }
    Ok(headers)
}
