//! [`Global`]: a value of the process, which a forked child does not have.

use crate::fork;
use std::sync::{PoisonError, RwLock};

/// One for each generation of forks, in turn: they repeat only in a child of a child … of a child, this many forks down.
const PLACES: usize = 8;

/// A value of the process, to be replaced as a whole, for a `static`.
///
/// A forked child starts without one, and with a lock of its own: a thread of the parent, which the child does not have, may
/// have held the parent's at the fork.
#[derive(Debug)]
pub struct Global<T> {
    places: [Place<T>; PLACES],
}

/// The value, and the generation of the process that set it.
type Place<T> = RwLock<Option<(u32, T)>>;

impl<T> Global<T> {
    /// Without a value.
    pub const fn new() -> Self {
        Self { places: [const { RwLock::new(None) }; PLACES] }
    }

    /// Sets the value, or takes it away. The old one is dropped after the lock is free: what it holds may be the program's.
    pub fn set(&self, value: Option<T>) {
        let generation = fork::watch();
        let value = value.map(|value| (generation, value));
        let mut place = self.place(generation).write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *place, value);
        drop(place);
        drop(old);
    }

    fn place(&self, generation: u32) -> &Place<T> {
        &self.places[generation as usize % PLACES]
    }
}

impl<T: Clone> Global<T> {
    /// The value. The lock is not held any longer than it takes to clone it.
    pub fn get(&self) -> Option<T> {
        let now = fork::generation();
        let place = self.place(now).read().unwrap_or_else(PoisonError::into_inner);
        place.as_ref().filter(|(generation, _)| *generation == now).map(|(_, value)| value.clone())
    }

    /// The value; without one it is made, by one thread while others wait.
    pub fn get_or_set(&self, make: impl FnOnce() -> T) -> T {
        if let Some(value) = self.get() {
            return value;
        }
        let now = fork::watch();
        let mut place = self.place(now).write().unwrap_or_else(PoisonError::into_inner);
        match &*place {
            Some((generation, value)) if *generation == now => value.clone(),
            _ => place.insert((now, make())).1.clone(),
        }
    }
}

impl<T> Default for Global<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Global;

    #[test]
    fn a_value_is_there_from_its_setting_until_it_is_taken_away() {
        let global = Global::new();
        assert_eq!(global.get(), None);
        global.set(Some("one"));
        global.set(Some("two"));
        assert_eq!(global.get(), Some("two"));
        assert_eq!(global.get_or_set(|| "three"), "two");
        global.set(None);
        assert_eq!(global.get(), None);
        assert_eq!((global.get_or_set(|| "three"), global.get()), ("three", Some("three")));
    }

    /// As it is in a child, which has a copy of what its parent set.
    #[test]
    fn a_value_of_another_process_is_not_there() {
        let global = Global::new();
        global.set(Some("child"));
        let generation = crate::fork::generation();
        *global.place(generation).write().unwrap() = Some((generation.wrapping_add(1), "parent"));
        assert_eq!(global.get(), None);
        assert_eq!(global.get_or_set(|| "child"), "child");
    }

    #[test]
    fn an_old_value_may_look_at_the_place_it_leaves() {
        static GLOBAL: Global<Looks> = Global::new();
        #[derive(Clone)]
        struct Looks;
        impl Drop for Looks {
            fn drop(&mut self) {
                assert!(GLOBAL.get().is_none());
            }
        }
        GLOBAL.set(Some(Looks));
        GLOBAL.set(None);
    }
}
