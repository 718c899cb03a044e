//! Profiles in pprof's format: gzipped protobuf after
//! <https://github.com/google/pprof/blob/main/proto/profile.proto>.

use crate::error::ProfileError;
use crate::labels::labels;
use crate::profile::Profile;
use crate::symbols::Module;
use flate2::Compression;
use flate2::write::GzEncoder;
use obs_export::wire::Writer;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

/// Encodes a profile, every sample labelled with what is known of it; the same profile gives the same bytes.
///
/// Sample types are `samples/count` and `cpu/nanoseconds`, which Pyroscope files under
/// `process_cpu:cpu:nanoseconds:cpu:nanoseconds`.
pub fn encode(profile: &Profile, service: &str) -> Vec<u8> {
    Encoder::new(profile).encode(service)
}

/// Encodes and compresses a profile: what `go tool pprof` and Pyroscope read.
pub fn encode_gzip(profile: &Profile, service: &str) -> Result<Vec<u8>, ProfileError> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&encode(profile, service)).map_err(ProfileError::Compress)?;
    gzip.finish().map_err(ProfileError::Compress)
}

/// Field numbers of the messages.
mod field {
    pub(super) mod profile {
        pub(in super::super) const SAMPLE_TYPE: u32 = 1;
        pub(in super::super) const SAMPLE: u32 = 2;
        pub(in super::super) const MAPPING: u32 = 3;
        pub(in super::super) const LOCATION: u32 = 4;
        pub(in super::super) const FUNCTION: u32 = 5;
        pub(in super::super) const STRING_TABLE: u32 = 6;
        pub(in super::super) const TIME_NANOS: u32 = 9;
        pub(in super::super) const DURATION_NANOS: u32 = 10;
        pub(in super::super) const PERIOD_TYPE: u32 = 11;
        pub(in super::super) const PERIOD: u32 = 12;
        pub(in super::super) const DEFAULT_SAMPLE_TYPE: u32 = 14;
    }
}

struct Encoder<'a> {
    profile: &'a Profile,
    out: Writer,
    strings: Strings,
    /// Module → id of its mapping.
    mappings: BTreeMap<usize, u64>,
    /// Address → id of its location.
    locations: HashMap<usize, u64>,
    /// System name → id of the function.
    functions: HashMap<&'a str, u64>,
}

/// The string table: index zero is the empty string.
struct Strings {
    index: HashMap<String, i64>,
    all: Vec<String>,
}

impl Strings {
    fn new() -> Self {
        Self { index: HashMap::from([(String::new(), 0)]), all: vec![String::new()] }
    }

    fn of(&mut self, text: &str) -> i64 {
        if let Some(index) = self.index.get(text) {
            return *index;
        }
        let index = self.all.len() as i64;
        self.index.insert(text.to_owned(), index);
        self.all.push(text.to_owned());
        index
    }
}

impl<'a> Encoder<'a> {
    fn new(profile: &'a Profile) -> Self {
        Self {
            profile,
            out: Writer::new(),
            strings: Strings::new(),
            mappings: BTreeMap::new(),
            locations: HashMap::new(),
            functions: HashMap::new(),
        }
    }

    fn encode(mut self, service: &str) -> Vec<u8> {
        use field::profile::{
            DEFAULT_SAMPLE_TYPE, DURATION_NANOS, PERIOD, PERIOD_TYPE, SAMPLE, SAMPLE_TYPE, STRING_TABLE,
            TIME_NANOS,
        };
        let profile = self.profile;
        let (cpu, nanoseconds) = (self.strings.of("cpu"), self.strings.of("nanoseconds"));
        let (samples, count) = (self.strings.of("samples"), self.strings.of("count"));
        let value_type = |kind, unit| {
            move |w: &mut Writer| {
                w.int64(1, kind).int64(2, unit);
            }
        };
        self.out.message(SAMPLE_TYPE, value_type(samples, count));
        self.out.message(SAMPLE_TYPE, value_type(cpu, nanoseconds));
        for sample in &profile.samples {
            let stack: Vec<u64> = sample.stack.iter().map(|address| self.location(*address)).collect();
            let labels: Vec<(i64, i64)> = labels(sample, service)
                .into_iter()
                .map(|(key, value)| (self.strings.of(key), self.strings.of(&value)))
                .collect();
            let nanos = sample.count.saturating_mul(profile.period_ns);
            self.out.message(SAMPLE, |w| {
                w.packed_uint64(1, &stack).packed_int64(2, [sample.count as i64, nanos as i64]);
                for (key, value) in labels {
                    w.message(3, |w| {
                        w.int64(1, key).int64(2, value);
                    });
                }
            });
        }
        self.out
            .int64_nonzero(TIME_NANOS, profile.start_ns as i64)
            .int64_nonzero(DURATION_NANOS, profile.end_ns.saturating_sub(profile.start_ns) as i64)
            .message(PERIOD_TYPE, value_type(cpu, nanoseconds))
            .int64_nonzero(PERIOD, profile.period_ns as i64)
            .int64(DEFAULT_SAMPLE_TYPE, cpu);
        self.write_mappings();
        for text in &self.strings.all {
            self.out.string(STRING_TABLE, text);
        }
        self.out.into_vec()
    }

    /// Id of the location of an address, written on first use.
    fn location(&mut self, address: usize) -> u64 {
        if let Some(id) = self.locations.get(&address) {
            return *id;
        }
        let function = self.function(address);
        let mapping = self.profile.module_of(address).map_or(0, |module| {
            let next = self.mappings.len() as u64 + 1;
            *self.mappings.entry(module).or_insert(next)
        });
        let id = self.locations.len() as u64 + 1;
        self.locations.insert(address, id);
        self.out.message(field::profile::LOCATION, |w| {
            w.uint64(1, id).uint64_nonzero(2, mapping).uint64(3, address as u64);
            w.message(4, |w| {
                w.uint64(1, function);
            });
        });
        id
    }

    /// Id of the function around an address, written on first use.
    fn function(&mut self, address: usize) -> u64 {
        let profile = self.profile;
        let (name, system_name) = profile
            .symbols()
            .function(address)
            .map_or(("[unknown]", "[unknown]"), |f| (&f.name, &f.system_name));
        if let Some(id) = self.functions.get(system_name) {
            return *id;
        }
        let id = self.functions.len() as u64 + 1;
        self.functions.insert(system_name, id);
        let (name, system_name) = (self.strings.of(name), self.strings.of(system_name));
        self.out.message(field::profile::FUNCTION, |w| {
            w.uint64(1, id).int64(2, name).int64(3, system_name);
        });
        id
    }

    /// The files that locations lie in; the main program has the lowest address and so comes first.
    fn write_mappings(&mut self) {
        for (module, id) in std::mem::take(&mut self.mappings) {
            let Module { start, limit, offset, path, .. } = &self.profile.modules[module];
            let file = self.strings.of(&path.to_string_lossy());
            let build_id = self.strings.of(self.profile.symbols().build_id(path));
            self.out.message(field::profile::MAPPING, |w| {
                w.uint64(1, id).uint64(2, *start as u64).uint64(3, *limit as u64).uint64_nonzero(4, *offset);
                w.int64_nonzero(5, file).int64_nonzero(6, build_id).bool(7, true);
            });
        }
    }
}

#[cfg(test)]
mod tests;
