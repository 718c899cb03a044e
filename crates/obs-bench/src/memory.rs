//! Memory of this process, as the kernel counts it.

use std::io;

/// Bytes of this process that are in memory (`VmRSS`).
pub(crate) fn resident() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    resident_in(&status).ok_or_else(|| io::Error::other("/proc/self/status has no VmRSS in kB"))
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_is_found_among_the_other_figures() {
        let status = "Name:\tobs\nVmHWM:\t    9000 kB\nVmRSS:\t    4096 kB\nThreads:\t1\n";
        assert_eq!(resident_in(status), Some(4 << 20));
        assert_eq!(resident_in("VmRSS: many kB"), None);
    }

    #[test]
    fn this_process_has_some() {
        assert!(resident().unwrap() > 1 << 16);
    }
}
