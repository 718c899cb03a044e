//! The keys that mean something in every line, and what happens when a caller uses one.

use obs_core::{RunId, keys};

/// A key with a place of its own in the line that callers may fill: the run context has most of them, a value given
/// with the line or its logger wins over the context's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Slot {
    Component,
    Equipment,
    EquipId,
    RunId,
    BatchNum,
    BatchTotal,
    RequestId,
    TenantId,
    Operation,
    DurationMs,
}

/// What a caller's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The caller's own.
    Free,
    /// Fills a slot, if the value has the slot's type.
    Fills(Slot),
    /// Written by obs alone.
    Reserved,
}

/// What sort of JSON value was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Other,
}

impl Slot {
    pub(crate) const COUNT: usize = 10;

    /// Between `environment` and `trace_id`, in the order of the line.
    pub(crate) const AFTER_ENVIRONMENT: [Self; 9] = [
        Self::Equipment,
        Self::EquipId,
        Self::RunId,
        Self::BatchNum,
        Self::BatchTotal,
        Self::RequestId,
        Self::TenantId,
        Self::Operation,
        Self::DurationMs,
    ];

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Equipment => "equipment",
            Self::EquipId => "equip_id",
            Self::RunId => "run_id",
            Self::BatchNum => "batch_num",
            Self::BatchTotal => "batch_total",
            Self::RequestId => "request_id",
            Self::TenantId => "tenant_id",
            Self::Operation => "operation",
            Self::DurationMs => "duration_ms",
        }
    }

    /// Whether a value of this kind, written as `json`, fits the slot.
    pub(crate) fn takes(self, kind: Kind, json: &[u8]) -> bool {
        let text = || std::str::from_utf8(json).unwrap_or_default();
        match self {
            Self::Component | Self::Equipment | Self::RequestId | Self::TenantId | Self::Operation => {
                kind == Kind::Text
            }
            Self::RunId => kind == Kind::Text && text().trim_matches('"').parse::<RunId>().is_ok(),
            Self::EquipId => kind == Kind::Integer && text().parse::<i64>().is_ok(),
            Self::BatchNum | Self::BatchTotal => kind == Kind::Integer && text().parse::<u32>().is_ok(),
            Self::DurationMs => matches!(kind, Kind::Integer | Kind::Float),
        }
    }
}

/// What `key` is to obs.
pub(crate) fn meaning(key: &str) -> Meaning {
    match key {
        "component" => Meaning::Fills(Slot::Component),
        "equipment" => Meaning::Fills(Slot::Equipment),
        "equip_id" => Meaning::Fills(Slot::EquipId),
        "run_id" => Meaning::Fills(Slot::RunId),
        "batch_num" => Meaning::Fills(Slot::BatchNum),
        "batch_total" => Meaning::Fills(Slot::BatchTotal),
        "request_id" => Meaning::Fills(Slot::RequestId),
        "tenant_id" => Meaning::Fills(Slot::TenantId),
        "operation" => Meaning::Fills(Slot::Operation),
        "duration_ms" => Meaning::Fills(Slot::DurationMs),
        "timestamp" | "level" | "message" | "category" | "logger" | "service" | "environment"
        | "trace_id" | "span_id" | "source" => Meaning::Reserved,
        _ if key.starts_with(keys::BAGGAGE_PREFIX) => Meaning::Reserved,
        _ => Meaning::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_found_by_its_key() {
        for slot in Slot::AFTER_ENVIRONMENT.into_iter().chain([Slot::Component]) {
            assert_eq!(meaning(slot.key()), Meaning::Fills(slot));
            assert!((slot as usize) < Slot::COUNT);
        }
        assert_eq!(meaning("message"), Meaning::Reserved);
        assert_eq!(meaning("rows"), Meaning::Free);
        assert_eq!(meaning("baggage.tenant"), Meaning::Reserved);
        assert_eq!(meaning("baggage"), Meaning::Free);
    }

    #[test]
    fn slots_take_values_of_their_type_only() {
        let run = b"\"0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10\"";
        let cases: [(Slot, Kind, &[u8], bool); 9] = [
            (Slot::RunId, Kind::Text, run, true),
            (Slot::RunId, Kind::Text, b"\"seven\"", false),
            (Slot::EquipId, Kind::Integer, b"-7", true),
            (Slot::EquipId, Kind::Integer, b"18446744073709551615", false),
            (Slot::BatchNum, Kind::Integer, b"-1", false),
            (Slot::DurationMs, Kind::Float, b"1.5", true),
            (Slot::DurationMs, Kind::Other, b"null", false),
            (Slot::Component, Kind::Integer, b"1", false),
            (Slot::Operation, Kind::Text, b"\"fit\"", true),
        ];
        for (slot, kind, json, fits) in cases {
            assert_eq!(slot.takes(kind, json), fits, "{slot:?} {kind:?}");
        }
    }
}
