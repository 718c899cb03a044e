//! The pages of the settings below `docs/reference/`: keys, those of traces apart; variables; and a whole file.

use std::fmt::Write as _;

use obs_core::config::{SETTINGS, Setting};

use super::{cell, head};

const SOURCE: &str = "crates/obs-core/src/config/settings.rs";

/// How settings are made, and every one but those of traces.
pub(super) fn configuration() -> String {
    let mut page = head("Configuration", SOURCE);
    page.push_str(
        "Each setting has one key. The first of these that has a value wins:\n\n\
         1. the program: `Builder::set(key, value)` and the options of `obs run`,\n\
         2. the environment variable, or the first of several (an empty one counts as unset),\n\
         3. the file: TOML with a table per section, given by `Builder::config_file` or `obs run --config`,\n\
         4. the default.\n\n\
         A value that is not accepted is one error at start, which names the variable or key, the value (never a \
         secret one) and what is accepted. The settings marked *lenient* warn instead and keep their default, as \
         OpenTelemetry demands of its own variables. An unknown key in the file or the program is an error too.\n\n\
         Some settings have variables of several vocabularies: OpenTelemetry's (`OTEL_`), obs's own (`OBS_`), `ACM_`, \
         `OPTIMIZER_` and `AURUM_`. They count in this order; a variable that is set and does not count is warned of when \
         it says something else. So is a variable that begins with `OBS_` and is none of these.\n\n\
         The settings of traces alone are in `docs/reference/configuration-traces.md`; a file with every setting is in \
         `docs/reference/configuration-file.md`; the variables are in `docs/reference/environment.md`.\n\n",
    );
    list(&mut page, |key| !is_of_traces(key));
    page
}

/// The settings of traces alone.
pub(super) fn of_traces() -> String {
    let mut page = head("Configuration of traces", SOURCE);
    page.push_str("How settings are made, and all others: `docs/reference/configuration.md`.\n\n");
    list(&mut page, is_of_traces);
    page
}

/// A file of settings.
pub(super) fn file() -> String {
    let mut page = head("A file with every setting at its default", SOURCE);
    page.push_str("```toml\n");
    page.push_str(&example());
    page.push_str(
        "```\n\nLines that begin with `#` are settings without a default, or with one that depends on others.\n",
    );
    page
}

fn is_of_traces(key: &str) -> bool {
    let section = key.split('.').next().unwrap_or_default();
    matches!(section, "otlp_traces" | "traces" | "attribute_limits" | "span_limits" | "span_batch")
}

/// The settings whose key is `wanted`: keys, variables, default and what is accepted.
fn list(page: &mut String, wanted: fn(&str) -> bool) {
    for setting in SETTINGS.iter().filter(|setting| wanted(setting.key)) {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "## `{}`\n\n{}.\n", setting.key, sentence(setting.doc));
        let variables: Vec<String> = setting.variables().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "- environment: {}", variables.join(", "));
        let _ = writeln!(page, "- default: {}", default(setting));
        let _ = writeln!(page, "- accepts: {}", setting.accepts);
        for mark in marks(setting) {
            let _ = writeln!(page, "- {mark}");
        }
        page.push('\n');
    }
    // An empty line would end the page.
    page.truncate(page.trim_end().len() + 1);
}

/// Every variable that is read.
pub(super) fn environment() -> String {
    let mut page = head("Environment variables", SOURCE);
    page.push_str("| variable | default | what it does | accepts |\n|---|---|---|---|\n");
    for setting in &SETTINGS {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            setting.env,
            cell(&default(setting)),
            cell(setting.doc),
            cell(setting.accepts)
        );
        for alias in setting.aliases {
            let _ = writeln!(page, "| `{alias}` | | as `{}`, which counts first | |", setting.env);
        }
    }
    page.push_str(
        "\nAn empty variable counts as unset. Precedence and errors: `docs/reference/configuration.md`. The command `obs` \
         also heeds `NO_COLOR`: with it set, log lines on a terminal have no colour.\n",
    );
    page
}

fn default(setting: &Setting) -> String {
    match (setting.unset, setting.default) {
        ("", "") => "none".to_owned(),
        ("", default) => format!("`{default}`"),
        (unset, _) => unset.to_owned(),
    }
}

fn marks(setting: &Setting) -> impl Iterator<Item = &'static str> {
    let secret = setting.secret.then_some("secret: never printed");
    let lenient = setting.lenient.then_some("lenient: a bad value warns and the default is used");
    secret.into_iter().chain(lenient)
}

/// The text with a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A settings file that changes nothing.
fn example() -> String {
    let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
    for setting in &SETTINGS {
        let (section, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        // Written down, a value would hold also where being unset means something else.
        let line = if setting.default.is_empty() || !setting.unset.is_empty() {
            format!("# {name} = \"{}\"", setting.default)
        } else {
            format!("{name} = \"{}\"", setting.default)
        };
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, lines)) => lines.push(line),
            None => sections.push((section, vec![line])),
        }
    }
    let tables: Vec<String> =
        sections.iter().map(|(section, lines)| format!("[{section}]\n{}\n", lines.join("\n"))).collect();
    tables.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::Config;
    use obs_core::config::Sources;

    #[test]
    fn the_example_file_is_read_and_changes_nothing_but_the_console_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("obs.toml");
        std::fs::write(&file, example()).unwrap();
        let loaded = Config::load(&Sources { file: Some(&file), ..Sources::default() }).unwrap();
        assert_eq!(loaded.warnings, Vec::<String>::new());
        // Written down, the format is no longer left to the terminal.
        let expected = Config { log_format: loaded.config.log_format, ..Config::default() };
        assert_eq!(loaded.config, expected);
    }

    #[test]
    fn every_setting_is_on_a_page_of_keys_and_on_that_of_variables() {
        let (configuration, environment) = (configuration() + &of_traces(), environment());
        for setting in &SETTINGS {
            assert!(configuration.contains(&format!("## `{}`\n", setting.key)), "{}", setting.key);
            for variable in setting.variables() {
                assert!(configuration.contains(&format!("`{variable}`")), "{variable}");
                assert!(environment.contains(&format!("| `{variable}` |")), "{variable}");
            }
        }
    }
}
