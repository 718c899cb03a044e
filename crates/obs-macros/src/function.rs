//! [`Function`]: what an attribute stands on.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{AttrStyle, Attribute, Error, FnArg, Pat, Result, Signature, Token, Visibility, braced, token};

/// A function with a body. The body is not parsed: the compiler does that, with its own messages.
pub(crate) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    default: Option<Token![default]>,
    pub(crate) signature: Signature,
    /// The body in its braces, without the attributes that may stand in it.
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let default =
            if input.peek(Token![default]) && !input.peek2(Token![!]) { input.parse()? } else { None };
        let is_function = input.peek(Token![fn])
            || input.peek(Token![async])
            || input.peek(Token![unsafe])
            || input.peek(Token![extern])
            || (input.peek(Token![const]) && !input.peek3(Token![:]));
        if !is_function {
            return Err(input.error("this attribute goes on functions and methods"));
        }
        let signature: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(Error::new_spanned(
                &signature.ident,
                "a function without a body does nothing that could be recorded: put the attribute on those with one",
            ));
        }
        let content;
        let brace: token::Brace = braced!(content in input);
        for mut attribute in content.call(Attribute::parse_inner)? {
            attribute.style = AttrStyle::Outer;
            attributes.push(attribute);
        }
        let mut body = Group::new(Delimiter::Brace, content.parse()?);
        body.set_span(brace.span.join());
        Ok(Self { attributes, visibility, default, signature, body })
    }
}

impl Function {
    /// Refuses functions that no attribute of ours can work on.
    pub(crate) fn check(&self) -> Result<()> {
        let Signature { constness, variadic, .. } = &self.signature;
        if let Some(constness) = constness {
            return Err(Error::new_spanned(
                constness,
                "a `const fn` may run while the program is compiled, where nothing can be recorded",
            ));
        }
        if let Some(variadic) = variadic {
            return Err(Error::new_spanned(
                variadic,
                "a function with variadic arguments cannot be recorded",
            ));
        }
        Ok(())
    }

    /// What stands in the braces: as a block of its own it could draw the remark that it needs none.
    pub(crate) fn statements(&self) -> TokenStream {
        self.body.stream()
    }

    /// The function with another body.
    pub(crate) fn with_body(&self, body: impl ToTokens) -> TokenStream {
        let Self { attributes, visibility, default, signature, .. } = self;
        quote!(#(#attributes)* #visibility #default #signature { #body })
    }

    /// Names of the arguments that are plain names.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = Argument<'_>> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pattern) if pattern.subpat.is_none() => {
                    Some(Argument { name: &pattern.ident, ty: &typed.ty, attributes: &typed.attrs })
                }
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
    }
}

/// An argument that is a plain name.
pub(crate) struct Argument<'a> {
    pub(crate) name: &'a syn::Ident,
    pub(crate) ty: &'a syn::Type,
    pub(crate) attributes: &'a [Attribute],
}
