//! `#[timed]`: from a function to one that is measured.

use crate::function::Function;
use crate::name::Name;
use crate::options::TimedOptions;
use crate::paths::Target;
use crate::returns::{Returns, Shape};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Result;

pub(crate) fn expand(options: &TimedOptions, function: &Function) -> Result<TokenStream> {
    function.check()?;
    let metrics = Target::Metrics.path(options.krate.as_ref(), "timed")?;
    let private = quote!(#metrics::__private);
    let Name { text: name, check } = Name::of(options.name.as_ref(), function, &private);
    // Local names of this place are not those of the body.
    let here = Span::mixed_site();
    let start = if let Some(given) = &options.metrics {
        quote_spanned!(here=> #private::Timed::start_in(&(#given), #name))
    } else {
        quote_spanned!(here=> #private::Timed::start(#name))
    };
    let (body, statements) = (&function.body, function.statements());
    let returns = Returns::of(&function.signature);
    let written = &returns.written;
    let future = quote_spanned! {here=>
        let timed = #start;
        let future = #private::call(move || -> #written #body);
        let future = async move {
            let _timed = timed;
            future.await
        };
    };
    let measured = match returns.shape {
        // A local of the function, in an `async fn` of its future, which drops as the others do.
        Shape::Now | Shape::Async => quote_spanned!(here=> let _timed = #start; #statements),
        Shape::Future => quote_spanned!(here=> #future future),
        Shape::Boxed => quote_spanned!(here=> #future #private::Box::pin(future)),
    };
    Ok(function.with_body(quote_spanned!(here=> #check #measured)))
}
