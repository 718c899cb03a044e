//! Finds names in the tokens of a source.
//!
//! To a parser the body of a macro is only tokens, and names stand there as often as outside (`drop!(…)`,
//! `assert!(…)`, `tokio::select! {…}`). So one walk over tokens looks everywhere; it never takes a comment or the inside
//! of a text for a name.

use proc_macro2::{Delimiter, Group, LineColumn, Literal, TokenStream, TokenTree};

use super::tests_of_source::{end_of_item, is_for_tests};

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A span, or a timer, which is one.
    Span,
    /// A logger; its last part is a component.
    Logger,
    /// A component by itself.
    Component,
}

/// A name in a source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) what: What,
    pub(super) name: String,
    /// Where the literal begins.
    pub(super) at: LineColumn,
    /// Line of the macro, call or attribute that the literal is part of.
    pub(super) call_line: usize,
    /// Whether it is in code for tests only.
    pub(super) test: bool,
}

/// Every name in `tokens`, in order; `test` when all of them are code for tests.
pub(super) fn scan(tokens: TokenStream, test: bool) -> Vec<Found> {
    let mut found = Vec::new();
    walk(tokens, Place { test, attribute: false }, &mut found);
    found
}

/// What is around tokens.
#[derive(Clone, Copy)]
struct Place {
    test: bool,
    /// Within `#[…]`.
    attribute: bool,
}

fn walk(tokens: TokenStream, place: Place, found: &mut Vec<Found>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut place = place;
    // Tokens before this one belong to an item for tests.
    let mut test_until = 0;
    for (i, token) in tokens.iter().enumerate() {
        if let Some((attribute, inner)) = attribute_at(&tokens, i)
            && is_for_tests(attribute)
        {
            place.test |= inner;
            test_until = test_until.max(end_of_item(&tokens, i));
        }
        let test = place.test || i < test_until;
        if let Some((what, literal)) = name_at(&tokens, i, place)
            && let Some(name) = text_of(&literal)
        {
            let (at, call_line) = (literal.span().start(), token.span().start().line);
            found.push(Found { what, name, at, call_line, test });
        }
        if let TokenTree::Group(group) = token {
            let attribute = place.attribute || is_attribute(&tokens, i);
            walk(group.stream(), Place { test, attribute }, found);
        }
    }
}

/// The literal that is a name because of the token at `i` and those beside it.
fn name_at(tokens: &[TokenTree], i: usize, place: Place) -> Option<(What, Literal)> {
    let next = tokens.get(i + 1);
    let ident = match &tokens[i] {
        TokenTree::Ident(ident) => ident.to_string(),
        // `"component" => "loader"` in the macros of slog.
        TokenTree::Literal(key) if text_of(key).is_some_and(|key| key == "component") => {
            let arrow = is_punct(next, '=') && is_punct(tokens.get(i + 2), '>');
            let Some(TokenTree::Literal(value)) = tokens.get(i + 3) else { return None };
            return arrow.then(|| (What::Component, value.clone()));
        }
        _ => return None,
    };
    let before = i.checked_sub(1).and_then(|before| tokens.get(before));
    if ident == "span" && is_punct(next, '!') {
        // The macro of the crate `tracing` has other names.
        let of_tracing = is_punct(before, ':') && i >= 3 && is_ident(tokens.get(i - 3), "tracing");
        let Some(TokenTree::Group(group)) = tokens.get(i + 2) else { return None };
        let arguments = if of_tracing { Vec::new() } else { arguments(group) };
        // `span!("fit.pca")`, or a tracer first.
        return sole(&arguments, 0).or_else(|| sole(&arguments, 1)).map(|name| (What::Span, name));
    }
    let group = parenthesised(next)?;
    let arguments = arguments(group);
    let (method, function) = (is_punct(before, '.'), !is_punct(before, '.') && !is_ident(before, "fn"));
    match ident.as_str() {
        "start_named" | "span" if method => Some((What::Span, sole(&arguments, 0)?)),
        // `Tracer::start_named(&tracer, "fit.pca")`
        "start_named" if is_punct(before, ':') => Some((What::Span, sole(&arguments, 1)?)),
        "timer" if function => Some((What::Span, sole(&arguments, 0)?)),
        "logger" if method || function => Some((What::Logger, sole(&arguments, 0)?)),
        "traced" | "timed" if place.attribute => {
            Some((What::Span, sole(&arguments, 0).or_else(|| option(&arguments, "name"))?))
        }
        _ => None,
    }
}

/// The attribute whose `#` is at `i`, and whether it is an inner one (`#![…]`).
pub(super) fn attribute_at(tokens: &[TokenTree], i: usize) -> Option<(&Group, bool)> {
    if !is_punct(tokens.get(i), '#') {
        return None;
    }
    let inner = is_punct(tokens.get(i + 1), '!');
    match tokens.get(i + 1 + usize::from(inner)) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some((group, inner)),
        _ => None,
    }
}

/// Whether the group at `i` is the brackets of an attribute.
fn is_attribute(tokens: &[TokenTree], i: usize) -> bool {
    [1, 2].iter().any(|back| {
        i.checked_sub(*back)
            .and_then(|hash| attribute_at(tokens, hash))
            .is_some_and(|(_, inner)| usize::from(inner) + 1 == *back)
    })
}

/// What is between the commas of a group.
pub(super) fn arguments(group: &Group) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    tokens.split(|token| is_punct(Some(token), ',')).map(<[_]>::to_vec).collect()
}

/// Argument `n`, when it is one literal.
fn sole(arguments: &[Vec<TokenTree>], n: usize) -> Option<Literal> {
    match arguments.get(n)?.as_slice() {
        [TokenTree::Literal(literal)] => Some(literal.clone()),
        _ => None,
    }
}

/// The literal of the argument `key = literal`.
fn option(arguments: &[Vec<TokenTree>], key: &str) -> Option<Literal> {
    arguments.iter().find_map(|argument| match argument.as_slice() {
        [name, equals, TokenTree::Literal(literal)]
            if is_ident(Some(name), key) && is_punct(Some(equals), '=') =>
        {
            Some(literal.clone())
        }
        _ => None,
    })
}

/// The text of a literal that is one.
fn text_of(literal: &Literal) -> Option<String> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

fn parenthesised(token: Option<&TokenTree>) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

pub(super) fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

pub(super) fn is_ident(token: Option<&TokenTree>, text: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == text)
}
