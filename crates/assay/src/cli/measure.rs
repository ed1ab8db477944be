//! Commands that measure.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Mode;

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Your own questions on your own documents: search, citations, answers, abstention
    Questions(EvalQuestions),
    /// Two saved runs over the same questions: is the difference more than chance?
    Compare {
        /// Output of `eval questions --out`, or of --per-question
        first: PathBuf,
        /// The run to compare it with
        second: PathBuf,
    },
    /// nDCG, recall and latency of search (corpus.jsonl, queries, qrels as in BEIR)
    Retrieval {
        #[command(flatten)]
        data: EvalData,
        /// JSON Lines with `_id` and `text` [default: queries.train.jsonl in the data folder]
        #[arg(long, value_name = "FILE")]
        queries: Option<PathBuf>,
        /// Tab-separated query, document, grade [default: qrels.train.tsv in the data folder]
        #[arg(long, value_name = "FILE")]
        qrels: Option<PathBuf>,
        /// Which lanes take part
        #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
        mode: Mode,
    },
    /// Balanced accuracy and calibration of verdicts (claims.jsonl as in WiCE)
    Support {
        #[command(flatten)]
        data: EvalData,
        /// Keep the share of verdicts that agree with the labels of people for `assay ready`
        #[arg(long)]
        drill: bool,
    },
    /// Share of planted errors that verdicts catch (the data of `support` or `answers`)
    Planted {
        #[command(flatten)]
        data: EvalData,
        /// Errors planted in sentences of the pages, and again in supported claims
        #[arg(long, default_value_t = 1000)]
        count: usize,
        /// The same seed plants the same errors
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Citations and abstention of answers (answerable.jsonl, unanswerable.jsonl as in CLAPnq)
    Answers {
        #[command(flatten)]
        data: EvalData,
        /// Let the configured model write instead of extracting
        #[arg(long)]
        model: bool,
    },
    /// Personal data and injections that the guard finds (.json and .jsonl with labels)
    Guard {
        #[command(flatten)]
        data: EvalData,
    },
    /// Words kept by parsing (NAME beside NAME.expected.md)
    Parse {
        #[command(flatten)]
        data: EvalData,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EvalData {
    /// Folder with the data
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Write the figures of each question to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) per_question: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) gates: Gates,
}

#[derive(Debug, Args)]
pub(crate) struct Gates {
    /// End with code 8 unless this holds: NAME>=NUMBER or NAME<=NUMBER, such as
    /// `ndcg_at_10>=0.6`; may be given more than once
    #[arg(long, value_name = "BOUND")]
    pub(crate) gate: Vec<String>,
    /// End with code 8 when a share is worse than in this earlier output
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// By how much a share may be worse than in the baseline
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, requires = "baseline")]
    pub(crate) max_drop: f64,
}

#[derive(Debug, Args)]
pub(crate) struct EvalQuestions {
    /// .csv, .tsv, .jsonl, .json or .yaml with `question` and, where known, `answer`,
    /// `documents`, `not_in_sources`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The deployment to ask, with the key in ASSAY_API_KEY [default: the server of the data folder]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Ask in this collection; may be given more than once
    #[arg(long)]
    pub(crate) collection: Vec<String>,
    /// Setting of the run: mode=MODE (of search), writer=WRITER, or SECTION.KEY=VALUE as in
    /// assay.toml; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Ask again under this setting in place of those of --set, and compare
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) against: Vec<String>,
    /// Keep the run for `eval compare` and --baseline
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write a report that a browser shows without a network, failures first
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) gates: Gates,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    pub(crate) what: Option<BenchCommand>,
    /// Documents of about 200 words that are made up, the same in every run
    #[arg(long, default_value_t = 2000)]
    pub(crate) documents: usize,
    /// Searches and questions of each measurement
    #[arg(long, default_value_t = 400)]
    pub(crate) requests: usize,
    /// Use this BEIR-like folder (corpus.jsonl, queries.train.jsonl) instead of made-up documents
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure what a call to a model costs on its way through the gateway
    Gateway(BenchGateway),
}

#[derive(Debug, Args)]
pub(crate) struct BenchGateway {
    /// Requests of each measurement
    #[arg(long, default_value_t = 4000)]
    pub(crate) requests: usize,
    /// Seconds of the run that shows whether memory stays flat
    #[arg(long, default_value_t = 20)]
    pub(crate) seconds: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Drill {
    /// Injections and active content through the public API, with benign twins
    Attack(DrillAttack),
    /// Requests at a rate, whether or not the server keeps up: latency, errors, a grade
    #[command(after_help = "Examples:\n  assay drill load --plan\n  \
        assay drill load --rate 50 --seconds 300 --allow high\n  \
        assay drill load --rate 50 --seconds 300 --allow high --baseline\n  \
        assay drill load --knee --rate 5 --seconds 10 --allow high")]
    Load(DrillLoad),
    /// Kills, stops and a full disk, on a server that the drill starts for itself
    Fault(DrillFault),
    /// Faults in a server of the drill's own: does every alert that can be made fire, and heal?
    #[command(after_help = "Examples:\n  assay drill alerts\n  \
        assay drill alerts --prometheus   # needs prometheus and prometheus-alertmanager")]
    Alerts(DrillAlerts),
    /// A test alert with a code to every receiver; who reads it types the code here
    #[command(after_help = "Example:\n  assay drill delivery --seconds 300\n\n\
        The result is of these receivers: when the settings change, it is stale.")]
    Delivery(DrillDelivery),
    /// Kill a private server while it takes files in, restore its backup elsewhere, start on that
    #[command(after_help = "Example:\n  assay drill restore --seconds 10\n\n\
        Where backup.to is set, the backups that lie there are restored and checked too.\n\
        The data folder in use is never touched.")]
    Restore(DrillRestore),
    /// Two servers of the drill's own: a new version that fails must be sent back, a good one arrive
    Rollout(DrillOwn),
    /// Planted secrets and personal data, and every place where they could come out; logins, and
    /// rotations of a key in use
    Secrets(DrillOwn),
    /// A thousand tasks, fifty at once, what a task costs beyond its work, files taken in
    Tasks(DrillOwn),
    /// Two tenants, and every route of the API tried from one to the other
    Tenancy(DrillOwn),
    /// A server of the drill's own is stopped while it works: how long, what of it is there again; and
    /// a bundle for whoever helps, searched for planted secrets
    Stop(DrillOwn),
    /// All drills, side by side where they do not disturb each other, and how long each took
    #[command(
        after_help = "Examples:\n  assay drill all --plan\n  assay drill all --allow high\n  \
        assay drill all --only tenancy,secrets\n\n\
        Ends with the first code that is not 0. Load is made on the deployment, as --allow says; \
        all\nelse happens on servers of the drills' own."
    )]
    All(DrillAll),
    /// Put back what a drill that was killed left behind
    PutBack(DrillPlace),
}

/// A drill on a server of its own.
#[derive(Debug, Args)]
pub(crate) struct DrillOwn {
    /// Folder where results lie [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DrillAll {
    /// The deployment that load is made on [default: the server of the data folder]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Only these, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) only: Vec<String>,
    /// What may be done to the deployment: no load, 10 requests a second for a minute, or 100 for
    /// five minutes and the search for the knee
    #[arg(long, value_enum, default_value_t = DrillAllow::Low)]
    pub(crate) allow: DrillAllow,
    /// Print the plans and end
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DrillRestore {
    /// How long files are taken in before the server is killed
    #[arg(long, default_value_t = 10.0)]
    pub(crate) seconds: f64,
    /// Folder for the private server and what is restored, removed afterwards [default: that of the
    /// system]
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// Folder where results lie [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Folder with a copy of the wrapped data keys, where the deployment is encrypted [default: its own]
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DrillPlace {
    /// The deployment [default: the server of the data folder]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Folder where results lie [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DrillFault {
    /// How often each fault is made: 60 show that 95 % hold
    #[arg(long, default_value_t = 60)]
    pub(crate) rounds: u32,
    #[command(flatten)]
    pub(crate) own: DrillOwn,
}

#[derive(Debug, Args)]
pub(crate) struct DrillLoad {
    #[command(flatten)]
    pub(crate) place: DrillPlace,
    /// Requests that begin each second
    #[arg(long, default_value_t = 10.0)]
    pub(crate) rate: f64,
    /// How long
    #[arg(long, default_value_t = 20.0)]
    pub(crate) seconds: f64,
    /// P95 that is promised, in milliseconds
    #[arg(long, default_value_t = 3000.0)]
    pub(crate) target_ms: f64,
    /// Calls with weights and what their answers must hold, as TOML [default: searches and questions]
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Hold later loads of this kind against this one
    #[arg(long, conflicts_with = "knee")]
    pub(crate) baseline: bool,
    /// Raise the rate until the promise breaks
    #[arg(long)]
    pub(crate) knee: bool,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
    /// What may be done: more than 20 requests a second, or a search for the knee, is high
    #[arg(long, value_enum, default_value_t = DrillAllow::Low)]
    pub(crate) allow: DrillAllow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DrillAllow {
    /// Nothing
    None,
    /// What users do not feel
    Low,
    /// What users may feel
    High,
}

#[derive(Debug, Args)]
pub(crate) struct DrillAttack {
    /// Share of the attacks of a group that may get through; more is exit code 8
    #[arg(long, default_value_t = 0.15, value_name = "SHARE")]
    pub(crate) max_success: f64,
    /// Share of the benign texts of a group that may be taken for attacks
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub(crate) max_false_alarms: f64,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
    /// What may be done: searches that users do not feel are low
    #[arg(long, value_enum, default_value_t = DrillAllow::Low)]
    pub(crate) allow: DrillAllow,
}

#[derive(Debug, Args)]
pub(crate) struct DrillAlerts {
    /// By how much windows and times of the rules are divided
    #[arg(long, default_value_t = 60.0, value_parser = scale)]
    pub(crate) scale: f64,
    /// Only the faults that this rule tells of; may be given more than once, and nothing is kept
    #[arg(long = "rule", value_name = "RULE")]
    pub(crate) rules: Vec<String>,
    /// Have a Prometheus and an Alertmanager, started for it, tell of the same
    #[arg(long)]
    pub(crate) prometheus: bool,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DrillDelivery {
    /// An Alertmanager that tells people, tested beside telemetry.receivers
    #[arg(long, value_name = "URL")]
    pub(crate) alertmanager: Option<String>,
    /// How long codes are waited for
    #[arg(long, default_value_t = 600.0, value_parser = waiting)]
    pub(crate) seconds: f64,
    /// Print the plan and end
    #[arg(long)]
    pub(crate) plan: bool,
}

fn waiting(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (1.0..=86_400.0).contains(number));
    number.ok_or_else(|| format!("`{text}` is not a number of seconds from 1 to 86400"))
}

fn scale(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (1.0..=60.0).contains(number));
    number.ok_or_else(|| format!("`{text}` is not a number from 1 to 60"))
}
