//! Which arguments are recorded: those whose type is written as a primitive.

use crate::function::{Argument, Function};
use crate::options::TracedOptions;
use syn::{Error, GenericArgument, Ident, PathArguments, Result, Type};

/// Types that hold one number, one word or one text.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "String", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
    "usize", "f32", "f64",
];

/// The arguments to record.
pub(crate) fn recorded<'a>(options: &TracedOptions, function: &'a Function) -> Result<Vec<Argument<'a>>> {
    for skipped in &options.skip {
        if skipped != "self" && !function.arguments().any(|argument| argument.name == skipped) {
            return Err(Error::new(skipped.span(), unknown(skipped, function)));
        }
    }
    if options.skip_all {
        return Ok(Vec::new());
    }
    let wanted = |argument: &Argument<'_>| !options.skip.contains(argument.name) && is_primitive(argument.ty);
    Ok(function.arguments().filter(wanted).collect())
}

fn unknown(skipped: &Ident, function: &Function) -> String {
    let names: Vec<String> = function.arguments().map(|argument| format!("`{}`", argument.name)).collect();
    let known = if names.is_empty() { "no arguments with names".to_owned() } else { names.join(", ") };
    format!("`{skipped}` is no argument of `{}`, which has {known}", function.signature.ident)
}

/// Booleans, numbers, `char`, `&str`, `String`, `&String`, and `Option` of those.
fn is_primitive(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_primitive(&group.elem),
        Type::Paren(paren) => is_primitive(&paren.elem),
        Type::Reference(reference) => {
            reference.mutability.is_none()
                && (named(&reference.elem, "str").is_some() || named(&reference.elem, "String").is_some())
        }
        _ if PRIMITIVES.iter().any(|name| named(ty, name).is_some()) => true,
        _ => match named(ty, "Option") {
            Some(PathArguments::AngleBracketed(arguments)) => {
                matches!(arguments.args.first(), Some(GenericArgument::Type(inner)) if is_primitive(inner))
            }
            _ => false,
        },
    }
}

/// The generic arguments of a type that is written with this name alone, or with a path of the standard library.
fn named<'a>(ty: &'a Type, name: &str) -> Option<&'a PathArguments> {
    let Type::Path(path) = ty else { return None };
    let (first, last) = (path.path.segments.first()?, path.path.segments.last()?);
    let is_standard = ["std", "core", "alloc"].iter().any(|krate| first.ident == krate);
    let is_plain = path.qself.is_none() && (path.path.segments.len() == 1 || is_standard);
    (is_plain && last.ident == name).then_some(&last.arguments)
}

#[cfg(test)]
mod tests {
    use super::is_primitive;

    fn check(text: &str) -> bool {
        is_primitive(&syn::parse_str(text).unwrap())
    }

    /// TRC-02, SEC-09
    #[test]
    fn only_types_written_as_primitives_are_recorded() {
        for text in [
            "bool",
            "u8",
            "i128",
            "usize",
            "f64",
            "char",
            "String",
            "&str",
            "&'static str",
            "&'a String",
            "(u32)",
            "Option<u32>",
            "Option<&str>",
            "Option<String>",
            "std::string::String",
            "core::option::Option<bool>",
            "::std::option::Option<::std::string::String>",
            "Option<Option<u8>>",
        ] {
            assert!(check(text), "{text}");
        }
        for text in [
            "str",
            "&mut str",
            "&mut String",
            "Vec<u8>",
            "&[u8]",
            "T",
            "impl Into<String>",
            "Box<str>",
            "Secret",
            "my::String",
            "Option<Secret>",
            "Result<u8, u8>",
            "(u32, u32)",
            "&u32",
            "*const u8",
            "[u8; 4]",
            "<T as Trait>::String",
            "Cow<'_, str>",
            "Option",
            "fn() -> u8",
        ] {
            assert!(!check(text), "{text}");
        }
    }
}
