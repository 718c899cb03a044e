//! [`Environment`]: a copy of the variables that propagators read; and how a header's name becomes a variable's.

use crate::propagation::carrier::Extractor;
use crate::propagation::propagators::Propagators;

/// Variables as they were when they were read. Variables that are empty are as if they were not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// Reads the variables of these formats.
    pub fn read(formats: Propagators, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let named = formats.fields().map(variable_name);
        let set = named.filter_map(|name| variable(&name).map(|value| (name, value)));
        Self(set.filter(|(_, value)| !value.is_empty()).collect())
    }
}

impl Extractor for Environment {
    fn get(&self, name: &str) -> Option<&str> {
        let name = variable_name(name);
        self.0.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.as_str())
    }
}

/// The variable that stands for a header: upper case, and `_` for everything that is no ASCII letter or digit. Names
/// that would begin with a digit, and the empty one, begin with `_`.
pub(super) fn variable_name(header: &str) -> String {
    let mut name = String::with_capacity(header.len() + 1);
    if header.chars().next().is_none_or(|first| first.is_ascii_digit()) {
        name.push('_');
    }
    name.extend(header.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }));
    name
}
