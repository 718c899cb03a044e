//! Attributes for functions: [`macro@traced`] makes a span of each call, [`macro@timed`] measures it.
//!
//! They expand to calls of `obs-trace` and `obs-metrics`, which export them, as `obs` does: use them from there. How they
//! are used is documented at `obs_trace::traced` and `obs_metrics::timed`.

mod arguments;
mod function;
mod name;
mod options;
mod paths;
mod returns;
mod timed;
mod traced;

use function::Function;
use options::{TimedOptions, TracedOptions};
use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a span of each call of the function.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as TracedOptions);
    let function = parse_macro_input!(function as Function);
    traced::expand(&options, &function).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Measures how long each call of the function takes.
#[proc_macro_attribute]
pub fn timed(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as TimedOptions);
    let function = parse_macro_input!(function as Function);
    timed::expand(&options, &function).unwrap_or_else(syn::Error::into_compile_error).into()
}
