//! Walks a chain of frame pointers without trusting it.

use crate::ring::MAX_FRAMES;

/// Farthest a frame may lie from the stack pointer: more than any sane stack, less than an address in another mapping
/// would be.
const MAX_STACK: usize = 256 << 20;

/// Lower addresses are never mapped (`vm.mmap_min_addr`), so no code lives there.
const FIRST_PAGE: usize = 4096;

/// Words above the stack pointer among which a return address is looked for.
const SCAN: usize = 256;

/// Farthest the frame of the function called may lie from its own caller's return address.
const MAX_FRAME: usize = 1 << 20;

/// The program's own code, which is built with frame pointers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// First address.
    pub(super) start: usize,
    /// First address behind it.
    pub(super) limit: usize,
}

impl Text {
    fn contains(self, address: usize) -> bool {
        (self.start..self.limit).contains(&address)
    }
}

/// Registers of the interrupted thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    /// Address of the interrupted instruction.
    pub(super) pc: usize,
    /// Frame pointer: `rbp` or `x29`; anything at all in code built without frame pointers.
    pub(super) fp: usize,
    /// Stack pointer.
    pub(super) sp: usize,
}

/// Memory that may not be there.
pub(super) trait Memory {
    /// The two words at an address, or `None` when it cannot be read.
    fn pair(&mut self, address: usize) -> Option<(usize, usize)>;
}

/// Pushes the interrupted address and the return addresses of its callers, innermost first, until `push` says `false`.
///
/// On both processors a frame pointer points to the caller's frame pointer, followed by the return address (System V
/// psABI for `x86_64`, AAPCS64 section 6.4.6). A frame must be aligned, lie above the previous one and near the stack
/// pointer; else the chain ends there.
///
/// The C library on `x86_64` is built without frame pointers. A sample in its code (`malloc`, `memcpy`) starts from the
/// nearest return address into the program instead.
pub(super) fn walk(
    registers: Registers,
    text: Text,
    memory: &mut impl Memory,
    mut push: impl FnMut(usize) -> bool,
) {
    if !push(registers.pc) {
        return;
    }
    let mut lowest = registers.sp;
    let mut fp = registers.fp;
    if cfg!(target_arch = "x86_64")
        && !text.contains(registers.pc)
        && let Some((address, frame)) = find_caller(registers, text, memory)
    {
        if !push(address) {
            return;
        }
        lowest = frame;
        fp = frame;
    }
    for _ in 1..MAX_FRAMES {
        let near = fp >= lowest && fp.wrapping_sub(registers.sp) < MAX_STACK;
        if !near || !fp.is_multiple_of(size_of::<usize>()) {
            return;
        }
        let Some((caller, address)) = memory.pair(fp) else { return };
        let address = without_signature(address);
        if address < FIRST_PAGE || !push(address) {
            return;
        }
        lowest = fp + 2 * size_of::<usize>();
        fp = caller;
    }
}

/// The nearest return address into the program, and the frame pointer of the function it leads to.
///
/// Calls that have returned leave their addresses behind below the stack of those under way; the right one is the first
/// from which a frame can be found.
fn find_caller(registers: Registers, text: Text, memory: &mut impl Memory) -> Option<(usize, usize)> {
    for n in 0..SCAN {
        let slot = registers.sp.checked_add(n * size_of::<usize>())?;
        let (word, _) = memory.pair(slot)?;
        if text.contains(word)
            && follows_call(word, memory)
            && let Some(frame) = find_frame(registers, slot, text, memory)
        {
            return Some((word, frame));
        }
    }
    None
}

/// Whether the instruction before `address` is a call: `E8` with a displacement, or `FF /2` in its usual lengths
/// (Intel SDM, volume 2, CALL). Function pointers and other numbers that happen to lie in the program's code are not.
fn follows_call(address: usize, memory: &mut impl Memory) -> bool {
    let Some((before, _)) = memory.pair(address.wrapping_sub(size_of::<usize>())) else { return false };
    let bytes = before.to_le_bytes();
    let byte = |back: usize| bytes.len().checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    byte(5) == 0xe8 || [2, 3, 6, 7].into_iter().any(|n| byte(n) == 0xff && (byte(n - 1) >> 3) & 7 == 2)
}

/// The frame pointer of the function that the return address at `slot` leads to: still in its register, or saved by one
/// of the functions called. All frames that lie above belong to the caller or its own callers, so the nearest is it.
fn find_frame(registers: Registers, slot: usize, text: Text, memory: &mut impl Memory) -> Option<usize> {
    let saved = (registers.sp..slot).step_by(size_of::<usize>());
    let mut nearest = Some(registers.fp).filter(|fp| is_frame(*fp, slot, text, memory));
    for at in saved {
        let (word, _) = memory.pair(at)?;
        if nearest.is_none_or(|fp| word < fp) && is_frame(word, slot, text, memory) {
            nearest = Some(word);
        }
    }
    nearest
}

/// Whether `fp` points to a frame above `slot` that returns into the program.
fn is_frame(fp: usize, slot: usize, text: Text, memory: &mut impl Memory) -> bool {
    let near = fp > slot && fp - slot < MAX_FRAME && fp.is_multiple_of(2 * size_of::<usize>());
    near && memory
        .pair(fp)
        .is_some_and(|(caller, address)| (caller > fp || caller == 0) && text.contains(address))
}

/// On `aarch64` return addresses may carry a pointer authentication code above the 48 bits of user addresses.
fn without_signature(address: usize) -> usize {
    if cfg!(target_arch = "aarch64") { address & ((1 << 48) - 1) } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    impl Memory for HashMap<usize, (usize, usize)> {
        fn pair(&mut self, address: usize) -> Option<(usize, usize)> {
            self.get(&address).copied()
        }
    }

    const SP: usize = 0x7000_0000;

    const TEXT: Text = Text { start: 0x1_0000, limit: 0x10_0000 };

    fn walked(fp: usize, frames: &[(usize, (usize, usize))]) -> Vec<usize> {
        walked_from(0x1_0000, fp, frames)
    }

    fn walked_from(pc: usize, fp: usize, frames: &[(usize, (usize, usize))]) -> Vec<usize> {
        let mut memory: HashMap<_, _> = frames.iter().copied().collect();
        let mut stack = Vec::new();
        walk(Registers { pc, fp, sp: SP }, TEXT, &mut memory, |address| {
            stack.push(address);
            stack.len() < MAX_FRAMES
        });
        stack
    }

    #[test]
    fn callers_follow_innermost_first() {
        let frames =
            [(SP + 16, (SP + 64, 0x2_0000)), (SP + 64, (SP + 4096, 0x3_0000)), (SP + 4096, (0, 0x4_0000))];
        assert_eq!(walked(SP + 16, &frames), [0x1_0000, 0x2_0000, 0x3_0000, 0x4_0000]);
    }

    #[test]
    fn a_frame_pointer_that_is_none_leaves_the_interrupted_address() {
        for fp in [0, 1, SP - 16, SP + 3, usize::MAX, usize::MAX - 7, SP + MAX_STACK] {
            assert_eq!(walked(fp, &[(fp, (0, 0x2_0000))]), [0x1_0000], "{fp:#x}");
        }
    }

    #[test]
    fn unreadable_memory_and_null_addresses_end_the_chain() {
        assert_eq!(walked(SP + 16, &[]), [0x1_0000]);
        assert_eq!(walked(SP + 16, &[(SP + 16, (SP + 64, 0))]), [0x1_0000]);
    }

    #[test]
    fn a_chain_that_turns_back_ends() {
        let frames = [(SP + 64, (SP + 16, 0x2_0000)), (SP + 16, (SP + 64, 0x3_0000))];
        assert_eq!(walked(SP + 64, &frames), [0x1_0000, 0x2_0000]);
        assert_eq!(walked(SP + 16, &[(SP + 16, (SP + 16, 0x2_0000))]), [0x1_0000, 0x2_0000]);
    }

    #[test]
    fn a_chain_without_end_is_cut() {
        let frames: Vec<_> =
            (1..=MAX_FRAMES + 50).map(|n| (SP + 16 * n, (SP + 16 * (n + 1), 0x2_0000))).collect();
        assert_eq!(walked(SP + 16, &frames).len(), MAX_FRAMES);
    }

    /// `E8` and four bytes right before the address.
    #[cfg(target_arch = "x86_64")]
    const CALL: usize = 0xe8 << 24;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_sample_in_foreign_code_finds_its_caller_and_the_saved_frame_pointer() {
        let frame = SP + 64;
        let memory = |saved: usize| {
            vec![
                (SP, (0x2_0000, 0x5_0000)),  // a pointer into the code that follows no call
                (SP + 8, (0x5_0000, saved)), // left behind by a call that has returned
                (SP + 16, (saved, 0x3_0000)),
                (SP + 24, (0x3_0000, 0)),
                (0x2_0000 - 8, (0, 0)),
                (0x5_0000 - 8, (CALL, 0)),
                (0x3_0000 - 8, (CALL, 0)),
                (frame, (0, 0x4_0000)),
            ]
        };
        let foreign = 0x7fff_0000;
        let expected = [foreign, 0x3_0000, 0x4_0000];
        assert_eq!(walked_from(foreign, 77, &memory(frame)), expected, "saved on the stack");
        assert_eq!(walked_from(foreign, frame, &memory(5))[2..], expected[2..], "still in its register");
        assert_eq!(walked_from(foreign, 77, &memory(5)), expected[..1], "lost");
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn calls_are_known_by_their_bytes() {
        let follows = |bytes: [u8; 8]| {
            follows_call(0x2_0000, &mut HashMap::from([(0x2_0000 - 8, (usize::from_le_bytes(bytes), 0))]))
        };
        assert!(follows([0, 0, 0, 0xe8, 1, 2, 3, 4]), "call rel32");
        assert!(follows([0, 0, 0, 0, 0, 0, 0xff, 0xd0]), "call rax");
        assert!(follows([0, 0, 0xff, 0x15, 1, 2, 3, 4]), "call [rip+disp32]");
        assert!(!follows([0, 0, 0, 0, 0, 0, 0xff, 0xe0]), "jmp rax");
        assert!(!follows([0x90; 8]), "nop");
    }
}
