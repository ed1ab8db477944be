//! Tasks, schedules and webhooks in the words of the wire.

use assay_answer::{History, Job, Schedule, Webhook};
use assay_api::{
    JobProgress, ScheduleResponse, TaskDetailResponse, TaskResponse, TaskRunFailure, TaskStep,
    WebhookResponse,
};

use super::time;

/// Times of a schedule that are shown.
const UPCOMING: usize = 5;

pub(crate) fn task(job: Job) -> TaskResponse {
    let Job { record, stalled, .. } = job;
    TaskResponse {
        id: record.id.to_string(),
        kind: record.kind,
        queue: record.queue,
        state: record.state.as_str().to_owned(),
        priority: record.priority,
        progress: record.progress.map(|progress| JobProgress {
            done: progress.done,
            total: progress.total,
            message: progress.message,
        }),
        stalled_reason: stalled,
        result: record.result,
        error: record.error,
        attempts: record.attempts,
        attempts_max: record.attempts_max,
        crashes: record.crashes,
        timeout_seconds: record.timeout_ms.map(|ms| f64::from(ms) / 1e3),
        created_at: time(record.created_ms),
        changed_at: time(record.updated_ms),
        run_at: time(record.run_at_ms),
        ended_at: record.finished_ms.map(time),
    }
}

pub(crate) fn task_detail(job: Job, history: History) -> TaskDetailResponse {
    let step = |it: assay_answer::StepRecord| TaskStep { name: it.name, at: it.at_ms.map(time) };
    let failure = |it: assay_answer::FailureRecord| TaskRunFailure {
        run: it.run,
        at: time(it.at_ms),
        reason: it.reason,
    };
    TaskDetailResponse {
        task: task(job),
        steps: history.steps.into_iter().map(step).collect(),
        failures: history.failures.into_iter().map(failure).collect(),
    }
}

pub(crate) fn schedule(schedule: Schedule, now_ms: i64) -> ScheduleResponse {
    let shown = if schedule.is_paused { 0 } else { UPCOMING };
    ScheduleResponse {
        id: schedule.id.to_string(),
        next: schedule.upcoming_ms(now_ms, shown).into_iter().map(time).collect(),
        name: schedule.new.name,
        cron: schedule.new.cron,
        zone: schedule.new.zone,
        missed: schedule.new.missed.as_str().to_owned(),
        kind: schedule.new.task.kind,
        payload: schedule.new.task.payload,
        priority: schedule.new.task.priority,
        paused: schedule.is_paused,
        last_at: schedule.last_ms.map(time),
        last_task: schedule.last_task.map(|task| task.to_string()),
        created_at: time(schedule.created_ms),
    }
}

/// A webhook, with its secret where it was just made.
pub(crate) fn webhook(webhook: Webhook, is_new: bool) -> WebhookResponse {
    WebhookResponse {
        id: webhook.id.to_string(),
        url: webhook.url,
        kinds: webhook.kinds,
        states: webhook.states.iter().map(|state| state.as_str().to_owned()).collect(),
        secret: is_new.then_some(webhook.secret),
        created_at: time(webhook.created_ms),
    }
}
