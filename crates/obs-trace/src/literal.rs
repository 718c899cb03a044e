//! [`Literal`]: a text of the program itself, known by a number.
//!
//! Names of spans and keys of attributes are nearly always literals. A record holds their number, which is one word however
//! long the text is, and whoever reads the record looks up what it prepared for that number once.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Most texts that get a number. A program has a few hundred; one that leaks texts at run time must not fill the memory
/// twice, so from here on they are copied into each record.
const MOST: usize = 1 << 16;

/// A text known by its number.
#[derive(Debug)]
pub struct Literal {
    text: &'static str,
    /// Zero until it is asked for.
    index: AtomicU32,
}

impl Literal {
    /// A literal that has no number yet.
    pub const fn new(text: &'static str) -> Self {
        Self { text, index: AtomicU32::new(0) }
    }

    /// The text.
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Its number, the same for equal texts; zero when there are too many.
    #[inline]
    pub(crate) fn index(&self) -> u32 {
        match self.index.load(Ordering::Relaxed) {
            0 => self.register(),
            index => index,
        }
    }

    #[cold]
    fn register(&self) -> u32 {
        let index = intern(self.text);
        self.index.store(index, Ordering::Relaxed);
        index
    }
}

/// Every text with a number; that of the first is 1.
#[derive(Default)]
struct Registry {
    numbers: HashMap<&'static str, u32>,
    texts: Vec<&'static str>,
}

impl Registry {
    fn add(&mut self, text: &'static str) -> u32 {
        self.texts.push(text);
        let number = self.texts.len() as u32;
        self.numbers.insert(text, number);
        number
    }
}

static REGISTRY: Mutex<Option<Registry>> = Mutex::new(None);

fn with_registry<R>(f: impl FnOnce(&mut Registry) -> R) -> R {
    f(REGISTRY.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

#[cold]
fn intern(text: &'static str) -> u32 {
    with_registry(|registry| {
        if let Some(number) = registry.numbers.get(text) {
            return *number;
        }
        if registry.texts.len() >= MOST {
            return 0;
        }
        registry.add(text)
    })
}

/// The texts with numbers from `known + 1` on, in order.
pub(crate) fn since(known: usize) -> Vec<&'static str> {
    with_registry(|registry| registry.texts.get(known..).unwrap_or_default().to_vec())
}

/// The text with this number; empty when there is none.
pub(crate) fn text(number: u32) -> &'static str {
    let at = (number as usize).checked_sub(1);
    with_registry(|registry| at.and_then(|at| registry.texts.get(at)).copied().unwrap_or_default())
}

/// How many texts a thread remembers the numbers of.
const REMEMBERED: usize = 64;

thread_local! {
    /// Address, length and number.
    static NUMBERS: [Cell<(usize, usize, u32)>; REMEMBERED] = const { [const { Cell::new((0, 0, 0)) }; REMEMBERED] };
}

/// The number of a text; zero when there are too many. A text that lives as long as the program is known by its address,
/// so that a thread that asks again need not look at it.
#[inline]
pub(crate) fn number(text: &'static str) -> u32 {
    let (address, length) = (text.as_ptr() as usize, text.len());
    NUMBERS
        .try_with(|numbers| {
            let slot = &numbers[(address ^ (address >> 6) ^ length) % REMEMBERED];
            let known = slot.get();
            if (known.0, known.1) == (address, length) {
                return known.2;
            }
            let number = intern(text);
            slot.set((address, length, number));
            number
        })
        .unwrap_or_else(|_| intern(text))
}

/// Keys that other APIs hand over as any text: how many get a number, and how long they may be. They live as long as the
/// program, so that there must not be many.
#[cfg(feature = "opentelemetry")]
const MOST_KEYS: usize = 4096;
#[cfg(feature = "opentelemetry")]
const LONGEST_KEY: usize = 64;

#[cfg(feature = "opentelemetry")]
thread_local! {
    static KEYS: [Cell<(&'static str, u32)>; REMEMBERED] = const { [const { Cell::new(("", 0)) }; REMEMBERED] };
}

/// The number of a text that may not live as long as the program; zero for one that gets none. A thread that asks again
/// looks at the text, and at nothing that others write.
#[cfg(feature = "opentelemetry")]
#[inline]
pub(crate) fn number_of_key(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    let middle = bytes[bytes.len() / 2];
    let hash = bytes.len() * 5 + usize::from(*first) * 3 + usize::from(*last) * 7 + usize::from(middle) * 11;
    KEYS.try_with(|keys| {
        let slot = &keys[hash % REMEMBERED];
        let (known, number) = slot.get();
        if known == text {
            return number;
        }
        let (known, number) = intern_key(text);
        if number != 0 {
            slot.set((known, number));
        }
        number
    })
    .unwrap_or(0)
}

#[cfg(feature = "opentelemetry")]
#[cold]
fn intern_key(text: &str) -> (&'static str, u32) {
    static KEPT: AtomicU32 = AtomicU32::new(0);
    with_registry(|registry| {
        if let Some((known, number)) = registry.numbers.get_key_value(text) {
            return (*known, *number);
        }
        // Counted under the registry's lock.
        let kept = KEPT.load(Ordering::Relaxed) as usize;
        if text.len() > LONGEST_KEY || kept >= MOST_KEYS || registry.texts.len() >= MOST {
            return ("", 0);
        }
        KEPT.fetch_add(1, Ordering::Relaxed);
        let text: &'static str = Box::leak(text.into());
        (text, registry.add(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        static ONE: Literal = Literal::new("literal.one");
        static SAME: Literal = Literal::new("literal.one");
        static OTHER: Literal = Literal::new("literal.other");
        assert_eq!(ONE.index(), SAME.index());
        assert_eq!(ONE.index(), number("literal.one"));
        assert_ne!(ONE.index(), OTHER.index());
        assert_eq!(since(ONE.index() as usize - 1)[0], "literal.one");
    }

    #[test]
    fn every_thread_gets_the_same_number() {
        let here = number("literal.thread");
        let there = std::thread::spawn(|| number("literal.thread")).join().unwrap();
        assert_eq!(here, there);
        assert_eq!(number("literal.thread"), here, "and again, from memory");
    }

    #[cfg(feature = "opentelemetry")]
    #[test]
    fn a_key_that_does_not_live_as_long_as_the_program_has_the_number_of_its_literal() {
        let literal = number("literal.key");
        for _ in 0..2 {
            assert_eq!(number_of_key(&String::from("literal.key")), literal);
            let other = number_of_key(&String::from("literal.kex"));
            assert_eq!((other, text(other)), (number("literal.kex"), "literal.kex"));
        }
        assert_eq!(number_of_key(""), 0);
        assert_eq!(number_of_key(&"k".repeat(LONGEST_KEY + 1)), 0, "long ones get none");
    }
}
