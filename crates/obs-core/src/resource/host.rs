//! `host.*` and `os.*`.

use super::{Attribute, Surroundings, present};
use crate::keys;
use std::env::consts;

pub(super) fn detect(place: &Surroundings<'_>) -> Vec<Attribute> {
    present([
        (keys::HOST_NAME, name(place)),
        (keys::HOST_ARCH, Some(arch(consts::ARCH).to_owned())),
        (keys::HOST_ID, id(place)),
        (keys::OS_TYPE, Some(system(consts::OS).to_owned())),
        (keys::OS_DESCRIPTION, description(place)),
    ])
}

/// The kernel's name for this host, then what the files and variables of other systems call it.
fn name(place: &Surroundings<'_>) -> Option<String> {
    let files = ["proc/sys/kernel/hostname", "etc/hostname"];
    files
        .into_iter()
        .find_map(|path| place.value(path))
        .or_else(|| place.variable(&["HOSTNAME", "COMPUTERNAME"]))
}

/// The machine's id: 32 hexadecimal digits. An image that has not been started yet says `uninitialized` instead.
fn id(place: &Surroundings<'_>) -> Option<String> {
    let files = ["etc/machine-id", "var/lib/dbus/machine-id"];
    files
        .into_iter()
        .filter_map(|path| place.value(path))
        .find(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What os-release(5) calls the system: `Debian GNU/Linux 12 (bookworm)`.
fn description(place: &Surroundings<'_>) -> Option<String> {
    let text = place.read("etc/os-release").or_else(|| place.read("usr/lib/os-release"))?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    Some(unquoted(line))
}

/// A value of os-release: without quotes and the backslashes within them, as a shell would read it.
fn unquoted(text: &str) -> String {
    let mut quote = None;
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quote != Some('\'') => plain.extend(letters.next()),
            '"' | '\'' if quote == Some(letter) => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(letter),
            _ => plain.push(letter),
        }
    }
    plain
}

/// The conventions' name for what Rust calls an architecture.
fn arch(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

/// The conventions' name for what Rust calls an operating system.
fn system(rust: &str) -> &str {
    match rust {
        "macos" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_and_systems_have_the_names_of_the_conventions() {
        assert_eq!(["x86_64", "aarch64", "arm", "s390x"].map(arch), ["amd64", "arm64", "arm32", "s390x"]);
        assert_eq!(["linux", "macos", "windows"].map(system), ["linux", "darwin", "windows"]);
    }

    #[test]
    fn values_of_os_release_are_read_as_a_shell_reads_them() {
        for (text, plain) in [
            ("\"Debian GNU/Linux 12 (bookworm)\"", "Debian GNU/Linux 12 (bookworm)"),
            ("Alpine", "Alpine"),
            ("'It is'\\''nt'", "It is'nt"),
            (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
            ("\"open", "open"),
            ("\\", ""),
        ] {
            assert_eq!(unquoted(text), plain, "{text}");
        }
    }
}
