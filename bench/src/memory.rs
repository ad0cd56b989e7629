//! The memory of a process.

use crate::error::Result;

/// The largest amount of memory that a process had so far.
pub(crate) const PEAK: &str = "VmHWM:";

/// The amount of memory that a process has.
pub(crate) const CURRENT: &str = "VmRSS:";

/// Returns an amount of memory in bytes, as Linux reports it.
pub(crate) fn of_process(id: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or_else(|| format!("no {name}"))?.trim().parse::<u64>()? * 1024)
}
