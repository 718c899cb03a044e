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
        registry.texts.push(text);
        let number = registry.texts.len() as u32;
        registry.numbers.insert(text, number);
        number
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
}
