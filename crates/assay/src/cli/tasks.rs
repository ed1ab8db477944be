//! Arguments of `assay tasks`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Tasks {
    /// List tasks, those made last first
    #[command(after_help = "Examples:\n  assay tasks list --state dead\n  \
        assay tasks list --kind webhook --json")]
    List {
        /// ready, delayed, running, done, dead, parked or cancelled [default: all]
        #[arg(long)]
        state: Option<String>,
        /// Such as ingest [default: all]
        #[arg(long)]
        kind: Option<String>,
        /// Such as default [default: all]
        #[arg(long)]
        queue: Option<String>,
        /// Continue after this task
        #[arg(long, value_name = "TASK")]
        after: Option<String>,
        /// 1 to 1000
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show a task with its steps and failures
    Show {
        /// The task
        task: String,
    },
    /// Make a task
    #[command(after_help = "Examples:\n  assay tasks run tidy\n  \
        assay tasks run sync --payload '{\"source\": \"ID\"}' --priority 5\n  \
        assay tasks run reindex --at 2026-12-01T02:00:00Z --timeout 3600")]
    Run(TaskRun),
    /// Cancel a task: at once when it waits, at its next step when it runs
    Cancel {
        /// The task
        task: String,
    },
    /// Run a task now that waits after a failure, or begin one anew that ended badly
    Retry {
        /// The task
        task: String,
    },
    /// Replay dead letters: one, or all of a kind
    #[command(after_help = "Examples:\n  assay tasks replay TASK\n  \
        assay tasks replay --kind ingest\n  assay tasks replay --all")]
    Replay(Replay),
    /// Take no further tasks, and wait for what runs
    Drain {
        /// Wait no longer than so many seconds
        #[arg(long, default_value_t = 30)]
        wait: u64,
    },
    /// Take tasks again after a drain
    Resume,
    /// Make tasks by the calendar
    #[command(subcommand)]
    Schedule(Schedules),
    /// Have an address told when tasks end
    #[command(subcommand)]
    Webhook(Webhooks),
}

#[derive(Debug, Args)]
pub(crate) struct TaskRun {
    /// sync, tidy or reindex
    pub(crate) kind: String,
    /// What the kind has to know, as JSON
    #[arg(long, default_value = "{}")]
    pub(crate) payload: String,
    /// Higher goes first
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) priority: i32,
    /// Not before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Seconds that a run may take
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
    /// The same key gives the same task
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Replay {
    /// The task
    pub(crate) task: Option<String>,
    /// All dead and parked tasks of this kind
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// All dead and parked tasks
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schedules {
    /// List schedules
    List,
    /// Show a schedule with its next times
    Show {
        /// The schedule
        schedule: String,
    },
    /// Set a schedule up
    #[command(after_help = "Examples:\n  assay tasks schedule add nightly '30 2 * * *' tidy\n  \
        assay tasks schedule add papers '0 7 * * mon-fri' sync --zone Europe/Berlin \\\n    \
        --payload '{\"source\": \"ID\"}'")]
    Add {
        /// Its name
        name: String,
        /// Minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly
        cron: String,
        /// sync, tidy or reindex
        kind: String,
        /// What the kind has to know, as JSON
        #[arg(long, default_value = "{}")]
        payload: String,
        /// The time zone
        #[arg(long, default_value = "UTC")]
        zone: String,
        /// What becomes of times that passed while nothing ran: once or none
        #[arg(long, default_value = "once")]
        missed: String,
    },
    /// Let a schedule stand still
    Pause {
        /// The schedule
        schedule: String,
    },
    /// Let a schedule go on from now
    Resume {
        /// The schedule
        schedule: String,
    },
    /// Remove a schedule; tasks that it made stay
    Remove {
        /// The schedule
        schedule: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    /// List webhooks
    List,
    /// Set a webhook up; its secret is shown once
    #[command(after_help = "Example:\n  \
        assay tasks webhook add https://example.org/hook --state dead --state parked")]
    Add {
        /// Where to send
        url: String,
        /// Only tasks of this kind; may be given more than once
        #[arg(long)]
        kind: Vec<String>,
        /// Only this end: done, dead, parked or cancelled; may be given more than once
        #[arg(long)]
        state: Vec<String>,
    },
    /// Remove a webhook
    Remove {
        /// The webhook
        webhook: String,
    },
}
