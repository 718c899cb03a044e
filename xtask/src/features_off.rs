//! `cargo xtask features-off`: calls that make spans compile to nothing without the feature `trace` of `obs`.
//!
//! `crates/obs-features-off` has functions with spans beside the same ones without. It is built for release with every
//! feature off, and the machine code of both is compared, as the compiler writes it down.

mod assembly;

use std::env;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::repo;
use crate::said::{Said, counted};
use assembly::Assembly;

/// A function with spans, and the one without that it must be the same as.
const PAIRS: [(&str, &str); 4] = [
    ("in_spans", "bare"),
    ("in_spans_of", "bare"),
    ("in_attribute", "bare"),
    ("result_in_attribute", "bare_result"),
];

/// Why the functions could not be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Cargo cannot be started.
    #[error("cannot start {}", .0.display())]
    Start(PathBuf, #[source] io::Error),
    /// The crate does not build.
    #[error("cargo could not build obs-features-off: {0}")]
    Build(ExitStatus),
    /// The machine code cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// There is no machine code of a function.
    #[error("{}: no function `{name}`", path.display())]
    Missing { path: PathBuf, name: &'static str },
}

/// Runs the task; not good when a function with spans is not the one without.
pub(crate) fn run() -> Result<Said, Error> {
    let path = build()?;
    let text = std::fs::read_to_string(&path).map_err(|e| Error::Read(path.clone(), e))?;
    compare(&Assembly::of(&text), &path)
}

/// Builds the crate; returns where its machine code is.
fn build() -> Result<PathBuf, Error> {
    let cargo = PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| repo::root().join("target"), PathBuf::from);
    // Its own folder, so that nothing has been built with other features there.
    let target = target.join("features-off");
    let code = target.join("functions.s");
    let status = Command::new(&cargo)
        .current_dir(repo::root())
        .args(["rustc", "--quiet", "--package", "obs-features-off", "--lib", "--release", "--target-dir"])
        .arg(&target)
        // Nothing runs: crates of others may be as slow as they like, and positions in the source are of no use.
        .args([
            "--config",
            "profile.release.package.\"*\".opt-level=0",
            "--config",
            "profile.release.debug=0",
        ])
        .args(["--", "-Ccodegen-units=1"])
        .arg(format!("--emit=asm={}", code.display()))
        .status()
        .map_err(|e| Error::Start(cargo.clone(), e))?;
    if status.success() { Ok(code) } else { Err(Error::Build(status)) }
}

fn compare(assembly: &Assembly, path: &Path) -> Result<Said, Error> {
    let function = |name| {
        let missing = || Error::Missing { path: path.to_owned(), name };
        assembly.function(name).ok_or_else(missing)
    };
    let mut said = Said::well(String::new());
    for (with, without) in PAIRS {
        let (theirs, bare) = (function(with)?, function(without)?);
        // Writing to a string cannot fail.
        let _ = if theirs == bare {
            let length = counted(bare.len(), "line");
            writeln!(said.text, "features-off: `{with}` is `{without}`, {length} of machine code")
        } else {
            said.good = false;
            let (theirs, bare) = (theirs.join("\n"), bare.join("\n"));
            writeln!(
                said.text,
                "features-off: `{with}` is not `{without}`\n{with}:\n{theirs}\n{without}:\n{bare}"
            )
        };
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function of the pairs, with the same body but for `in_attribute`.
    fn assembly(odd: &str) -> String {
        let function = |name: &str, body: &str| {
            format!("_RNvCs1_3off{}{name}:\n\t.cfi_startproc\n\t{body}\n\tretq\n\t.cfi_endproc\n", name.len())
        };
        let usual = ["in_spans", "in_spans_of", "bare", "bare_result", "result_in_attribute"];
        usual.iter().map(|name| function(name, "nop")).collect::<String>() + &function("in_attribute", odd)
    }

    #[test]
    fn functions_that_are_the_same_are_well() {
        let said = compare(&Assembly::of(&assembly("nop")), Path::new("x.s")).unwrap();
        assert!(said.good);
        assert!(said.text.starts_with("features-off: `in_spans` is `bare`, 2 lines of machine code\n"));
    }

    #[test]
    fn one_that_is_not_is_told_with_both() {
        let said = compare(&Assembly::of(&assembly("callq start")), Path::new("x.s")).unwrap();
        assert!(!said.good);
        let told = "`in_attribute` is not `bare`\nin_attribute:\ncallq start\nretq\nbare:\nnop\nretq\n";
        assert!(said.text.contains(told), "{}", said.text);
    }

    #[test]
    fn one_that_is_not_there_is_an_error() {
        let error = compare(&Assembly::of(""), Path::new("x.s")).unwrap_err();
        assert_eq!(error.to_string(), "x.s: no function `in_spans`");
    }
}
