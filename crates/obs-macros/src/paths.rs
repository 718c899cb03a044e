//! How the user's crate reaches ours.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, Ident, Path, Result};

/// One of our crates that an attribute expands to calls of.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    Trace,
    Metrics,
}

impl Target {
    fn package(self) -> &'static str {
        match self {
            Self::Trace => "obs-trace",
            Self::Metrics => "obs-metrics",
        }
    }

    fn module(self) -> Ident {
        Ident::new(&self.package().replace('-', "_"), Span::call_site())
    }

    /// Its path: what the user gave, the crate itself if it is a dependency, or the part of `obs`.
    pub(crate) fn path(self, given: Option<&Path>, attribute: &str) -> Result<TokenStream> {
        if let Some(path) = given {
            return Ok(path.to_token_stream());
        }
        self.among(|package| crate_name(package).ok()).ok_or_else(|| {
            let (package, module) = (self.package(), self.module());
            Error::new(
                Span::call_site(),
                format!(
                    "`{attribute}` needs `obs` or `{package}` among the dependencies of this package, or to be told \
                     where it is: `crate = path::to::{module}`"
                ),
            )
        })
    }

    /// Its path where `find` says what the packages among the dependencies are called.
    fn among(self, find: impl Fn(&str) -> Option<FoundCrate>) -> Option<TokenStream> {
        if let Some(found) = find(self.package()) {
            let name = named(found, self.package());
            return Some(quote!(::#name));
        }
        let (name, module) = (named(find("obs")?, "obs"), self.module());
        Some(quote!(::#name::#module))
    }
}

/// Our own crates know themselves by their names: tests, examples and documentation see them from outside.
fn named(found: FoundCrate, package: &str) -> Ident {
    let name = match found {
        FoundCrate::Itself => package.replace('-', "_"),
        FoundCrate::Name(name) => name,
    };
    Ident::new(&name, Span::call_site())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path where the packages on the left go by the names on the right; `itself` is the crate at hand.
    fn path(target: Target, dependencies: &[(&str, &str)]) -> Option<String> {
        let find = |package: &str| {
            let (_, name) = dependencies.iter().find(|(known, _)| *known == package)?;
            Some(if *name == "itself" { FoundCrate::Itself } else { FoundCrate::Name((*name).to_owned()) })
        };
        target.among(find).map(|path| path.to_string().replace(' ', ""))
    }

    #[test]
    fn the_crate_itself_is_preferred_to_that_of_the_facade_and_known_by_any_name() {
        use Target::{Metrics, Trace};
        for (target, dependencies, expected) in [
            (Trace, &[("obs", "obs")][..], Some("::obs::obs_trace")),
            (Metrics, &[("obs", "telemetry")], Some("::telemetry::obs_metrics")),
            (Trace, &[("obs-trace", "obs_trace")], Some("::obs_trace")),
            (Metrics, &[("obs-metrics", "numbers")], Some("::numbers")),
            (Trace, &[("obs", "obs"), ("obs-trace", "spans")], Some("::spans")),
            (Trace, &[("obs-trace", "itself")], Some("::obs_trace")),
            (Metrics, &[("obs", "itself")], Some("::obs::obs_metrics")),
            (Metrics, &[("obs-trace", "obs_trace")], None),
            (Trace, &[], None),
        ] {
            assert_eq!(path(target, dependencies).as_deref(), expected, "{dependencies:?}");
        }
    }
}
