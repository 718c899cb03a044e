//! The processor's cycle counter: a time that costs a third of what asking the system for one costs.

/// The counter's value. Only meaningful where [`is_usable`]; differences are time at a rate that has to be measured.
#[inline]
pub(super) fn read() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: `rdtsc` reads a register and touches no memory. Every x86_64 processor has it, and Linux traps it for a
        // process only on that process's own wish (`PR_SET_TSC`), which would already break the C library's clock.
        #[expect(unsafe_code, reason = "the instruction has no safe form")]
        unsafe {
            core::arch::x86_64::_rdtsc()
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        let value: u64;
        // SAFETY: reads the virtual count register, which Linux lets every process read; touches neither memory nor stack.
        #[expect(unsafe_code, reason = "the register has no safe form")]
        unsafe {
            core::arch::asm!("mrs {}, cntvct_el0", out(reg) value, options(nomem, nostack, preserves_flags));
        }
        value
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    0
}

/// Whether the counter runs at one rate on all processors. The kernel knows best: it tests the counter from boot on, and
/// keeps its own time by it only as long as that holds.
pub(super) fn is_usable() -> bool {
    if cfg!(miri) || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))) {
        return false;
    }
    let source = std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    matches!(source.as_deref().map(str::trim), Ok("tsc" | "arch_sys_counter"))
}
