//! [`Failed`]: what is recorded of an error, depending on what its type can say of itself.
//!
//! The macro calls `(&&&&Failed(&error)).record(span)`. The compiler takes the first of the four traits, in the order of the
//! references it has to take away, that is there for the type: [`IsError`], [`IsErrorBehind`], [`IsText`], [`IsAnything`].

use crate::error_type::{chain, error_type};
use crate::span::Span;
use obs_core::keys;
use std::any::type_name;
use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;

/// An error of any type.
#[derive(Debug)]
pub struct Failed<'a, E>(pub &'a E);

/// Errors that are [`std::error::Error`]: type, message, causes.
pub trait IsError {
    /// Fails the span.
    fn record(&self, span: &mut Span);
}

impl<E: Error> IsError for &&&Failed<'_, E> {
    fn record(&self, span: &mut Span) {
        span.record_error(self.0);
    }
}

/// Errors that are a pointer to one, such as `Box<dyn Error>` and `anyhow::Error`: type, message, causes.
pub trait IsErrorBehind {
    /// Fails the span.
    fn record(&self, span: &mut Span);
}

impl<E: Deref<Target: Error>> IsErrorBehind for &&Failed<'_, E> {
    fn record(&self, span: &mut Span) {
        let error: &E::Target = self.0;
        // That it is in a box says less than what is in it.
        let kind = if type_name::<E>().starts_with("alloc::") {
            error_type::<E::Target>()
        } else {
            error_type::<E>()
        };
        span.record_failure(kind, &error.to_string(), Some(&chain(error)));
    }
}

/// Errors that can be displayed, such as `String`: type and message.
pub trait IsText {
    /// Fails the span.
    fn record(&self, span: &mut Span);
}

impl<E: Display> IsText for &Failed<'_, E> {
    fn record(&self, span: &mut Span) {
        span.record_failure(error_type::<E>(), &self.0.to_string(), None);
    }
}

/// All others: the type.
pub trait IsAnything {
    /// Fails the span.
    fn record(&self, span: &mut Span);
}

impl<E> IsAnything for Failed<'_, E> {
    fn record(&self, span: &mut Span) {
        let kind = error_type::<E>();
        span.error(kind);
        for key in [keys::ERROR_TYPE, keys::OTEL_ERROR_TYPE] {
            span.set(key, kind);
        }
    }
}
