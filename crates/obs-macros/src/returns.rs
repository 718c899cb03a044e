//! [`Returns`]: what a function gives back, as far as it shows in what is written.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Token, Type, TypeInfer,
    TypeParamBound, token,
};

/// How a function's value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// By the time it returns.
    Now,
    /// `async fn`.
    Async,
    /// It returns `impl Future`.
    Future,
    /// It returns `Pin<Box<dyn Future>>`, written so or as `BoxFuture`, as `async_trait` makes it.
    Boxed,
}

/// What a function gives back.
pub(crate) struct Returns {
    pub(crate) shape: Shape,
    /// The type in the signature, without `impl Trait`; `()` when there is none.
    pub(crate) written: Type,
    /// The type of the value, for a future that of its output; `_` where it is not written.
    value: Type,
}

impl Returns {
    pub(crate) fn of(signature: &Signature) -> Self {
        let full = match &signature.output {
            ReturnType::Default => Type::Tuple(syn::TypeTuple {
                attrs: Vec::new(),
                paren_token: token::Paren::default(),
                elems: Punctuated::new(),
            }),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        let (shape, value) = if signature.asyncness.is_some() {
            (Shape::Async, full.clone())
        } else {
            future(&full).unwrap_or_else(|| (Shape::Now, full.clone()))
        };
        Self { shape, written: nameable(full), value: nameable(value) }
    }

    /// Whether the value's type is written as a `Result`.
    pub(crate) fn is_result(&self) -> bool {
        last_segment(&self.value).is_some_and(|segment| segment.ident == "Result")
    }

    /// `Option::None` of the value's type, to tell an async block what it returns; nothing where it cannot be said.
    pub(crate) fn hint(&self, private: &TokenStream) -> TokenStream {
        match &self.value {
            Type::Never(_) => TokenStream::new(),
            value => quote_spanned! {Span::mixed_site()=>
                if let #private::Some(value) = #private::None::<#value> {
                    return value;
                }
            },
        }
    }
}

/// If the type is one of a future, its shape and output.
fn future(ty: &Type) -> Option<(Shape, Type)> {
    match ty {
        Type::Group(group) => future(&group.elem),
        Type::Paren(paren) => future(&paren.elem),
        Type::ImplTrait(bounds) => Some((Shape::Future, output(&bounds.bounds)?)),
        _ => {
            let segment = last_segment(ty)?;
            if segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture" {
                return Some((Shape::Boxed, first_type(segment)?.clone()));
            }
            let boxed = (segment.ident == "Pin").then(|| first_type(segment)).flatten()?;
            let boxed = last_segment(boxed).filter(|segment| segment.ident == "Box")?;
            match first_type(boxed)? {
                Type::TraitObject(bounds) => Some((Shape::Boxed, output(&bounds.bounds)?)),
                _ => None,
            }
        }
    }
}

/// If `Future` is among the bounds, its output, `_` if it is not written.
fn output(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<Type> {
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let segment = bound.path.segments.last().filter(|segment| segment.ident == "Future")?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Some(inferred()) };
        let written = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
            _ => None,
        });
        Some(written.unwrap_or_else(inferred))
    })
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn first_type(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type with `_` for each `impl Trait`, which may stand in a signature only.
fn nameable(mut ty: Type) -> Type {
    infer_impl(&mut ty);
    ty
}

/// `_`
fn inferred() -> Type {
    Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token: <Token![_]>::default() })
}

fn infer_impl(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = inferred(),
        Type::Array(array) => infer_impl(&mut array.elem),
        Type::Group(group) => infer_impl(&mut group.elem),
        Type::Paren(paren) => infer_impl(&mut paren.elem),
        Type::Ptr(pointer) => infer_impl(&mut pointer.elem),
        Type::Reference(reference) => infer_impl(&mut reference.elem),
        Type::Slice(slice) => infer_impl(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl),
        Type::Path(path) => path.path.segments.iter_mut().for_each(infer_in_segment),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    bound.path.segments.iter_mut().for_each(infer_in_segment);
                }
            }
        }
        _ => {}
    }
}

fn infer_in_segment(segment: &mut PathSegment) {
    if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
        for argument in &mut arguments.args {
            match argument {
                GenericArgument::Type(ty) => infer_impl(ty),
                GenericArgument::AssocType(assoc) => infer_impl(&mut assoc.ty),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn of(signature: &str) -> Returns {
        Returns::of(&syn::parse_str(signature).unwrap())
    }

    /// SB-10
    #[test]
    fn futures_are_known_by_how_they_are_written() {
        for (signature, shape, value) in [
            ("fn f()", Shape::Now, "()"),
            ("fn f() -> u8", Shape::Now, "u8"),
            ("async fn f()", Shape::Async, "()"),
            ("async fn f() -> io::Result<u8>", Shape::Async, "io :: Result < u8 >"),
            ("fn f() -> impl Future<Output = u8> + Send", Shape::Future, "u8"),
            (
                "fn f() -> impl Send + core::future::Future<Output = Result<(), E>>",
                Shape::Future,
                "Result < () , E >",
            ),
            ("fn f() -> impl Future", Shape::Future, "_"),
            ("fn f() -> impl Iterator<Item = u8>", Shape::Now, "_"),
            ("fn f() -> Pin<Box<dyn Future<Output = u8>>>", Shape::Boxed, "u8"),
            (
                "fn f() -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = T> + Send + 'a>>",
                Shape::Boxed,
                "T",
            ),
            ("fn f<'a>() -> BoxFuture<'a, Result<u8>>", Shape::Boxed, "Result < u8 >"),
            ("fn f() -> Pin<Box<u8>>", Shape::Now, "Pin < Box < u8 > >"),
            ("fn f() -> Box<dyn Future<Output = u8>>", Shape::Now, "Box < dyn Future < Output = u8 > >"),
        ] {
            let returns = of(signature);
            assert_eq!(
                (returns.shape, returns.value.to_token_stream().to_string().as_str()),
                (shape, value),
                "{signature}"
            );
        }
    }

    #[test]
    fn a_result_is_known_by_its_last_name() {
        for signature in [
            "fn f() -> Result<u8, E>",
            "async fn f() -> std::io::Result<()>",
            "fn f() -> anyhow::Result<u8>",
            "fn f() -> Pin<Box<dyn Future<Output = Result<u8, E>> + Send>>",
            "fn f() -> (Result<u8, u8>)",
        ] {
            assert!(of(signature).is_result(), "{signature}");
        }
        for signature in
            ["fn f()", "fn f() -> Option<Result<u8, E>>", "fn f() -> ResultSet", "fn f() -> &Result<u8, E>"]
        {
            assert!(!of(signature).is_result(), "{signature}");
        }
    }

    #[test]
    fn what_cannot_be_named_is_left_to_the_compiler() {
        for (signature, written) in [
            ("fn f() -> impl Clone", "_"),
            ("fn f() -> Result<impl Iterator<Item = u8>, E>", "Result < _ , E >"),
            ("fn f() -> (u8, [impl Clone; 2], &'a impl Clone)", "(u8 , [_ ; 2] , & 'a _)"),
            ("fn f() -> Box<dyn Iterator<Item = impl Clone>>", "Box < dyn Iterator < Item = _ > >"),
        ] {
            assert_eq!(of(signature).written.to_token_stream().to_string(), written, "{signature}");
        }
    }
}
