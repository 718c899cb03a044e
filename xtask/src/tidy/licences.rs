//! Rule: each licence that the manifests name lies at the root.

use toml::{Table, Value};

use super::Problem;
use super::files::File;

/// The file of each licence we may name.
const LICENCES: [(&str, &str); 2] = [("Apache-2.0", "LICENSE-APACHE"), ("MIT", "LICENSE-MIT")];

/// Compares `workspace.package.license` with the files at the root.
pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let manifest =
        files.iter().find(|file| file.path == "Cargo.toml").and_then(|file| file.text.parse::<Table>().ok());
    let named = manifest
        .as_ref()
        .and_then(|t| t.get("workspace")?.get("package")?.get("license"))
        .and_then(Value::as_str);
    let Some(named) = named else {
        return vec![Problem::of_file("Cargo.toml", "`workspace.package.license` is missing")];
    };
    named.split(" OR ").filter_map(|licence| check_licence(licence.trim(), files)).collect()
}

fn check_licence(licence: &str, files: &[File]) -> Option<Problem> {
    let Some((_, path)) = LICENCES.iter().find(|(name, _)| *name == licence) else {
        return Some(Problem::of_file(
            "Cargo.toml",
            format!("tidy knows no file for the licence `{licence}`"),
        ));
    };
    match files.iter().find(|file| file.path == *path) {
        None => Some(Problem::of_file(path, format!("the text of {licence} is missing"))),
        Some(file) if file.text.trim().is_empty() => Some(Problem::of_file(path, "is empty")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(licence: &str, texts: &[(&str, &str)]) -> Vec<String> {
        let manifest = ("Cargo.toml", format!("[workspace.package]\nlicense = \"{licence}\"\n"));
        let texts = texts.iter().map(|(path, text)| (*path, (*text).to_owned()));
        let files: Vec<File> = std::iter::once(manifest)
            .chain(texts)
            .map(|(path, text)| File { path: path.to_owned(), text })
            .collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_texts_at_the_root_pass() {
        assert!(problems("MIT OR Apache-2.0", &[("LICENSE-MIT", "x"), ("LICENSE-APACHE", "y")]).is_empty());
    }

    #[test]
    fn missing_empty_and_unknown_licences_are_told() {
        assert_eq!(problems("MIT", &[]), ["LICENSE-MIT: the text of MIT is missing"]);
        assert_eq!(problems("Apache-2.0", &[("LICENSE-APACHE", "\n")]), ["LICENSE-APACHE: is empty"]);
        assert_eq!(problems("WTFPL", &[]), ["Cargo.toml: tidy knows no file for the licence `WTFPL`"]);
        assert_eq!(check(&[]).len(), 1);
    }
}
