//! [`span!`](crate::span).

/// Starts a span and makes it the active one until the returned [`SpanGuard`](crate::SpanGuard) drops.
///
/// `span!("name", key = value, "dotted.key" = value, …)` uses the tracer of the process
/// ([`set_global`](crate::set_global)) or of this thread ([`with_default`](crate::with_default)), `span!(tracer, "name", …)`
/// a given one. The name is a literal, checked at compile
/// time; keys without a dot are exported with the `acm.` prefix, and each stands there once; values are text, integers,
/// floats, booleans, or lists of these. Values are not evaluated when the span is not recorded.
///
/// ```
/// # use obs_trace::{Tracer, span};
/// let tracer = Tracer::for_tests();
/// let rows = 1500;
/// drop(span!(tracer, "persist.scores", n_samples = rows, "db.system.name" = "sqlite"));
/// let span = &tracer.take_finished()[0];
/// assert_eq!(span.attribute("acm.n_samples").and_then(|v| v.as_i64()), Some(1500));
/// ```
///
/// ```compile_fail
/// # use obs_trace::{Tracer, span};
/// let _span = span!(Tracer::for_tests(), "data.guardrails.data_quality.missing_values");
/// ```
#[macro_export]
macro_rules! span {
    ($name:literal $(, $($fields:tt)*)?) => {{
        const _: () = $crate::__private::check_literal($name);
        static SITE: $crate::CallSite = $crate::CallSite::new($name);
        #[allow(unused_mut, reason = "a span without fields is not changed")]
        let mut guard = $crate::__private::start(&SITE);
        $($crate::__span_fields!(guard, $($fields)*);)?
        guard
    }};
    ($tracer:expr, $name:literal $(, $($fields:tt)*)?) => {{
        const _: () = $crate::__private::check_literal($name);
        static SITE: $crate::CallSite = $crate::CallSite::new($name);
        #[allow(unused_mut, reason = "a span without fields is not changed")]
        let mut guard = $crate::Tracer::start(&$tracer, &SITE);
        $($crate::__span_fields!(guard, $($fields)*);)?
        guard
    }};
}

/// Sets the fields of `span!`, one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __span_fields {
    ($guard:ident, ) => {};
    ($guard:ident, $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        if $guard.is_recording() {
            static KEY: $crate::__private::Literal = $crate::__private::Literal::new(::core::stringify!($key));
            $guard.add_literal(&KEY, $value);
        }
        $($crate::__span_fields!($guard, $($rest)*);)?
    };
    ($guard:ident, $key:literal = $value:expr $(, $($rest:tt)*)?) => {
        if $guard.is_recording() {
            static KEY: $crate::__private::Literal = $crate::__private::Literal::new($key);
            $guard.add_literal(&KEY, $value);
        }
        $($crate::__span_fields!($guard, $($rest)*);)?
    };
}
