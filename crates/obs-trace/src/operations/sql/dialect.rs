//! [`Dialect`]: what products write differently.

/// What a product writes in its own way, as far as literals are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Double quotes enclose names, not strings.
    pub(super) double_quotes_name: bool,
    /// Brackets enclose names; `None` when that is not known.
    pub(super) brackets_name: Option<bool>,
    /// `$1` is a parameter, not an amount of money.
    pub(super) dollar_parameters: bool,
    /// `--x` may be two signs.
    pub(super) dashes_need_space: bool,
    pub(super) hash: Hash,
}

/// What `#` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// The beginning of a comment.
    Comment,
    /// Part of a name.
    Name,
    /// An operator.
    Operator,
    /// Any of these.
    Unknown,
}

/// A product that nothing is known of: whatever could be a literal is one.
const UNKNOWN: Dialect = Dialect {
    double_quotes_name: false,
    brackets_name: None,
    dollar_parameters: false,
    dashes_need_space: true,
    hash: Hash::Unknown,
};

impl Dialect {
    /// The habits of a product, by its `db.system.name`.
    pub(super) fn of(system: &str) -> Self {
        let standard = Self { double_quotes_name: true, dashes_need_space: false, ..UNKNOWN };
        match system {
            "microsoft.sql_server" | "mssql" => {
                Self { brackets_name: Some(true), hash: Hash::Name, ..standard }
            }
            "sqlite" => Self { brackets_name: Some(true), ..standard },
            "postgresql" | "cockroachdb" => {
                Self { brackets_name: Some(false), dollar_parameters: true, hash: Hash::Operator, ..standard }
            }
            "mysql" | "mariadb" => Self { brackets_name: Some(false), hash: Hash::Comment, ..UNKNOWN },
            "oracle.db" => Self { brackets_name: Some(false), hash: Hash::Name, ..standard },
            _ => UNKNOWN,
        }
    }
}
