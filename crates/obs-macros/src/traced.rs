//! `#[traced]`: from a function to one whose calls are spans.
//!
//! What is more than a few calls stands in `obs_trace::__private`, where it is compiled once and not at each function.

use crate::arguments;
use crate::function::Function;
use crate::name::Name;
use crate::options::TracedOptions;
use crate::paths::Target;
use crate::returns::{Returns, Shape};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{LitStr, Result};

pub(crate) fn expand(options: &TracedOptions, function: &Function) -> Result<TokenStream> {
    function.check()?;
    let trace = Target::Trace.path(options.krate.as_ref(), "traced")?;
    let private = quote!(#trace::__private);
    // Local names of this place are not those of the body.
    let here = Span::mixed_site();
    let begin = begin(options, function, &trace, &private)?;
    let (body, statements) = (&function.body, function.statements());
    let returns = Returns::of(&function.signature);
    let written = &returns.written;
    let is_judged = options.err.unwrap_or_else(|| returns.is_result());
    let judge = if is_judged {
        let fail = fail(&private);
        quote_spanned!(here=> |call, value| match value {
            #private::Ok(_) => true,
            #private::Err(error) => {
                #fail
                false
            }
        })
    } else {
        quote_spanned!(here=> |_, _| true)
    };
    let at_call = quote_spanned! {here=>
        #begin
        let future = #private::call(move || -> #written #body);
        let future = #private::run(call.detach(), future, #judge);
    };
    let traced = match returns.shape {
        Shape::Now if is_judged => {
            let fail = fail(&private);
            quote_spanned! {here=>
                #begin
                let mut call = #private::Call::of(call);
                let value = #private::call(move || -> #written #body);
                if let #private::Err(error) = &value {
                    let call = call.fail();
                    #fail
                }
                value
            }
        }
        Shape::Now => quote_spanned! {here=>
            #begin
            let _call = #private::Call::of(call);
            #statements
        },
        Shape::Async => {
            let hint = returns.hint(&private);
            quote_spanned! {here=>
                let call = {
                    #begin
                    call.detach()
                };
                let future = async move {
                    #hint
                    #statements
                };
                #private::run(call, future, #judge).await
            }
        }
        Shape::Future => quote_spanned!(here=> #at_call future),
        Shape::Boxed => quote_spanned!(here=> #at_call #private::Box::pin(future)),
    };
    Ok(function.with_body(traced))
}

/// Makes `call`, the span at work, with all that is known before the body runs.
fn begin(
    options: &TracedOptions,
    function: &Function,
    trace: &TokenStream,
    private: &TokenStream,
) -> Result<TokenStream> {
    let here = Span::mixed_site();
    let Name { text: name, check } = Name::of(options.name.as_ref(), function, private);
    let start = if let Some(tracer) = &options.tracer {
        quote_spanned!(here=> #trace::Tracer::start(&(#tracer), &__OBS_SITE))
    } else {
        quote_spanned!(here=> #private::start(&__OBS_SITE))
    };
    let kind =
        options.kind.as_ref().map(|kind| quote_spanned!(here=> call.set_kind(#private::SpanKind::#kind);));
    let function_name = function.signature.ident.unraw().to_string();
    let arguments = arguments::recorded(options, function)?.into_iter().map(|argument| {
        let (name, plain) = (argument.name, argument.name.unraw().to_string());
        let key = LitStr::new(&format!("arg.{plain}"), name.span());
        let cfg = argument.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        quote_spanned! {here=>
            #(#cfg)*
            {
                use #private::{IsArgument as _, IsNoArgument as _};
                static KEY: #private::Literal = #private::Literal::new(#key);
                (&&#private::Argument(&#name)).record(&mut call, #plain, &KEY);
            }
        }
    });
    let fields = options.fields.iter().map(|field| {
        let (key, value) = (&field.key, &field.value);
        quote_spanned!(here=> call.set(#key, #value);)
    });
    Ok(quote_spanned! {here=>
        let mut call = {
            #check
            static __OBS_SITE: #trace::CallSite = #trace::CallSite::new(#name);
            #start
        };
        if call.is_recording() {
            #kind
            {
                static KEY: #private::Literal = #private::Literal::new(#private::FUNCTION_NAME);
                call.add_literal(&KEY, #private::concat!(#private::module_path!(), "::", #function_name));
            }
            #(#arguments)*
            #(#fields)*
        }
    })
}

/// Fails the span `call` with `error`, as well as the type of `error` allows.
fn fail(private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #private::{IsError as _, IsErrorBehind as _, IsText as _, IsAnything as _};
        (&&&&#private::Failed(error)).record(call)
    }}
}
