//! [`is_default`]: what the process does on a signal, as the kernel tells it: proc(5), `SigIgn` and `SigCgt` in `status`.

use std::ffi::c_int;

/// Whether `signal` is neither handled nor ignored by this process. `false` when the kernel does not say.
pub(super) fn is_default(signal: c_int) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| is_default_in(&status, signal))
}

fn is_default_in(status: &str, signal: c_int) -> bool {
    let mask = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        u64::from_str_radix(line.trim(), 16).ok()
    };
    let bit = u32::try_from(signal - 1).ok().and_then(|n| 1_u64.checked_shl(n));
    match (mask("SigIgn:"), mask("SigCgt:"), bit) {
        (Some(ignored), Some(caught), Some(bit)) => (ignored | caught) & bit == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a shell script run by nohup: SIGHUP (1) ignored, SIGINT (2) and SIGCHLD (17) caught.
    const STATUS: &str = "Name:\tbash\nSigQ:\t0/1\nSigIgn:\t0000000000000001\nSigCgt:\t0000000000010002\n";

    #[test]
    fn ignored_and_caught_signals_are_told_from_those_left_alone() {
        let states: Vec<bool> = [1, 2, 15, 17].iter().map(|signal| is_default_in(STATUS, *signal)).collect();
        assert_eq!(states, [false, false, true, false]);
    }

    #[test]
    fn what_cannot_be_read_counts_as_not_default() {
        for status in ["", "SigIgn:\t0\n", "SigIgn:\tx\nSigCgt:\t0\n"] {
            assert!(!is_default_in(status, 15), "{status:?}");
        }
        assert!(!is_default_in(STATUS, 0) && !is_default_in(STATUS, 65));
    }
}
