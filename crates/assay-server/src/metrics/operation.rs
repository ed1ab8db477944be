//! Numbers that rules and runbooks ask for: parts, tasks, the machine, error budgets.

use std::sync::atomic::AtomicU64;

use assay_answer::{PartHealth, PartState, TaskLoad, TaskRunEnd, TaskState};
use assay_telemetry::ObjectiveStatus;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::host::Machine;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    dependency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    queue: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueStateLabels {
    queue: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    kind: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ObjectiveLabels {
    slo: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BurnLabels {
    slo: String,
    window: String,
}

type Number = Gauge<f64, AtomicU64>;

/// Upper bounds of the durations of tasks, in seconds: from a small text to the run that is too long.
const TASK_SECONDS: [f64; 10] = [0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// The families.
#[derive(Debug)]
pub(super) struct OperationMetrics {
    machine: Machine,
    parts: Family<PartLabels, Gauge>,
    tasks: Family<QueueStateLabels, Gauge>,
    oldest: Family<QueueLabels, Number>,
    workers: Gauge,
    longest_run: Number,
    task_store: Gauge,
    pub(super) ends: TaskEnds,
    cpus: Gauge,
    cpu: Number,
    memory: Number,
    process_cpu: Counter<f64, AtomicU64>,
    disk_used: Number,
    disk_free: Gauge,
    burn: Family<BurnLabels, Number>,
    budget: Family<ObjectiveLabels, Number>,
}

/// Counters that the workers feed.
#[derive(Debug, Clone)]
pub(super) struct TaskEnds {
    ended: Family<EndLabels, Counter>,
    retries: Family<KindLabels, Counter>,
    seconds: Family<KindLabels, Histogram, fn() -> Histogram>,
}

impl TaskEnds {
    /// Counts the end of a run.
    pub(super) fn note(&self, end: &TaskRunEnd<'_>) {
        let kind = KindLabels { kind: end.kind.to_owned() };
        self.seconds.get_or_create(&kind).observe(end.took.as_secs_f64());
        if end.state.is_finished() {
            let labels = EndLabels { kind: kind.kind, outcome: end.state.as_str() };
            self.ended.get_or_create(&labels).inc();
        } else if end.state == TaskState::Delayed {
            self.retries.get_or_create(&kind).inc();
        }
    }
}

impl OperationMetrics {
    /// The families, in `registry`.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            machine: Machine::default(),
            parts: Family::default(),
            tasks: Family::default(),
            oldest: Family::default(),
            workers: Gauge::default(),
            longest_run: Number::default(),
            task_store: Gauge::default(),
            ends: TaskEnds {
                ended: Family::default(),
                retries: Family::default(),
                seconds: Family::new_with_constructor(|| Histogram::new(TASK_SECONDS)),
            },
            cpus: Gauge::default(),
            cpu: Number::default(),
            memory: Number::default(),
            process_cpu: Counter::default(),
            disk_used: Number::default(),
            disk_free: Gauge::default(),
            burn: Family::default(),
            budget: Family::default(),
        };
        metrics.register(registry);
        metrics
    }

    fn register(&self, to: &mut Registry) {
        to.register("dependency_up", "Whether a part works, 1 or 0", self.parts.clone());
        to.register("tasks", "Tasks by queue and state", self.tasks.clone());
        let help = "Age of the oldest task that could run";
        to.register_with_unit("tasks_oldest", help, Unit::Seconds, self.oldest.clone());
        to.register("task_workers", "Threads that take tasks", self.workers.clone());
        let help = "Time of the longest run under way";
        to.register_with_unit("task_longest_run", help, Unit::Seconds, self.longest_run.clone());
        let help = "Whether tasks can be taken from their store, 1 or 0";
        to.register("task_store_up", help, self.task_store.clone());
        to.register("tasks_ended", "Tasks that ended, by outcome", self.ends.ended.clone());
        to.register(
            "task_retries",
            "Runs after which a task waits for another",
            self.ends.retries.clone(),
        );
        let help = "Time of a run of a task";
        to.register_with_unit("task_duration", help, Unit::Seconds, self.ends.seconds.clone());
        to.register("host_cpus", "Processors of the machine", self.cpus.clone());
        let help = "Share of the processors' time that was busy since the reading before";
        to.register_with_unit(
            "host_cpu_usage",
            help,
            Unit::Other("ratio".to_owned()),
            self.cpu.clone(),
        );
        let help = "Share of the machine's memory in use";
        to.register_with_unit(
            "host_memory_used",
            help,
            Unit::Other("ratio".to_owned()),
            self.memory.clone(),
        );
        let help = "Processor time of this process";
        to.register_with_unit("process_cpu", help, Unit::Seconds, self.process_cpu.clone());
        let help = "Share of the disk of the data folder in use";
        to.register_with_unit(
            "disk_used",
            help,
            Unit::Other("ratio".to_owned()),
            self.disk_used.clone(),
        );
        let help = "Free space on the disk of the data folder";
        to.register_with_unit("disk_free", help, Unit::Bytes, self.disk_free.clone());
        let help = "Times the even use of an error budget, by the window";
        to.register("slo_burn_rate", help, self.burn.clone());
        let help = "Share of an error budget that is left";
        to.register_with_unit(
            "slo_budget_left",
            help,
            Unit::Other("ratio".to_owned()),
            self.budget.clone(),
        );
    }

    pub(super) fn note_parts(&self, parts: &[PartHealth]) {
        for part in parts.iter().filter(|part| part.state != PartState::Absent) {
            let labels = PartLabels { dependency: part.name.to_owned() };
            self.parts.get_or_create(&labels).set(i64::from(part.state != PartState::Failed));
        }
    }

    pub(super) fn note_tasks(&self, load: &TaskLoad) {
        self.tasks.clear();
        self.oldest.clear();
        for count in &load.counts {
            let state = count.state.as_str();
            let labels = QueueStateLabels { queue: count.queue.clone(), state };
            self.tasks.get_or_create(&labels).set(i64::try_from(count.count).unwrap_or(i64::MAX));
            if count.state == TaskState::Ready {
                let labels = QueueLabels { queue: count.queue.clone() };
                let age = (load.now_ms - count.oldest_ms).max(0) as f64 / 1e3;
                self.oldest.get_or_create(&labels).set(age);
            }
        }
        self.workers.set(i64::try_from(load.workers).unwrap_or(i64::MAX));
        self.longest_run.set(load.longest_run.as_secs_f64());
        self.task_store.set(i64::from(load.trouble.is_none()));
    }

    /// The tasks could not be read.
    pub(super) fn note_no_tasks(&self) {
        self.tasks.clear();
        self.oldest.clear();
        self.task_store.set(0);
    }

    /// The machine; `disk` is free bytes and all bytes.
    pub(super) fn note_host(&self, disk: Option<(u64, u64)>) {
        let host = self.machine.read();
        self.cpus.set(i64::try_from(host.cpus).unwrap_or(1));
        // What cannot be read is no zero: a rule would take it for good news.
        self.cpu.set(host.cpu_usage.unwrap_or(f64::NAN));
        self.memory.set(host.memory_used.unwrap_or(f64::NAN));
        let used = host.process_cpu.unwrap_or(0.0) - self.process_cpu.get();
        self.process_cpu.inc_by(used.max(0.0));
        if let Some((free, all)) = disk.filter(|(_, all)| *all > 0) {
            self.disk_used.set(1.0 - free as f64 / all as f64);
            self.disk_free.set(i64::try_from(free).unwrap_or(i64::MAX));
        }
    }

    pub(super) fn note_objectives(&self, objectives: &[ObjectiveStatus]) {
        for objective in objectives {
            for burn in &objective.burns {
                let rates =
                    [(burn.long_minutes, burn.long_rate), (burn.short_minutes, burn.short_rate)];
                for (minutes, rate) in rates {
                    let window = window(minutes);
                    let labels = BurnLabels { slo: objective.name.clone(), window };
                    self.burn.get_or_create(&labels).set(rate.unwrap_or(f64::NAN));
                }
            }
            let labels = ObjectiveLabels { slo: objective.name.clone() };
            self.budget.get_or_create(&labels).set(objective.budget_left.unwrap_or(f64::NAN));
        }
    }
}

/// A window as rules name it: `5m`, `6h`, `3d`.
pub(crate) fn window(minutes: i64) -> String {
    match minutes {
        minutes if minutes % 1440 == 0 => format!("{}d", minutes / 1440),
        minutes if minutes % 60 == 0 => format!("{}h", minutes / 60),
        minutes => format!("{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    //! What a server shows only when tasks wait or fail.

    use std::time::Duration;

    use assay_answer::QueueCount;
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn waiting_and_retried_tasks_are_shown_under_the_names_of_the_rules() {
        let mut registry = Registry::with_prefix("assay");
        let metrics = OperationMetrics::new(&mut registry);
        let waiting = QueueCount {
            queue: "ingest".to_owned(),
            state: TaskState::Ready,
            count: 7,
            oldest_ms: 1_000,
        };
        metrics.note_tasks(&TaskLoad {
            counts: vec![waiting],
            workers: 2,
            longest_run: Duration::ZERO,
            trouble: Some("no disk".to_owned()),
            now_ms: 61_000,
        });
        let took = Duration::from_secs(2);
        metrics.ends.note(&TaskRunEnd { kind: "ingest", state: TaskState::Delayed, took });
        metrics.ends.note(&TaskRunEnd { kind: "ingest", state: TaskState::Dead, took });
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "assay_tasks{queue=\"ingest\",state=\"ready\"} 7",
            "assay_tasks_oldest_seconds{queue=\"ingest\"} 60.0",
            "assay_task_retries_total{kind=\"ingest\"} 1",
            "assay_tasks_ended_total{kind=\"ingest\",outcome=\"dead\"} 1",
            "assay_task_duration_seconds_count{kind=\"ingest\"} 2",
            "assay_task_store_up 0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
