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
        let module = self.module();
        if let Ok(found) = crate_name(self.package()) {
            let name = named(found, self.package());
            return Ok(quote!(::#name));
        }
        if let Ok(found) = crate_name("obs") {
            let name = named(found, "obs");
            return Ok(quote!(::#name::#module));
        }
        let package = self.package();
        Err(Error::new(
            Span::call_site(),
            format!(
                "`{attribute}` needs `obs` or `{package}` among the dependencies of this package, or to be told where it \
                 is: `crate = path::to::{module}`"
            ),
        ))
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
