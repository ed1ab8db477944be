//! The command line.

use std::path::PathBuf;

use assay_answer::Location;
use clap::{Args, Parser, Subcommand};

mod access;
mod evidence;
mod identity;
mod library;
mod measure;
mod model_calls;
mod question;
mod ready;
#[cfg(test)]
mod remedies;
mod rollout;
mod tasks;

pub(crate) use access::{AccessCommand, Closed, GroupCommand, Readers};
pub(crate) use evidence::{Evidence, EvidenceCi, EvidenceStaging};
pub(crate) use identity::{
    AuditCommand, KeyCreate, Keys, Limits, MemberCommand, TenantCommand, UserCommand,
};
pub(crate) use library::{Collections, Documents, Ingest, Jobs, Sources};
pub(crate) use measure::{
    Bench, BenchCommand, BenchGateway, Drill, DrillAlerts, DrillAll, DrillAllow, DrillAttack,
    DrillDelivery, DrillFault, DrillLoad, DrillOwn, DrillPlace, DrillRestore, Eval, EvalData,
    EvalQuestions, Gates,
};
pub(crate) use model_calls::{
    Alerts, BudgetSet, Budgets, Dashboards, Explain, GatewayCommand, GuardCommand, GuardScan,
    GuardScope, Import, Prices, Slo, Usage,
};
pub(crate) use question::{Ask, Cite, Feedback, Mode, OpinionSay, Opinions, Search, Sessions};
pub(crate) use ready::{
    ReadyAllow, ReadyAttest, ReadyCheck, ReadyCommand, ReadyFailOn, ReadyForm, ReadyFormat,
    ReadySign, ReadyWaive,
};
pub(crate) use rollout::{
    RolloutCommand, RolloutCompare, RolloutExport, RolloutPlace, RolloutQuestions,
};
pub(crate) use tasks::{Replay, Schedules, TaskRun, Tasks, Webhooks};

/// Ask your own files; every sentence of an answer was checked against its source.
#[derive(Debug, Parser)]
#[command(name = "assay", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder with everything that Assay keeps [default: ~/.local/share/assay]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Configuration file [default: assay.toml here, when there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON for programs; on the last line where there is more than one
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server
    #[command(after_help = "Example:\n  assay serve --port 8080 --ingest ~/papers")]
    Serve(Serve),
    /// Take files in beside the server, whose rows are on a Postgres server
    #[command(after_help = "Example:\n  \
        ASSAY_DATABASE__URL=postgres://assay@db.example.org/assay assay worker --threads 4")]
    Worker(Worker),
    /// Make the tables on a Postgres server or bring them up to date; or go one version back
    #[command(after_help = "Examples:\n  \
        assay migrate --database postgres://assay_owner@db.example.org/assay --grant-to assay\n  \
        assay migrate --back --preview\n  \
        assay migrate --back=records --copy-to /mnt/backups/before")]
    Migrate(Migrate),
    /// Take files and folders in
    #[command(
        after_help = "Examples:\n  assay ingest ~/papers\n  assay ingest report.pdf --collection finance\n  \
        assay ingest ~/papers --prune     # also forget what is no longer there\n  \
        assay ingest ~/papers --watch     # stay, and follow what changes"
    )]
    Ingest(Ingest),
    /// List, watch, cancel and retry background work
    #[command(subcommand)]
    Jobs(Jobs),
    /// See, make, schedule, cancel and replay durable tasks, and have their ends told
    #[command(subcommand)]
    Tasks(Tasks),
    /// Ask a question
    #[command(after_help = "Examples:\n  assay ask \"which drug lowered mortality?\"\n  \
        assay ask \"what changed in version 2?\" --collection docs --json")]
    Ask(Ask),
    /// Make, find, show, share and delete sessions: conversations that are kept
    #[command(subcommand, alias = "conversations")]
    Sessions(Sessions),
    /// Say whether answers helped, and read what others said
    #[command(subcommand)]
    Opinions(Opinions),
    /// Check a text against sources and give it back with citations
    #[command(
        after_help = "Examples:\n  assay cite draft.md --sources notes.txt --sources sources.json\n  \
        assay cite draft.md --sources sources.json --style apa\n  \
        assay cite - --sources sources.json --style bibtex --only-bibliography < draft.md"
    )]
    Cite(Cite),
    /// Look for personal data, secrets, injections and active content
    #[command(
        subcommand,
        after_help = "Examples:\n  assay guard scan prompt.txt\n  \
        assay guard scan - --redact < answer.md\n  \
        assay guard scan src/config.py --scope secrets --json"
    )]
    Guard(GuardCommand),
    /// Find passages
    #[command(after_help = "Examples:\n  assay search \"mortality dexamethasone\" --limit 5\n  \
        assay search \"abort a fetch request\" --sources mdn,stackoverflow\n  \
        assay search budget --filter \"tags in [finance, legal] and date >= 2024\" --facet tags\n  \
        assay search budget --explain     # where each score comes from")]
    Search(Search),
    /// Say whether a result was useful for a query
    #[command(after_help = "Example:\n  assay feedback \"who approved the budget?\" ID --useful")]
    Feedback(Feedback),
    /// List, tag, describe, move and delete documents
    #[command(subcommand)]
    Documents(Documents),
    /// Make, list, change, export and import collections
    #[command(subcommand)]
    Collections(Collections),
    /// Follow folders, web sites, buckets, repositories and mail folders
    #[command(subcommand)]
    Sources(Sources),
    /// Fetch, list and check models
    #[command(subcommand)]
    Models(Models),
    /// Say where calls to models go
    #[command(subcommand)]
    Gateway(GatewayCommand),
    /// Show what model calls cost
    #[command(
        after_help = "Examples:\n  assay usage\n  assay usage --by provider,model --from 2026-11-01\n  \
        assay usage --by document --limit 10 --json\n  assay usage --recount   # compare the sums with the entries"
    )]
    Usage(Usage),
    /// List, set, raise for a time and lift budgets of money, tokens and calls
    #[command(subcommand)]
    Budgets(Budgets),
    /// Show what is pending or fires, and the rules
    #[command(
        subcommand,
        after_help = "Examples:\n  assay alerts list          # ends with code 10 when something fires\n  \
        assay alerts rules --prometheus > rules.yml"
    )]
    Alerts(Alerts),
    /// Write out dashboards for Grafana
    #[command(
        subcommand,
        after_help = "Example:\n  assay dashboards export /var/lib/grafana/dashboards"
    )]
    Dashboards(Dashboards),
    /// Show what is promised and how much of each error budget is left
    #[command(after_help = "Examples:\n  assay slo\n  assay slo export > slos.yaml\n  \
        assay slo import slos.yaml >> assay.toml")]
    Slo {
        #[command(subcommand)]
        what: Option<Slo>,
    },
    /// Make, list, suspend and erase tenants; their members and what each role may do
    #[command(subcommand, alias = "tenants")]
    Tenant(TenantCommand),
    /// Make and list groups, and choose who is in them
    #[command(subcommand, alias = "group")]
    Groups(GroupCommand),
    /// Show and say who may read a document or a collection
    #[command(subcommand)]
    Access(AccessCommand),
    /// Make, list, rotate and revoke API keys
    #[command(subcommand, alias = "key")]
    Keys(Keys),
    /// Make and list users, shut them out and let them in
    #[command(subcommand, alias = "user")]
    Users(UserCommand),
    /// Read, take out and check the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Show and check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the search index against the records, or make it again
    #[command(subcommand)]
    Index(IndexCommand),
    /// Show the keys of encrypted data, rotate the root key, destroy the key of a tenant
    #[command(
        subcommand,
        after_help = "Examples:\n  assay encryption status\n  assay encryption rotate\n  \
        assay encryption destroy acme --yes"
    )]
    Encryption(EncryptionCommand),
    /// Take, list and check backups of a running server
    #[command(
        subcommand,
        after_help = "Examples:\n  assay backup run /mnt/backups/assay\n  assay backup list\n  \
        assay backup verify /mnt/backups/assay"
    )]
    Backup(BackupCommand),
    /// Write a backup into an empty folder, as it was at a moment
    #[command(
        after_help = "Examples:\n  assay restore /mnt/backups/assay --to /srv/assay-restored --preview\n  \
        assay restore /mnt/backups/assay --to /srv/assay-restored\n  \
        assay restore /mnt/backups/assay --to /srv/assay-monday --at 2026-11-16T09:30:00Z"
    )]
    Restore(Restore),
    /// Say whether the server of this data folder can serve, for health checks; code 1 when not
    Health,
    /// Say whether this machine and this data folder are fit for use
    #[command(after_help = "Examples:\n  assay doctor\n  assay doctor --bundle support.zip\n  \
        journalctl -u assay > assay.log; assay doctor --bundle support.zip --log assay.log")]
    Doctor(Doctor),
    /// Measure search, verdicts, answers and parsing: on your own questions or on judged data
    #[command(
        subcommand,
        after_help = "Examples:\n  assay eval questions questions.csv --html report.html\n  \
        assay eval questions questions.csv --set mode=hybrid --against mode=keyword\n  \
        assay eval questions questions.csv --gate pass_rate>=0.9 --baseline last.json\n  \
        assay eval compare monday.json tuesday.json"
    )]
    Eval(Eval),
    /// Say whether a deployment is ready, and prove it
    #[command(
        subcommand,
        after_help = "Examples:\n  assay ready check --profile dev\n  \
        assay ready check --profile prod --url https://assay.example.org --config assay.toml\n  \
        assay ready why-not\n  assay ready explain HLT-01\n  \
        assay ready report latest --format html --out ready.html\n\n\
        Exit codes: 0 ready, 1 something failed, 2 not decided or stale, 3 a probe broke,\n\
        4 bad input before anything ran"
    )]
    Ready(ReadyCommand),
    /// Attacks, faults, load, rollouts and what else only doing it shows: what holds
    #[command(
        subcommand,
        after_help = "Examples:\n  assay drill attack\n  assay drill attack --max-success 0.1 --json\n  \
        assay drill load --rate 20 --seconds 60"
    )]
    Drill(Drill),
    /// Move traffic from one deployment to another in steps, and back when the new one is worse
    #[command(
        subcommand,
        after_help = "Examples:\n  assay rollout plan rollout.toml\n  assay rollout run rollout.toml\n  \
        assay rollout status\n  assay rollout back\n  \
        assay rollout export argo rollout.toml --image registry.example.org/assay:0.2.0\n\n\
        Exit codes: 0 done, 1 went back, 2 not decided, 3 no answer, 4 bad input, 130 ended and back"
    )]
    Rollout(RolloutCommand),
    /// Measure ingest rate, latency, memory and start time
    #[command(after_help = "Example:\n  assay bench --documents 5000 --json")]
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Port; 0 for any free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Address to listen on; other machines can reach anything but 127.0.0.1
    #[arg(long)]
    pub(crate) host: Option<std::net::IpAddr>,
    /// Take this file or folder in after the start; may be given more than once
    #[arg(long, value_name = "PATH")]
    pub(crate) ingest: Vec<PathBuf>,
    /// Postgres server that holds the rows; a password is better kept in ASSAY_DATABASE__URL, for
    /// others on this machine see the options of a command
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Files taken in at the same time [default: answer.ingest_threads]
    #[arg(long)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    /// Postgres server that holds the rows; a password is better kept in ASSAY_DATABASE__URL
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The server, with the role that owns the tables; else ASSAY_DATABASE__URL
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The role that `assay serve` connects with
    #[arg(long, value_name = "ROLE", default_value = "assay")]
    pub(crate) grant_to: String,
    /// Take databases one version back, for the version of Assay before this one: all that have a way
    /// back, or those named (records, identity, tasks). No server may run
    #[arg(long, value_name = "NAMES", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) back: Option<Vec<String>>,
    /// With --back: say what would go back and what that loses, and change nothing
    #[arg(long, requires = "back")]
    pub(crate) preview: bool,
    /// With --back: folder or s3://BUCKET/PREFIX for the full copy that is taken first
    /// [default: backup.to]
    #[arg(long, value_name = "PLACE", requires = "back", conflicts_with = "no_copy")]
    pub(crate) copy_to: Option<Location>,
    /// With --back: take no copy, because there is one already
    #[arg(long, requires = "back")]
    pub(crate) no_copy: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Fetch a model; does nothing when it is there and whole
    #[command(
        after_help = "Examples:\n  assay models pull all-MiniLM-L6-v2        # of the catalogue\n  \
        assay models pull BAAI/bge-small-en-v1.5  # of a hub"
    )]
    Pull {
        /// A model of the catalogue, or ORGANISATION/NAME of the hub
        name: String,
        /// Where models with an organisation come from
        #[arg(long, value_name = "URL", default_value = "https://huggingface.co")]
        hub: String,
        /// Branch, tag or commit on the hub
        #[arg(long, default_value = "main")]
        revision: String,
    },
    /// List the models that can be fetched and those that are there
    List,
    /// Compare the files of a fetched model with their recorded hashes
    Verify {
        /// The model
        name: String,
    },
    /// Show and update what models cost
    #[command(subcommand)]
    Prices(Prices),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the settings in effect; secrets are left out
    Show,
    /// Check the configuration and name every problem
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Make the index again from the records, with the present model
    Rebuild,
    /// Compare the index with the records
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Take a full copy of everything now, while the server serves
    Run {
        /// Folder or s3://BUCKET/PREFIX that it goes to, as `backup.to` or `backup.folders` name it
        /// [default: backup.to]
        to: Option<Location>,
    },
    /// List backups and the moments that each leads to
    List {
        /// A folder or bucket of backups, read without a server [default: the one that the server
        /// writes to]
        from: Option<Location>,
    },
    /// Compare every hash, restore the last moment into a scratch folder and check what came of it
    Verify {
        /// Folder of the backups, or s3://BUCKET/PREFIX
        from: Location,
        #[command(flatten)]
        keys: KeysFrom,
        /// Folder for the restored data, which is removed afterwards [default: that of the system]
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeysFrom {
    /// Folder with the wrapped data keys of an encrypted installation, which no backup holds
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Folder of the backups, or s3://BUCKET/PREFIX
    pub(crate) from: Location,
    /// Folder that the data is written into: empty, or not there
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// The moment, such as 2026-11-16T09:30:00Z [default: the last one]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Say what would be restored, and write nothing
    #[arg(long)]
    pub(crate) preview: bool,
    #[command(flatten)]
    pub(crate) keys: KeysFrom,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EncryptionCommand {
    /// List the data keys and the root key that wraps each
    Status,
    /// Wrap every data key by a new root key; a server may run meanwhile
    Rotate,
    /// Destroy the key of a tenant: its data and every backup of it become unreadable
    Destroy {
        /// Name or id of the tenant
        tenant: String,
        /// Yes, destroy it; it cannot be taken back
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Write a ZIP file for whoever helps: settings, health, metrics and logs, without secrets and
    /// personal data
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// A log to put into it, beside `log.file`; may be given several times
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub(crate) log: Vec<PathBuf>,
}
