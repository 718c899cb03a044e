//! [`TraceId`], [`SpanId`], [`RunId`] and where fresh ones come from.

use crate::fork;
use std::cell::Cell;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $int:ty, $digits:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($int);

        impl $name {
            /// `None` for zero, which W3C Trace Context reserves for "invalid".
            pub const fn new(value: $int) -> Option<Self> {
                if value == 0 { None } else { Some(Self(value)) }
            }

            /// The least id.
            pub const MIN: Self = Self(1);

            /// The id as a number; never zero.
            pub const fn get(self) -> $int {
                self.0
            }

            /// The id as OTLP carries it: big endian.
            pub const fn to_bytes(self) -> [u8; $digits / 2] {
                self.0.to_be_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(s: &str) -> Result<Self, IdError> {
                let error = || IdError { what: stringify!($name), value: clip(s), digits: $digits };
                if s.len() != $digits || !s.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(error());
                }
                <$int>::from_str_radix(s, 16).ok().and_then(Self::new).ok_or_else(error)
            }
        }
    };
}

hex_id!(
    /// Id of a trace: 16 bytes, 32 lower-case hex digits in text, never zero (W3C Trace Context, section 3.2.2.3).
    TraceId, u128, 32
);
hex_id!(
    /// Id of a span: 8 bytes, 16 lower-case hex digits in text, never zero (W3C Trace Context, section 3.2.2.4).
    SpanId, u64, 16
);

/// A trace or span id that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` is not valid: expected {digits} hex digits, not all zero")]
pub struct IdError {
    what: &'static str,
    value: String,
    digits: usize,
}

/// Hostile input must not end up whole in an error line.
fn clip(s: &str) -> String {
    s.chars().take(64).collect()
}

/// Id of one run of a batch: a UUID (RFC 9562), lower case in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(u128);

impl RunId {
    /// Makes a version 4 UUID of 122 random bits.
    pub const fn from_random(bits: u128) -> Self {
        let version = (bits & !(0xf << 76)) | (0x4 << 76);
        Self((version & !(0x3 << 62)) | (0x2 << 62))
    }

    /// The UUID as a number.
    pub const fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n >> 96,
            (n >> 80) & 0xffff,
            (n >> 64) & 0xffff,
            (n >> 48) & 0xffff,
            n & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A run id that is not a UUID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "run id `{0}` is not a UUID: expected 8-4-4-4-12 hex digits, such as 0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10"
)]
pub struct RunIdError(String);

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(s: &str) -> Result<Self, RunIdError> {
        let error = || RunIdError(clip(s));
        let groups: Vec<&str> = s.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
        if lengths != [8, 4, 4, 4, 12] || !s.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()) {
            return Err(error());
        }
        u128::from_str_radix(&groups.concat(), 16).map(Self).map_err(|_| error())
    }
}

/// Where fresh ids come from; injected, so that tests can foresee them.
#[derive(Debug, Default)]
pub enum Ids {
    /// Random: a per-thread generator seeded from the operating system.
    #[default]
    Random,
    /// 1, 2, 3, … across all kinds: for tests.
    Sequential(AtomicU64),
}

impl Ids {
    /// Ids that count up from 1.
    pub fn sequential() -> Self {
        Self::Sequential(AtomicU64::new(0))
    }

    /// A fresh trace id.
    pub fn trace_id(&self) -> TraceId {
        TraceId(self.nonzero(|| u128::from(random_u64()) << 64 | u128::from(random_u64())))
    }

    /// A fresh span id.
    #[inline]
    pub fn span_id(&self) -> SpanId {
        SpanId(self.nonzero(random_u64))
    }

    /// A fresh run id.
    pub fn run_id(&self) -> RunId {
        RunId::from_random(self.nonzero(|| u128::from(random_u64()) << 64 | u128::from(random_u64())))
    }

    fn nonzero<T: From<u64> + PartialEq>(&self, random: impl Fn() -> T) -> T {
        match self {
            Self::Sequential(n) => T::from(n.fetch_add(1, Ordering::Relaxed) + 1),
            Self::Random => loop {
                let id = random();
                if id != T::from(0) {
                    return id;
                }
            },
        }
    }
}

/// The ids of one thread, for whoever makes many: [`Ids::span_id`] without looking for the thread's generator each time.
/// A forked child must not use its parent's.
#[derive(Debug)]
pub struct ThreadIds(Option<fastrand::Rng>);

impl ThreadIds {
    /// The ids of a thread.
    pub fn new(ids: &Ids) -> Self {
        Self(matches!(ids, Ids::Random).then(|| fastrand::Rng::with_seed(seed())))
    }

    /// A fresh span id; `ids` are those that it was made with.
    #[inline]
    pub fn span_id(&mut self, ids: &Ids) -> SpanId {
        match &mut self.0 {
            Some(rng) => match rng.u64(..) {
                0 => ids.span_id(),
                id => SpanId(id),
            },
            None => ids.span_id(),
        }
    }
}

thread_local! {
    /// The state of the generator, and the generation of the process that seeded it. Without a destructor, and zero for
    /// "not seeded": reading it is a load.
    static GENERATOR: Cell<(u64, u32)> = const { Cell::new((0, 0)) };
}

/// One draw of this thread's generator. A forked child seeds anew, or it would repeat the ids of its parent.
#[inline]
fn random_u64() -> u64 {
    GENERATOR.with(|cell| {
        let generation = fork::generation();
        let (state, seeded_in) = cell.get();
        let state = if state == 0 || seeded_in != generation { seed() } else { state };
        let mut rng = fastrand::Rng::with_seed(state);
        let value = rng.u64(..);
        cell.set((rng.get_seed(), generation));
        value
    })
}

#[cold]
fn seed() -> u64 {
    // Without an entropy source (a broken chroot) ids fall back to fastrand's own mix of time and thread id.
    getrandom::u64().unwrap_or_else(|_| fastrand::u64(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fixed_width_lower_case_hex() {
        assert_eq!(TraceId::new(0xAB).unwrap().to_string(), format!("{:0>32}", "ab"));
        assert_eq!(SpanId::new(0xAB).unwrap().to_string(), "00000000000000ab");
        assert_eq!("00000000000000ab".parse(), Ok(SpanId::new(0xAB).unwrap()));
    }

    #[test]
    fn zero_short_and_foreign_digits_are_refused() {
        for bad in ["", "0000000000000000", "ab", "+0000000000000ab", "zz000000000000ab"] {
            let error = bad.parse::<SpanId>().unwrap_err().to_string();
            assert!(error.contains("16 hex digits"), "{error}");
        }
    }

    #[test]
    fn run_ids_are_version_four_uuids_that_parse_back() {
        let id = Ids::Random.run_id();
        let text = id.to_string();
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert!("not-a-uuid".parse::<RunId>().unwrap_err().to_string().contains("`not-a-uuid`"));
    }

    #[test]
    fn sequential_ids_count_up() {
        let ids = Ids::sequential();
        assert_eq!(ids.trace_id().get(), 1);
        assert_eq!(ids.span_id().get(), 2);
    }

    #[test]
    fn a_thread_has_ids_of_the_same_kind() {
        let (counted, random) = (Ids::sequential(), Ids::Random);
        let (mut one, mut two) = (ThreadIds::new(&counted), ThreadIds::new(&random));
        assert_eq!((one.span_id(&counted).get(), one.span_id(&counted).get()), (1, 2));
        assert_ne!(two.span_id(&random), ThreadIds::new(&random).span_id(&random));
    }

    #[test]
    fn random_ids_differ() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| Ids::Random.span_id()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
