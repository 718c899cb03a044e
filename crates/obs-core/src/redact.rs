//! [`Redactor`]: what of a value may be recorded, judged by the name it goes by.

use std::borrow::Cow;

/// Bytes of text kept of one value.
pub const MAX_TEXT: usize = 256;

/// What is recorded in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Parts of names whose values are secrets, without separators.
const SECRETS: [&str; 8] =
    ["password", "passwd", "secret", "token", "apikey", "authorization", "credential", "privatekey"];

/// What stands at the end of text that was cut.
const CUT: &str = "…";

/// Decides what of a value is recorded when nobody chose it by hand, such as an argument of a traced function.
///
/// A name is secret when it contains `password`, `passwd`, `secret`, `token`, `api_key`, `authorization`, `credential` or
/// `private_key`, in upper or lower case and with whatever separators (`apiKey`, `X-Api-Key`). Counts of tokens are none:
/// `max_tokens` and everything else that ends in `_tokens`. Text longer than [`MAX_TEXT`] bytes is cut.
///
/// ```
/// use obs_core::redact::{REDACTED, Redactor};
/// let redactor = Redactor;
/// assert_eq!(redactor.text("db_password", "hunter2"), REDACTED);
/// assert_eq!(redactor.text("equipment", "FD_FAN"), "FD_FAN");
/// assert!(!redactor.is_secret("max_tokens"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Redactor;

impl Redactor {
    /// Whether nothing but [`REDACTED`] may be recorded under this name.
    pub fn is_secret(self, name: &str) -> bool {
        let counts_tokens = ends_with(name.as_bytes(), b"_tokens");
        (0..name.len()).any(|from| {
            let rest = &name.as_bytes()[from..];
            SECRETS.iter().any(|secret| begins_with(rest, secret) && !(counts_tokens && *secret == "token"))
        })
    }

    /// The text to record: [`REDACTED`] for a secret name, else at most [`MAX_TEXT`] bytes of the text, cut between
    /// characters and ending in `…` if something is missing.
    pub fn text<'a>(self, name: &str, text: &'a str) -> Cow<'a, str> {
        if self.is_secret(name) {
            Cow::Borrowed(REDACTED)
        } else if text.len() <= MAX_TEXT {
            Cow::Borrowed(text)
        } else {
            let kept = text.floor_char_boundary(MAX_TEXT - CUT.len());
            Cow::Owned([&text[..kept], CUT].concat())
        }
    }
}

/// Whether the letters and digits of `name` begin with those of `part`, which is in lower case.
fn begins_with(name: &[u8], part: &str) -> bool {
    let mut letters = name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    // Nearly always the first letter decides.
    name[0].to_ascii_lowercase() == part.as_bytes()[0]
        && part.bytes().all(|wanted| letters.next() == Some(wanted))
}

/// Whether `name` ends in `part`, in upper or lower case.
fn ends_with(name: &[u8], part: &[u8]) -> bool {
    name.len() >= part.len() && name[name.len() - part.len()..].eq_ignore_ascii_case(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-09
    #[test]
    fn names_of_secrets_are_known_however_they_are_spelled() {
        let secret = [
            "password",
            "PASSWORD",
            "db_password",
            "user_passwd",
            "client_secret",
            "secretKey",
            "token",
            "access_token",
            "tokens",
            "refreshToken",
            "api_key",
            "apikey",
            "apiKey",
            "X-Api-Key",
            "authorization",
            "proxy_authorization",
            "credential",
            "aws_credentials",
            "private_key",
            "PrivateKey",
            "ssh.private.key",
            "secret_tokens",
        ];
        for name in secret {
            assert!(Redactor.is_secret(name), "{name}");
        }
        let plain = [
            "",
            "equipment",
            "rows",
            "max_tokens",
            "MAX_TOKENS",
            "prompt_tokens",
            "n_tokens",
            "key",
            "path",
            "author",
            "api_version",
            "private",
            "pass",
            "keys",
        ];
        for name in plain {
            assert!(!Redactor.is_secret(name), "{name}");
        }
    }

    /// SEC-09
    #[test]
    fn text_under_a_secret_name_is_never_recorded() {
        assert_eq!(Redactor.text("api_key", "sk-123"), REDACTED);
        assert_eq!(Redactor.text("password", ""), REDACTED);
        assert_eq!(Redactor.text("password", &"x".repeat(1000)), REDACTED);
    }

    /// SEC-09
    #[test]
    fn long_text_is_cut_between_characters_and_says_so() {
        for (text, kept) in [
            (String::new(), String::new()),
            ("a".repeat(MAX_TEXT), "a".repeat(MAX_TEXT)),
            ("a".repeat(MAX_TEXT + 1), format!("{}…", "a".repeat(253))),
            ("ü".repeat(200), format!("{}…", "ü".repeat(126))),
            ("😀".repeat(65), format!("{}…", "😀".repeat(63))),
        ] {
            let recorded = Redactor.text("note", &text);
            assert_eq!(recorded, kept);
            assert!(recorded.len() <= MAX_TEXT);
        }
    }
}
