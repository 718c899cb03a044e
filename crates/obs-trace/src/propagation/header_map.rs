//! [`http::HeaderMap`] as a carrier (feature `http`).

use super::carrier::{Extractor, Injector};
use http::{HeaderMap, HeaderName, HeaderValue};

impl Extractor for HeaderMap {
    fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).iter().find_map(text)
    }

    fn get_all(&self, name: &str) -> Vec<&str> {
        self.get_all(name).iter().filter_map(text).collect()
    }
}

impl Injector for HeaderMap {
    /// Does nothing where name or value cannot be those of a header; what propagators write can.
    fn set(&mut self, name: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::try_from(value))
        {
            self.insert(name, value);
        }
    }

    fn remove(&mut self, name: &str) {
        self.remove(name);
    }
}

/// Headers are bytes; baggage may be UTF-8 that its sender did not encode.
fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Propagators, SpanContext};
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn headers_are_read_and_written() {
        let mut headers = HeaderMap::new();
        headers.append("Traceparent", HeaderValue::from_static(PARENT));
        headers.append("tracestate", HeaderValue::from_static("a=1"));
        headers.append("tracestate", HeaderValue::from_static("b=2"));
        headers.append("baggage", HeaderValue::from_bytes("k=é".as_bytes()).unwrap());
        headers.append("baggage", HeaderValue::from_bytes(b"broken=\xff").unwrap());
        let extracted = Propagators::default().extract(&headers);
        let parent = extracted.parent.unwrap();
        assert_eq!((parent.traceparent().as_str(), parent.trace_state.as_str()), (PARENT, "a=1,b=2"));
        assert_eq!(extracted.baggage.to_string(), "k=%C3%A9");

        let next = SpanContext::new(parent.trace_id, parent.span_id, false);
        Propagators::default().inject(&next, &extracted.baggage, &mut headers);
        assert_eq!(headers.len(), 2, "the old trace state is gone");
        assert_eq!(headers["traceparent"], next.traceparent().as_str());
        assert_eq!(headers["baggage"], "k=%C3%A9");
    }

    #[test]
    fn what_no_header_can_hold_is_not_set() {
        let mut headers = HeaderMap::new();
        headers.set("a b", "1".to_owned());
        headers.set("a", "1\r\nb: 2".to_owned());
        assert!(headers.is_empty());
    }
}
