//! Reads memory and processor time of a process from Linux's `/proc`.

use std::time::Duration;

use crate::error::Result;

/// Name of the line with the peak memory of a process.
pub(crate) const PEAK_MEMORY: &str = "VmHWM:";

/// Name of the line with the present memory of a process.
pub(crate) const MEMORY: &str = "VmRSS:";

/// Returns the amount of memory in the line `name`, in bytes.
pub(crate) fn memory(id: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or_else(|| format!("no {name}"))?.trim().parse::<u64>()? * 1024)
}

/// Returns the time that the main thread of a process has spent on a processor. It is the same on a busy machine.
pub(crate) fn processor_time(id: u32) -> Result<Duration> {
    let statistics = std::fs::read_to_string(format!("/proc/{id}/schedstat"))?;
    let nanoseconds = statistics.split(' ').next().ok_or("no schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
