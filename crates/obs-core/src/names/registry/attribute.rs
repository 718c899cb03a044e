//! [`Attribute`]: a key that spans of one name carry, and [`COMMON`], those that any span may carry.

use crate::keys;

/// What the value of an attribute is, as OTLP tells types apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttributeType {
    /// UTF-8 text.
    Text,
    /// A whole number, `int64` on the wire.
    Int,
    /// A number with a fraction.
    Float,
    /// True or false.
    Bool,
}

impl AttributeType {
    /// The type as reference pages spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
        }
    }
}

/// A key that spans of one name carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The key as the caller writes it: one without a dot gets the namespace when exported.
    pub key: &'static str,
    /// Type of its value.
    pub value: AttributeType,
    /// When a successful span carries it; `None` for always.
    pub when: Option<&'static str>,
}

impl Attribute {
    /// The same key, on some spans only.
    pub(super) const fn when(self, when: &'static str) -> Self {
        Self { when: Some(when), ..self }
    }
}

/// A key with text.
pub(super) const fn text(key: &'static str) -> Attribute {
    Attribute { key, value: AttributeType::Text, when: None }
}

/// A key with a whole number.
pub(super) const fn int(key: &'static str) -> Attribute {
    Attribute { key, value: AttributeType::Int, when: None }
}

/// A key with a number that may have a fraction.
pub(super) const fn float(key: &'static str) -> Attribute {
    Attribute { key, value: AttributeType::Float, when: None }
}

/// A key with true or false.
pub(super) const fn flag(key: &'static str) -> Attribute {
    Attribute { key, value: AttributeType::Bool, when: None }
}

/// What any span may carry, whatever its name.
pub const COMMON: &[Attribute] = &[
    text(keys::CATEGORY),
    text(keys::SERVICE),
    text(keys::OUTCOME),
    text(keys::PHASE).when("the name belongs to a phase of the batch"),
    text(keys::RUN_ID).when("the run context has it"),
    text(keys::EQUIPMENT).when("the run context has it"),
    int(keys::EQUIP_ID).when("the run context has it"),
    int(keys::BATCH_NUM).when("the run is one of several batches"),
    int(keys::BATCH_TOTAL).when("the run is one of several batches"),
    text(keys::REQUEST_ID).when("the run context has it"),
    text(keys::TENANT_ID).when("the run context has it"),
    text(keys::COMPONENT).when("the run context has it"),
    text(keys::OPERATION).when("the run context has it"),
    text(keys::ERROR_TYPE).when("the work failed with an error"),
    text(keys::OTEL_ERROR_TYPE).when("the work failed with an error"),
    text(keys::ERROR_MESSAGE).when("the work failed with an error"),
    float("mem_mb").when("the span tracks resources"),
    float("mem_delta_mb").when("the span tracks resources"),
    float("cpu_pct").when("the span tracks resources"),
    float("duration_s").when("the span tracks resources"),
];
