//! Samples of a pprof profile with every reference resolved.
//!
//! Meaning and validity rules are those of
//! [`profile.proto`](https://github.com/google/pprof/blob/main/proto/profile.proto).

use std::collections::{BTreeMap, HashMap, HashSet};

use pprof::protos::{Label, Profile, ValueType};

/// The value of a sample's label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelValue {
    /// A text.
    Text(String),
    /// A number, with its unit (empty if none is given).
    Number(i64, String),
}

/// A sample as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSeen {
    /// Function names, the innermost (leaf) first; an inlined function stands before the one it is inlined in.
    /// A location without function names is given as its address, like `0x1f00`.
    pub stack: Vec<String>,
    /// The values, each with its type and unit: `("cpu", "nanoseconds", 10_000_000)`.
    pub values: Vec<(String, String, i64)>,
    /// Labels by key; the last of equal keys stays.
    pub labels: BTreeMap<String, LabelValue>,
}

/// Why a profile is not valid, although it decodes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// The string table is empty or its first entry is not `""`.
    #[error("string table must begin with an empty string")]
    StringTable,
    /// A string index is outside the table.
    #[error("string {index} is outside the table of {size}")]
    NoString {
        /// The index.
        index: i64,
        /// Entries in the table.
        size: usize,
    },
    /// A sample does not have one value per sample type.
    #[error("sample {sample} has {values} values for {types} sample types")]
    Values {
        /// Which sample, from 0.
        sample: usize,
        /// Its values.
        values: usize,
        /// The profile's sample types.
        types: usize,
    },
    /// A sample refers to a location that is not there.
    #[error("sample {sample} has location {id}, which is not in the profile")]
    NoLocation {
        /// Which sample, from 0.
        sample: usize,
        /// The location's id.
        id: u64,
    },
    /// A location's line refers to a function that is not there.
    #[error("location {location} has function {id}, which is not in the profile")]
    NoFunction {
        /// The location's id.
        location: u64,
        /// The function's id.
        id: u64,
    },
    /// A location refers to a mapping that is not there.
    #[error("location {location} has mapping {id}, which is not in the profile")]
    NoMapping {
        /// The location's id.
        location: u64,
        /// The mapping's id.
        id: u64,
    },
    /// An id is 0, which means none, or used twice.
    #[error("{what} id {id} is 0 or used twice")]
    Id {
        /// `location`, `function` or `mapping`.
        what: &'static str,
        /// The id.
        id: u64,
    },
}

/// Resolves the samples of a profile, in its order. Fails if any part of the profile is not valid.
pub fn samples(profile: &Profile) -> Result<Vec<SampleSeen>, SampleError> {
    if profile.string_table.first().is_none_or(|first| !first.is_empty()) {
        return Err(SampleError::StringTable);
    }
    let stacks = locations(profile)?;
    let types =
        profile.sample_type.iter().map(|ty| sample_type(profile, ty)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = Vec::with_capacity(profile.sample.len());
    for (number, sample) in profile.sample.iter().enumerate() {
        if sample.value.len() != types.len() {
            let (values, types) = (sample.value.len(), types.len());
            return Err(SampleError::Values { sample: number, values, types });
        }
        let mut stack = Vec::new();
        for id in &sample.location_id {
            let names = stacks.get(id).ok_or(SampleError::NoLocation { sample: number, id: *id })?;
            stack.extend_from_slice(names);
        }
        let values = types.iter().zip(&sample.value);
        let values = values.map(|((ty, unit), value)| (ty.clone(), unit.clone(), *value)).collect();
        let labels = sample.label.iter().map(|pair| label(profile, pair)).collect::<Result<_, _>>()?;
        seen.push(SampleSeen { stack, values, labels });
    }
    Ok(seen)
}

/// The function names of every location, by its id.
fn locations(profile: &Profile) -> Result<HashMap<u64, Vec<String>>, SampleError> {
    let mut functions = HashMap::new();
    for function in &profile.function {
        let name = string(profile, function.name)?.to_owned();
        insert(&mut functions, "function", function.id, name)?;
    }
    let mut mappings = HashSet::new();
    for mapping in &profile.mapping {
        if mapping.id == 0 || !mappings.insert(mapping.id) {
            return Err(SampleError::Id { what: "mapping", id: mapping.id });
        }
    }
    let mut locations = HashMap::new();
    for location in &profile.location {
        if location.mapping_id != 0 && !mappings.contains(&location.mapping_id) {
            return Err(SampleError::NoMapping { location: location.id, id: location.mapping_id });
        }
        let name = |id: u64| {
            functions.get(&id).cloned().ok_or(SampleError::NoFunction { location: location.id, id })
        };
        let mut names =
            location.line.iter().map(|line| name(line.function_id)).collect::<Result<Vec<_>, _>>()?;
        if names.is_empty() {
            names.push(format!("{:#x}", location.address));
        }
        insert(&mut locations, "location", location.id, names)?;
    }
    Ok(locations)
}

fn insert<T>(map: &mut HashMap<u64, T>, what: &'static str, id: u64, value: T) -> Result<(), SampleError> {
    if id == 0 || map.insert(id, value).is_some() { Err(SampleError::Id { what, id }) } else { Ok(()) }
}

fn string(profile: &Profile, index: i64) -> Result<&str, SampleError> {
    let found = usize::try_from(index).ok().and_then(|at| profile.string_table.get(at));
    found.map(String::as_str).ok_or(SampleError::NoString { index, size: profile.string_table.len() })
}

fn sample_type(profile: &Profile, ty: &ValueType) -> Result<(String, String), SampleError> {
    Ok((string(profile, ty.ty)?.to_owned(), string(profile, ty.unit)?.to_owned()))
}

fn label(profile: &Profile, label: &Label) -> Result<(String, LabelValue), SampleError> {
    let value = if label.str == 0 {
        LabelValue::Number(label.num, string(profile, label.num_unit)?.to_owned())
    } else {
        LabelValue::Text(string(profile, label.str)?.to_owned())
    };
    Ok((string(profile, label.key)?.to_owned(), value))
}
