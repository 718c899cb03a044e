//! Forks: whether this process is still the one that something was made in.
//!
//! A forked child has a copy of its parent's memory and one of its threads. What the parent's other threads were doing
//! stops half done: a lock that one of them held stays locked for ever, a queue that one of them worked on is never
//! emptied. So what belongs to the parent must be left alone in the child. [`generation`] tells the two apart at the price
//! of one load; why not by process id is in `docs/adr/0006-fork.md`.

use std::sync::atomic::{AtomicU32, Ordering};

#[cfg(unix)]
mod atfork;

/// Forks between this process and the first one that watched for them.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of this process in its line of forks: one more in a child than in its parent, once [`watch`] was called; zero
/// before. One relaxed load.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Whether this process was forked from the one that had this `generation`.
#[inline]
pub fn is_child_of(generation: u32) -> bool {
    self::generation() != generation
}

/// Counts forks from now on, for the rest of the process, and returns the [`generation`]. Calling it again does nothing.
///
/// Children made by `fork` of the C library are counted, so are those of everything built on it; those made by a bare
/// `clone` or `vfork` system call are not, nor is any on systems without `fork`.
pub fn watch() -> u32 {
    #[cfg(unix)]
    atfork::register();
    generation()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_did_not_fork_keeps_its_generation() {
        let generation = watch();
        assert_eq!((generation, watch()), (self::generation(), generation));
        assert!(!is_child_of(generation));
        assert!(is_child_of(generation + 1));
    }
}
