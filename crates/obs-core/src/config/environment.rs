//! Variables of one setting that contradict each other, and variables of none.

use super::draft::Draft;
use super::load::shown;
use super::settings::{SETTINGS, Setting};

/// What a variable's name begins with when it can only be meant for obs.
const PREFIX: &str = "OBS_";

/// A variable that is set.
pub(super) struct Variable {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// The variables of `setting` that are set, the one that counts first.
pub(super) fn set(setting: &Setting, env: &dyn Fn(&str) -> Option<String>) -> Vec<Variable> {
    let value = |name| env(name).filter(|value| !value.trim().is_empty());
    setting.variables().filter_map(|name| Some(Variable { name, value: value(name)? })).collect()
}

/// A warning for each of `others` that would not set what `value` sets.
pub(super) fn contradictions(
    setting: &Setting,
    name: &str,
    value: &str,
    others: &[Variable],
) -> impl Iterator<Item = String> {
    others.iter().filter(|other| !same(setting, value, &other.value)).map(move |other| {
        let (used, other_name) = (shown(setting, value), other.name);
        let unused = shown(setting, &other.value);
        format!("{name} = `{used}` is used, not {other_name} = `{unused}`: both set {}", setting.key)
    })
}

/// Whether two texts mean the same: `1` and `1.0`, `true` and `TRUE`.
fn same(setting: &Setting, a: &str, b: &str) -> bool {
    let meaning = |text: &str| {
        let mut draft = Draft::default();
        (setting.set)(&mut draft, text.trim()).map(|()| draft)
    };
    a.trim() == b.trim() || meaning(a).is_some_and(|a| Some(a) == meaning(b))
}

/// A warning for each of `names` that begins with `OBS_` and is no setting's.
pub(super) fn unknown(names: &[String]) -> impl Iterator<Item = String> {
    let known = |name: &str| SETTINGS.iter().any(|setting| setting.variables().any(|known| known == name));
    names.iter().filter(move |name| name.starts_with(PREFIX) && !known(name)).map(|name| {
        let name: String = name.chars().take(80).flat_map(char::escape_debug).collect();
        format!("{name} is set but no setting has this variable: see docs/reference/environment.md")
    })
}
