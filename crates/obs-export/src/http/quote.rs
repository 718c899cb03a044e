//! [`first_line`]: what the other side said, made fit to be shown.

use obs_core::Secret;

/// The most that a message quotes, in characters.
const QUOTE: usize = 160;
/// Parts of a secret shorter than this are words and numbers that a message needs.
const SECRET_FROM: usize = 6;

/// The first line of `text` that is not blank, without control characters and without `secrets`.
pub(crate) fn first_line<'a>(text: &str, secrets: impl Iterator<Item = &'a Secret>) -> String {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let mut line: String = line.chars().filter(|c| !c.is_control()).collect();
    // An answer may repeat what it was sent: the whole value, a bearer's token, a parameter of the query.
    for secret in secrets.map(Secret::expose) {
        line = mask(&line, secret);
        for part in secret.split([' ', '=', '&']).filter(|part| part.len() >= SECRET_FROM) {
            line = mask(&line, part);
        }
    }
    line.chars().take(QUOTE).collect()
}

fn mask(line: &str, secret: &str) -> String {
    if secret.is_empty() { line.to_owned() } else { line.replace(secret, "***") }
}
