//! Reads this process's memory through the kernel, so that a bad address is an error and not a crash.
#![expect(unsafe_code, reason = "process_vm_readv takes raw addresses; the kernel checks them")]

use super::walk::Memory;

/// Words read at once; a window usually holds several frames.
const WINDOW: usize = 256;
const WORD: usize = size_of::<usize>();
/// The smallest page: a read is split there, so that an unmapped page loses what lies in it and nothing before.
const PAGE: usize = 4096;

/// A window of the stack.
pub(super) struct OwnMemory {
    start: usize,
    bytes: usize,
    words: [usize; WINDOW],
}

impl OwnMemory {
    pub(super) const fn new() -> Self {
        Self { start: 0, bytes: 0, words: [0; WINDOW] }
    }

    /// Moves the window to `address`.
    fn fill(&mut self, address: usize) {
        self.start = address;
        self.bytes = 0;
        let wanted = WINDOW * WORD;
        let first = wanted.min(PAGE - address % PAGE);
        let Some(second) = address.checked_add(first) else { return };
        let part = |at: usize, len| libc::iovec { iov_base: at as *mut libc::c_void, iov_len: len };
        let local = libc::iovec { iov_base: self.words.as_mut_ptr().cast(), iov_len: wanted };
        let remote = [part(address, first), part(second, wanted - first)];
        // SAFETY: `local` describes `words`, which outlives the call and is ours to write, `wanted` bytes long. The
        // remote addresses need not be valid: the kernel copies what is mapped and reports how much. Any bit pattern
        // is a valid `usize`. Both calls are plain system calls, safe in a signal handler.
        let read =
            unsafe { libc::process_vm_readv(libc::getpid(), &raw const local, 1, remote.as_ptr(), 2, 0) };
        self.bytes = usize::try_from(read).unwrap_or(0);
    }

    fn word(&self, address: usize) -> Option<usize> {
        let offset = address.checked_sub(self.start)?;
        if offset + WORD > self.bytes || !offset.is_multiple_of(WORD) {
            return None;
        }
        self.words.get(offset / WORD).copied()
    }
}

impl Memory for OwnMemory {
    fn pair(&mut self, address: usize) -> Option<(usize, usize)> {
        let next = address.checked_add(WORD)?;
        if self.word(address).is_none() || self.word(next).is_none() {
            self.fill(address);
        }
        Some((self.word(address)?, self.word(next)?))
    }
}

/// Whether the kernel lets the process read itself.
pub(super) fn is_readable() -> bool {
    let known = [0x5151_usize, 0x7272];
    OwnMemory::new().pair(known.as_ptr().addr()) == Some((known[0], known[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_are_read_near_and_far() {
        let words: Vec<usize> = (0..10 * WINDOW).collect();
        let mut memory = OwnMemory::new();
        for at in [0, 1, 5, WINDOW - 1, WINDOW, 9 * WINDOW, 3] {
            let address = (&raw const words[at]).addr();
            assert_eq!(memory.pair(address), Some((at, at + 1)));
        }
        assert!(is_readable());
    }

    #[test]
    fn addresses_that_are_not_mapped_read_as_none() {
        let mut memory = OwnMemory::new();
        for address in [0, 8, 4096, usize::MAX - 7, usize::MAX - 15, 1 << 63] {
            assert_eq!(memory.pair(address), None, "{address:#x}");
        }
    }
}
