//! The name that calls go by: what was given, else the function's own.

use crate::function::Function;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::LitStr;
use syn::ext::IdentExt;

/// A name and the constant that refuses it, while the program is compiled, if it breaks the rules of span names.
pub(crate) struct Name {
    pub(crate) text: LitStr,
    pub(crate) check: TokenStream,
}

impl Name {
    /// `private` is the path of what the expansion may call.
    pub(crate) fn of(given: Option<&LitStr>, function: &Function, private: &TokenStream) -> Self {
        let ident = &function.signature.ident;
        let own = || LitStr::new(&ident.unraw().to_string(), ident.span());
        let text = given.cloned().unwrap_or_else(own);
        let private = at(private, text.span());
        let check = quote_spanned!(text.span()=> const _: () = #private::check_literal(#text););
        Self { text, check }
    }
}

/// The same tokens at another place of the source, where a message about them will point.
fn at(tokens: &TokenStream, span: Span) -> TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token: TokenTree| {
        token.set_span(span);
        token
    });
    moved.collect()
}
