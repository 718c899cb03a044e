//! One source: parsed, its names found and judged.

use std::str::FromStr as _;
use std::thread;

use proc_macro2::{LineColumn, TokenStream, TokenTree};

use super::files::File;
use super::{Finding, Severity, judge, scan};

/// Deepest nesting of brackets that is read. Code that people write stays far below; the parser would run out of stack.
const DEEPEST: usize = 200;
/// Longest stretch without a semicolon that is read, in tokens, with those before each bracket around it; commas and
/// literals, of which tables are made, do not count. The parser calls itself for each operator of a chain such as
/// `!!!!x`.
const LONGEST: usize = 30_000;
/// Stack of the parser, in bytes. It needs up to 4 kB for each token of a chain.
const STACK: usize = 256 << 20;

/// What the comment that keeps the lint quiet begins with.
const ALLOW: &str = "obs-lint: allow";

/// What is to be said about a source.
#[derive(Debug)]
pub(super) struct Checked {
    /// Names found.
    pub(super) names: usize,
    pub(super) findings: Vec<Finding>,
}

/// A source that is not looked into, and why.
struct Refused {
    at: LineColumn,
    why: String,
}

/// Finds and judges the names of a file. A file that is no Rust source gives one error.
pub(super) fn check(file: &File) -> Checked {
    let start = LineColumn { line: 1, column: 0 };
    // On a thread of its own for its stack; tokens know their lines on the thread that read them only.
    let checked = thread::scope(|scope| {
        let thread = thread::Builder::new().name("lint-obs".to_owned()).stack_size(STACK);
        let started = thread.spawn_scoped(scope, || look(file));
        let refused = |why: String| Err(Refused { at: start, why });
        match started {
            Ok(thread) => thread.join().unwrap_or_else(|_| refused("the parser panicked".to_owned())),
            Err(error) => refused(format!("no thread to parse it: {error}")),
        }
    });
    checked.unwrap_or_else(|refused| Checked {
        names: 0,
        findings: vec![finding(file, refused.at, Severity::Error, refused.why)],
    })
}

fn look(file: &File) -> Result<Checked, Refused> {
    let text = text(&file.bytes)?;
    let tokens = parse(text)?;
    let lines: Vec<&str> = text.lines().collect();
    let found = scan::scan(tokens, file.test);
    let mut findings = Vec::new();
    for name in &found {
        let allowed = [name.call_line, name.at.line].iter().find_map(|line| allow_before(&lines, *line));
        match allowed {
            Some(reason) if !reason.is_empty() => {}
            Some(_) => findings.push(finding(
                file,
                name.at,
                Severity::Warning,
                format!("`{ALLOW}` needs a reason: `// {ALLOW}(a name of another program)`"),
            )),
            None => findings.extend(
                judge::judge(name)
                    .into_iter()
                    .filter(|(severity, _)| !name.test || *severity == Severity::Error)
                    .map(|(severity, message)| finding(file, name.at, severity, message)),
            ),
        }
    }
    Ok(Checked { names: found.len(), findings })
}

fn finding(file: &File, at: LineColumn, severity: Severity, message: String) -> Finding {
    Finding { path: file.path.clone(), line: at.line, column: at.column + 1, severity, message }
}

/// The file as text, without a mark of byte order and with a first line for the shell made empty.
fn text(bytes: &[u8]) -> Result<&str, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let last = before.rsplit('\n').next().unwrap_or_default();
        let at = LineColumn { line: 1 + before.matches('\n').count(), column: last.chars().count() };
        Refused { at, why: "not UTF-8 text".to_owned() }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shell = text.starts_with("#!") && !text[2..].trim_start().starts_with('[');
    Ok(if shell { text.find('\n').map_or("", |end| &text[end..]) } else { text })
}

/// The tokens of a text that is Rust.
fn parse(text: &str) -> Result<TokenStream, Refused> {
    let tokens = TokenStream::from_str(text).map_err(|error| Refused {
        at: error.span().start(),
        why: "not Rust: a bracket, text or comment that is not closed, or a character no token begins with"
            .to_owned(),
    })?;
    check_size(&tokens)?;
    syn::parse2::<syn::File>(tokens.clone())
        .map_err(|error| Refused { at: error.span().start(), why: format!("not Rust: {error}") })?;
    Ok(tokens)
}

/// Refuses what the parser might run out of stack on. Does not call itself, for the same reason.
fn check_size(tokens: &TokenStream) -> Result<(), Refused> {
    let mut level = vec![(tokens.clone(), 0)];
    for _ in 0..=DEEPEST {
        let mut below = Vec::new();
        for (stream, around) in level {
            let mut length = around;
            for token in stream {
                length = match &token {
                    TokenTree::Punct(punct) if punct.as_char() == ';' => around,
                    TokenTree::Punct(punct) if punct.as_char() == ',' => length,
                    TokenTree::Literal(_) => length,
                    _ => length + 1,
                };
                if length > LONGEST {
                    let why = format!("more than {LONGEST} tokens without a semicolon");
                    return Err(Refused { at: token.span().start(), why });
                }
                if let TokenTree::Group(group) = token {
                    below.push((group.stream(), length));
                }
            }
        }
        level = below;
    }
    match level.into_iter().flat_map(|(stream, _)| stream).next() {
        Some(token) => {
            let why = format!("brackets nested more than {DEEPEST} deep");
            Err(Refused { at: token.span().start(), why })
        }
        None => Ok(()),
    }
}

/// The reason of a comment that allows names on `line`; empty for one without.
fn allow_before<'a>(lines: &[&'a str], line: usize) -> Option<&'a str> {
    let comment = lines.get(line.checked_sub(2)?)?.trim().strip_prefix("//")?.trim_start();
    let reason = comment.strip_prefix(ALLOW)?.trim();
    Some(reason.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default().trim())
}
