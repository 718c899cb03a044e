//! The registry of components: the parts of programs that log lines name (`component`, the last part of a logger's
//! name in lower case), and that become a label in Loki.

/// A registered component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// As lines carry it.
    pub name: &'static str,
    /// What the part does, in one line.
    pub describes: &'static str,
}

const fn component(name: &'static str, describes: &'static str) -> Component {
    Component { name, describes }
}

/// Every registered component, by name.
pub const COMPONENTS: &[Component] = &[
    component("agent", "Asks a model about issues"),
    component("analysis", "Analyses queries"),
    component("batch", "A program's own batch"),
    component("http", "Serves requests"),
    component("init", "Starts obs"),
    component("panic", "Logs panics"),
    component("pipeline", "Runs the detector batch"),
    component("slo", "Checks service levels"),
    component("sql", "Talks to the database"),
];

/// The component of a logger's name: the part after the last dot that is not empty, in lower case. `None` for a name
/// without one.
///
/// ```
/// use obs_core::names::component;
/// assert_eq!(component::of_logger("acm.Pipeline").as_deref(), Some("pipeline"));
/// ```
pub fn of_logger(logger: &str) -> Option<String> {
    logger.rsplit('.').find(|part| !part.is_empty()).map(str::to_ascii_lowercase)
}

/// The entry of a component.
pub fn find(name: &str) -> Option<&'static Component> {
    COMPONENTS.iter().find(|component| component.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NAME-31
    #[test]
    fn components_are_single_words_in_order_each_once() {
        for component in COMPONENTS {
            assert_eq!(super::super::check(component.name), Ok(()), "{}", component.name);
            assert!(!component.name.contains('.') && !component.describes.is_empty(), "{}", component.name);
        }
        assert!(COMPONENTS.is_sorted_by(|a, b| a.name < b.name));
    }

    /// NAME-31
    #[test]
    fn a_component_is_found_by_the_name_of_its_logger() {
        for (logger, component) in
            [("acm.Pipeline", Some("pipeline")), ("HTTP", Some("http")), ("a.b..", Some("b")), ("..", None)]
        {
            assert_eq!(of_logger(logger).as_deref(), component, "{logger}");
        }
        assert!(find("pipeline").is_some() && find("pipelin").is_none());
    }
}
