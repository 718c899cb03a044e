//! What the macros of all crates expand to names of, by their paths from here: any name may mean something else where a macro is
//! used.

pub use crate::names::check_literal;
pub use core::option::Option::{self, None, Some};
pub use core::result::Result::{Err, Ok};
pub use core::{concat, module_path};
pub use std::boxed::Box;

/// Calls the body of a function: within the closure, `return` and `?` lead no further than here.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}
