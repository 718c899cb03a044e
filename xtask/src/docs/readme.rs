//! Check of the README: its example is the one that `cargo test` runs.

use std::fs;
use std::path::Path;

use super::Error;

const README: &str = "README.md";
const CRATE: &str = "crates/obs/src/lib.rs";

/// Compares the README's example with the first one of the crate's documentation.
pub(super) fn check(root: &Path) -> Result<(), Error> {
    let read = |name: &str| {
        let path = root.join(name);
        fs::read_to_string(&path).map_err(Error::io("read", &path))
    };
    let (readme, tested) = (read(README)?, read(CRATE)?);
    super::compare(README, &shown(&readme), &doctest(&tested))
}

/// The lines of the first Rust block of a page.
fn shown(page: &str) -> String {
    let lines = page.lines().skip_while(|line| *line != "```rust").skip(1);
    lines.take_while(|line| *line != "```").fold(String::new(), |text, line| text + line + "\n")
}

/// The lines of the first example of a crate's documentation, without those that rustdoc hides.
fn doctest(source: &str) -> String {
    let docs =
        source.lines().filter_map(|line| line.strip_prefix("//!")).map(|l| l.strip_prefix(' ').unwrap_or(l));
    let lines = docs.skip_while(|line| *line != "```").skip(1).take_while(|line| *line != "```");
    lines.filter(|line| !line.starts_with("# ")).fold(String::new(), |text, line| text + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_are_compared_without_hidden_lines() {
        let source = "//! Title.\n//!\n//! ```\n//! let a = 1;\n//!\n//! f(a);\n//! # Ok(())\n//! ```\n//! ```\n//! x\n//! ```\n";
        assert_eq!(doctest(source), "let a = 1;\n\nf(a);\n");
        let page = "# T\n```sh\nls\n```\n```rust\nlet a = 1;\n\nf(a);\n```\n";
        assert_eq!(shown(page), doctest(source));
    }

    #[test]
    fn a_page_without_a_block_shows_nothing() {
        assert_eq!(shown("# T\n"), "");
        assert_eq!(doctest("fn main() {}\n"), "");
    }
}
