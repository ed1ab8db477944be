//! Jobs: their states and steps in words.

use assay_answer::{Job, TaskRecord, TaskState};
use assay_api::{JobDocument, JobProgress, JobResponse};

use super::time;

/// The states of the wire with those of the task engine.
pub(crate) const JOB_STATES: [(&str, &[TaskState]); 5] = [
    ("queued", &[TaskState::Ready, TaskState::Delayed]),
    ("running", &[TaskState::Running]),
    ("done", &[TaskState::Done]),
    ("failed", &[TaskState::Dead, TaskState::Parked]),
    ("cancelled", &[TaskState::Cancelled]),
];

pub(crate) fn job(job: Job) -> JobResponse {
    let step = job.step().to_owned();
    let hint = hint(&job.record).map(str::to_owned);
    let Job { record, document, stalled } = job;
    let waits_for_retry = record.state == TaskState::Delayed && record.attempts > 0;
    let state = JOB_STATES.iter().find(|(_, states)| states.contains(&record.state));
    JobResponse {
        id: record.id.to_string(),
        kind: record.kind,
        state: state.map_or("", |(word, _)| word).to_owned(),
        step,
        progress: record.progress.map(|progress| JobProgress {
            message: message(&progress.message, progress.done, progress.total),
            done: progress.done,
            total: progress.total,
        }),
        document: document
            .map(|document| JobDocument { id: document.id.to_string(), name: document.name }),
        stalled: stalled.is_some(),
        stalled_reason: stalled,
        result: record.result,
        error: record.error,
        hint,
        attempts: record.attempts,
        created_at: time(record.created_ms),
        changed_at: time(record.updated_ms),
        retry_at: waits_for_retry.then(|| time(record.run_at_ms)),
    }
}

/// Progress for a person; units of parsing and reading are pages, under way when they come next.
fn message(step: &str, done: u64, total: Option<u64>) -> String {
    let Some(total) = total else { return step.to_owned() };
    let at = (done + 1).min(total);
    match step {
        "parsing" => format!("parsing page {at} of {total}"),
        "reading pages" => format!("reading page {at} of {total}"),
        "embedding" => format!("embedding passage {at} of {total}"),
        step => format!("{step} {done} of {total}"),
    }
}

/// What to do about a job that did not end well.
fn hint(record: &TaskRecord) -> Option<&'static str> {
    match record.state {
        TaskState::Dead if record.attempts >= record.attempts_max => {
            Some("remove what the error names, such as a full disk, and retry the job")
        }
        TaskState::Dead => Some(
            "mend the file and ingest it again, or change the setting that the error names and \
             retry the job",
        ),
        TaskState::Parked => Some(
            "the process ended several times during this job: look at the log for the reason, then \
             retry the job",
        ),
        TaskState::Cancelled => Some("retry the job to take the file in after all"),
        TaskState::Delayed if record.attempts > 0 => Some("it is tried again by itself"),
        TaskState::Ready | TaskState::Delayed | TaskState::Running | TaskState::Done => None,
    }
}

#[cfg(test)]
mod tests {
    //! The words of progress.

    use super::message;

    #[test]
    fn the_page_under_way_is_named() {
        assert_eq!(message("parsing", 0, None), "parsing");
        assert_eq!(message("parsing", 2, Some(120)), "parsing page 3 of 120");
        assert_eq!(message("parsing", 120, Some(120)), "parsing page 120 of 120");
        assert_eq!(message("reading pages", 0, Some(1)), "reading page 1 of 1");
        assert_eq!(message("embedding", 64, Some(90)), "embedding passage 65 of 90");
    }
}
