//! Which tokens of a source are code for tests only.

use proc_macro2::{Delimiter, Group, TokenTree};

use super::scan::{arguments, attribute_at, is_ident, is_punct};

/// What items begin with, visibility and qualifiers included.
const ITEMS: [&str; 16] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];

/// Whether what an attribute stands on is compiled for tests only: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`.
pub(super) fn is_for_tests(attribute: &Group) -> bool {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match tokens.as_slice() {
        [name, TokenTree::Group(predicate)] if is_ident(Some(name), "cfg") => {
            arguments(predicate).iter().any(|predicate| implies_test(predicate))
        }
        [path @ .., TokenTree::Group(_)] | path => is_ident(path.last(), "test"),
    }
}

/// Whether a predicate of `cfg` holds in tests only.
fn implies_test(predicate: &[TokenTree]) -> bool {
    match predicate {
        [name] => is_ident(Some(name), "test"),
        [name, TokenTree::Group(group)] => {
            let mut parts = arguments(group).into_iter().filter(|part| !part.is_empty()).peekable();
            if is_ident(Some(name), "all") {
                parts.any(|part| implies_test(&part))
            } else {
                is_ident(Some(name), "any") && parts.peek().is_some() && parts.all(|part| implies_test(&part))
            }
        }
        _ => false,
    }
}

/// The end of what the attribute at `start` stands on: an item ends with its braces or a semicolon; a field, a variant
/// or an arm of a match ends at a comma as well.
pub(super) fn end_of_item(tokens: &[TokenTree], start: usize) -> usize {
    let mut i = start;
    while let Some((_, inner)) = attribute_at(tokens, i) {
        i += 2 + usize::from(inner);
    }
    let is_item = ITEMS.iter().any(|word| is_ident(tokens.get(i), word));
    while let Some(token) = tokens.get(i) {
        i += 1;
        let braces = matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let comma = !is_item && is_punct(Some(token), ',');
        if braces || comma || is_punct(Some(token), ';') {
            break;
        }
    }
    i
}
