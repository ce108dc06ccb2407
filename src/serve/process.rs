//! What the operating system says of this process, under the names that Prometheus' own clients give it.

use poterne_idp::Exposition;
use std::fs;

/// Writes what can be read; a system without `/proc` tells less.
pub fn write(out: &mut Exposition) {
    out.family("poterne_build_info", "gauge", "Always 1, with the version.");
    out.sample("poterne_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    if let Some(bytes) = resident() {
        out.single("process_resident_memory_bytes", "gauge", "Memory that the process holds.", bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        out.single("process_open_fds", "gauge", "Open file descriptors.", open.count());
    }
    if let Some(most) = limit() {
        out.single("process_max_fds", "gauge", "File descriptors that may be open.", most);
    }
}

fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

fn limit() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
