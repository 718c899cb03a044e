//! The name of an error's type, as `acm.error_type` has it.

/// The type's path without generic arguments: `std::io::error::Error`, `obs_pipeline::input::InputError`.
pub(crate) fn error_type<E: ?Sized>() -> &'static str {
    let name = std::any::type_name::<E>();
    name.split_once('<').map_or(name, |(bare, _)| bare)
}

#[cfg(test)]
mod tests {
    use super::error_type;

    #[test]
    fn generic_arguments_are_cut() {
        assert_eq!(error_type::<std::io::Error>(), "std::io::error::Error");
        assert_eq!(error_type::<Vec<u8>>(), "alloc::vec::Vec");
    }
}
