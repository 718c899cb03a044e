//! [`Format`]: which exposition format a scraper gets.

/// An exposition format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// Prometheus text 0.0.4.
    Text,
}

impl Format {
    /// The `Content-Type` of a body in this format.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// The format that an `Accept` header asks for: `OpenMetrics` where it is named with at least the weight that text
    /// gets, otherwise text, which every scraper and browser understands.
    ///
    /// ```
    /// use obs_metrics::Format;
    /// let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    /// assert_eq!(Format::negotiate(Some(accept)), Format::OpenMetrics);
    /// assert_eq!(Format::negotiate(None), Format::Text);
    /// ```
    pub fn negotiate(accept: Option<&str>) -> Self {
        let ranges: Vec<Range> = accept.unwrap_or_default().split(',').filter_map(Range::parse).collect();
        // The most specific range that matches decides (RFC 9110, section 12.5.1).
        let weight = |names: [&str; 3]| {
            let matching = names.iter().map(|name| {
                ranges.iter().filter(|r| r.media == *name && r.served()).map(|r| r.weight).reduce(f64::max)
            });
            matching.flatten().next()
        };
        let text = weight(["text/plain", "text/*", "*/*"]).unwrap_or(0.0);
        let open = ranges
            .iter()
            .filter(|r| r.media == OPENMETRICS && r.served())
            .map(|r| r.weight)
            .reduce(f64::max)
            .unwrap_or(0.0);
        if open > 0.0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }
}

const OPENMETRICS: &str = "application/openmetrics-text";

/// One media range of the header.
struct Range {
    media: String,
    version: Option<String>,
    /// From 0 (not acceptable) to 1.
    weight: f64,
}

impl Range {
    fn parse(range: &str) -> Option<Self> {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().filter(|m| !m.is_empty())?.to_ascii_lowercase();
        let mut parsed = Self { media, version: None, weight: 1.0 };
        for (key, value) in parts.filter_map(|p| p.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                // A weight that is not one makes the range as good as absent.
                "q" => parsed.weight = value.parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
                "version" => parsed.version = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(parsed)
    }

    /// Whether the version asked for, if any, is one that is written here.
    fn served(&self) -> bool {
        match (self.media.as_str(), self.version.as_deref()) {
            (OPENMETRICS, Some(version)) => matches!(version, "1.0.0" | "0.0.1"),
            ("text/plain", Some(version)) => version == "0.0.4",
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MET-15
    #[test]
    fn the_accept_header_chooses_the_format() {
        let rows = [
            (None, Format::Text),
            (Some(""), Format::Text),
            (Some("*/*"), Format::Text),
            (Some("text/plain"), Format::Text),
            (Some("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), Format::Text),
            (Some("application/openmetrics-text"), Format::OpenMetrics),
            (Some("Application/OpenMetrics-Text; Version=\"1.0.0\"; Q=0.5"), Format::OpenMetrics),
            (Some("application/openmetrics-text;version=9.0.0,text/plain;q=0.1"), Format::Text),
            (Some("application/openmetrics-text;q=0"), Format::Text),
            (Some("application/openmetrics-text;q=0.2,text/plain;q=0.9"), Format::Text),
            (Some("application/openmetrics-text;q=0.2,text/plain;q=0.1,*/*;q=1"), Format::OpenMetrics),
            (Some("application/openmetrics-text;q=high"), Format::Text),
            (Some("application/openmetrics-text;q=NaN"), Format::Text),
            (Some(";;,;q,=,application"), Format::Text),
        ];
        for (accept, format) in rows {
            assert_eq!(Format::negotiate(accept), format, "{accept:?}");
        }
    }

    #[test]
    fn content_types_name_their_version() {
        assert!(Format::OpenMetrics.content_type().contains("version=1.0.0"));
        assert!(Format::Text.content_type().contains("version=0.0.4"));
    }
}
