//! [`span_tree!`](crate::span_tree!) and [`assert_span_tree!`](crate::assert_span_tree!).

/// What a trace should look like, as a literal: an [`ExpectedTree`](crate::tree::ExpectedTree).
///
/// Each span is its name, then, each if it matters, its kind in brackets, attributes in parentheses, written as `span!` takes
/// them, and its children in braces, in the order in which they began. Attributes that are not named may be there; children
/// that are not named must not, unless `..` stands among them for any others at any place.
///
/// ```
/// use obs_testing::{span_tree, tree};
/// let expected = span_tree! {
///     "pipeline.run" [server] {
///         "load.data" (n_samples = 1500, "db.system.name" = "sqlite")
///         "models.fit" { "fit.pca" .. }
///     }
/// };
/// let diff = tree::compare::<obs_trace::SpanRecord>(&[], &expected).unwrap_err();
/// assert!(diff.to_string().contains("\n-   load.data (n_samples = 1500, db.system.name = \"sqlite\")\n"), "{diff}");
/// ```
#[macro_export]
macro_rules! span_tree {
    ($($spans:tt)*) => {{
        #[allow(unused_mut, reason = "a tree without spans is not changed")]
        let mut tree = $crate::tree::ExpectedTree::new();
        $crate::__expected_spans!(tree $($spans)*);
        tree
    }};
}

/// Fails, with both trees as one, when spans (of a tracer, or of OTLP) do not form the tree of a literal: see
/// [`span_tree!`](crate::span_tree!).
///
/// ```
/// use obs_testing::{assert_span_tree, with_telemetry};
/// use obs_trace::span;
/// with_telemetry(|t| {
///     let run = span!("pipeline.run");
///     drop(span!("load.data", n_samples = 1500));
///     drop(run);
///     assert_span_tree!(t.spans(), { "pipeline.run" [server] { "load.data" (n_samples = 1500) } });
/// });
/// ```
#[macro_export]
macro_rules! assert_span_tree {
    ($spans:expr, { $($expected:tt)* } $(,)?) => {
        if let ::core::result::Result::Err(diff) =
            $crate::tree::compare(&$spans, &$crate::span_tree!($($expected)*))
        {
            ::core::panic!("{diff}");
        }
    };
}

/// Adds spans to the tree `$list`.
#[doc(hidden)]
#[macro_export]
macro_rules! __expected_spans {
    ($list:ident) => {};
    ($list:ident .. $($rest:tt)*) => {
        $list.and_others();
        $crate::__expected_spans!($list $($rest)*);
    };
    ($list:ident , $($rest:tt)*) => {
        $crate::__expected_spans!($list $($rest)*);
    };
    ($list:ident $name:literal $($rest:tt)*) => {
        #[allow(unused_mut, reason = "a span that only has a name is not changed")]
        let mut span = $crate::tree::ExpectedSpan::new($name);
        $crate::__expected_span!($list span $($rest)*);
    };
}

/// Adds to the span `$span` what stands behind its name, then the span to the tree `$list`.
#[doc(hidden)]
#[macro_export]
macro_rules! __expected_span {
    ($list:ident $span:ident [ $kind:ident ] $($rest:tt)*) => {
        $span.kind($crate::__span_kind!($kind));
        $crate::__expected_span!($list $span $($rest)*);
    };
    ($list:ident $span:ident ( $($attributes:tt)* ) $($rest:tt)*) => {
        $crate::__expected_attributes!($span $($attributes)*);
        $crate::__expected_span!($list $span $($rest)*);
    };
    ($list:ident $span:ident { $($children:tt)* } $($rest:tt)*) => {
        $span.children($crate::span_tree!($($children)*));
        $list.push($span);
        $crate::__expected_spans!($list $($rest)*);
    };
    ($list:ident $span:ident $($rest:tt)*) => {
        $list.push($span);
        $crate::__expected_spans!($list $($rest)*);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __expected_attributes {
    ($span:ident) => {};
    ($span:ident $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $span.attribute(::core::stringify!($key), $value);
        $($crate::__expected_attributes!($span $($rest)*);)?
    };
    ($span:ident $key:literal = $value:expr $(, $($rest:tt)*)?) => {
        $span.attribute($key, $value);
        $($crate::__expected_attributes!($span $($rest)*);)?
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __span_kind {
    (internal) => {
        $crate::__private::SpanKind::Internal
    };
    (server) => {
        $crate::__private::SpanKind::Server
    };
    (client) => {
        $crate::__private::SpanKind::Client
    };
    (producer) => {
        $crate::__private::SpanKind::Producer
    };
    (consumer) => {
        $crate::__private::SpanKind::Consumer
    };
}
