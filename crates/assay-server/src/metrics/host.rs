//! The machine, as the kernel tells of it. Where there is no `/proc`, its metrics are absent.

use std::{
    fs,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Ticks of the kernel's clock a second, as user space is told on every Linux.
const TICKS_A_SECOND: f64 = 100.0;
/// Two readings of processor time that are nearer say nothing.
const APART: Duration = Duration::from_secs(1);

/// What is known of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Host {
    /// Processors.
    pub(crate) cpus: usize,
    /// Share of their time that they were busy, since the reading before.
    pub(crate) cpu_usage: Option<f64>,
    /// Share of the memory that is in use.
    pub(crate) memory_used: Option<f64>,
    /// Seconds of processor time that this process used since its start.
    pub(crate) process_cpu: Option<f64>,
}

/// Processor time in ticks, busy and all.
type Ticks = (u64, u64);

/// Reads the machine again and again.
#[derive(Debug, Default)]
pub(crate) struct Machine(Mutex<Option<(Instant, Ticks, Option<f64>)>>);

impl Machine {
    /// The machine as it is now.
    pub(crate) fn read(&self) -> Host {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Host {
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            cpu_usage: ticks(&read("/proc/stat")).and_then(|ticks| self.usage(ticks)),
            memory_used: memory_used(&read("/proc/meminfo")),
            process_cpu: process_cpu(&read("/proc/self/stat")),
        }
    }

    /// The share of busy time since the reading before.
    fn usage(&self, now: Ticks) -> Option<f64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, _, usage)) if at.elapsed() < APART => usage,
            before => {
                let usage = before.and_then(|(_, before, _)| share(before, now));
                *last = Some((Instant::now(), now, usage));
                usage
            }
        }
    }
}

fn share(before: Ticks, now: Ticks) -> Option<f64> {
    let all = now.1.checked_sub(before.1).filter(|all| *all > 0)?;
    Some(now.0.saturating_sub(before.0) as f64 / all as f64)
}

/// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
fn ticks(stat: &str) -> Option<Ticks> {
    let numbers = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().take(8);
    let numbers: Vec<u64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
    let all: u64 = numbers.iter().sum();
    let idle = numbers.get(3)? + numbers.get(4)?;
    Some((all - idle, all))
}

fn memory_used(meminfo: &str) -> Option<f64> {
    let field = |name: &str| -> Option<f64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let total = field("MemTotal:").filter(|total| *total > 0.0)?;
    Some(1.0 - field("MemAvailable:")? / total)
}

/// Fields 14 and 15 of `/proc/self/stat`, counted behind the name in brackets, which is field 2.
fn process_cpu(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    //! What the kernel writes is read.

    use super::*;

    #[test]
    fn the_files_of_the_kernel_are_read() {
        let stat = "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1\n";
        assert_eq!(ticks(stat), Some((150, 1000)));
        assert_eq!(share((150, 1000), (200, 1100)), Some(0.5));
        let meminfo = "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    250 kB\n";
        assert_eq!(memory_used(meminfo), Some(0.75));
        let own = "7 (a ) b) S 1 7 7 0 -1 0 1 2 3 4 150 50 0 0 20 0 1 0 9";
        assert_eq!(process_cpu(own), Some(2.0));
        assert_eq!((ticks(""), memory_used(""), process_cpu("")), (None, None, None));
    }

    #[test]
    fn this_machine_is_read_where_it_has_the_files() {
        let host = Machine::default().read();
        let has_files = fs::File::open("/proc/self/stat").is_ok();
        assert_eq!(host.process_cpu.is_some(), has_files);
        assert!(host.memory_used.is_none_or(|share| (0.0..=1.0).contains(&share)));
    }
}
