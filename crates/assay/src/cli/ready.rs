//! Commands of readiness.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Evidence;

#[derive(Debug, Subcommand)]
pub(crate) enum ReadyCommand {
    /// Ask everything that a profile asks, judge it, keep the evidence
    Check(ReadyCheck),
    /// Say what keeps the newest run from being ready, and what to do
    WhyNot {
        /// A run, or `latest`
        #[arg(default_value = "latest")]
        run: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Say what a check asks, how it is decided, and what the newest run saw
    Explain {
        /// The check, such as HLT-01
        id: String,
        /// The run that is looked at
        #[arg(long, default_value = "latest")]
        run: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// List what waits for the word of a person
    Ask {
        /// Of this role alone: security, operations, performance, product, management
        #[arg(long)]
        role: Option<String>,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Give your word on a check, with evidence, until a day
    #[command(after_help = "Example:\n  assay ready attest LEG-05 --role security --by ada \
        --second eve \\\n    --text \"Pentest by Example Ltd, no open high\" --link https://… --until 2027-03-01")]
    Attest(ReadyAttest),
    /// Accept until a day that a check does not hold
    Waive(ReadyWaive),
    /// Sign a run off: evidence, configuration and build as they are
    Sign(ReadySign),
    /// Compare a run with its hashes and signatures; nothing but its folder is needed
    Verify {
        /// A run, or `latest`
        #[arg(default_value = "latest")]
        run: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Tell a run again in another form
    Report {
        /// A run, or `latest`
        #[arg(default_value = "latest")]
        run: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Judge the observations of an old run again, under a profile as it is now
    Judge {
        /// A run, or `latest`
        #[arg(default_value = "latest")]
        run: String,
        /// The profile
        #[arg(long, default_value = "prod")]
        profile: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Say what changed between two runs
    Diff {
        /// The earlier run
        first: String,
        /// The later run
        #[arg(default_value = "latest")]
        second: String,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Turn a checklist in Markdown into checks that people attest, with automatic ones suggested
    Import {
        /// The checklist
        file: PathBuf,
        #[command(flatten)]
        form: ReadyForm,
    },
    /// Check again and again, and tell what changed
    Watch {
        #[command(flatten)]
        check: ReadyCheck,
        /// Seconds between two runs
        #[arg(long, default_value_t = 60)]
        every: u64,
        /// Ends after so many runs; 0 goes on
        #[arg(long, default_value_t = 0)]
        runs: u64,
    },
    /// Write what checks read beside the deployment itself: results of a build, a review, a descriptor
    #[command(subcommand)]
    Evidence(Evidence),
    /// Plant a defect for each automatic check and see whether it turns red
    Selftest {
        #[command(flatten)]
        form: ReadyForm,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReadyCheck {
    /// Which checks with which thresholds: dev, staging, prod, strict, sarvanom, sap-llm,
    /// api-assistant, sparkle, vital, or one of --folder
    #[arg(long, default_value = "dev")]
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) target: ReadyTarget,
    /// Run all drills first, as far as --allow goes
    #[arg(long, conflicts_with = "folder")]
    pub(crate) with_drills: bool,
    /// Show the checks that hold, too
    #[arg(long)]
    pub(crate) all: bool,
    /// What ends with a code that is not 0
    #[arg(long, value_enum, default_value_t = ReadyFailOn::Blocker)]
    pub(crate) fail_on: ReadyFailOn,
    #[command(flatten)]
    pub(crate) form: ReadyForm,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReadyFailOn {
    /// Blockers that are open
    Blocker,
    /// Major ones that failed, too
    Major,
    /// Minor ones that failed, too
    Minor,
    /// Anything that is not decided, too
    Inconclusive,
}

#[derive(Debug, Args)]
pub(crate) struct ReadyTarget {
    /// The deployment [default: the server of the data folder]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The Prometheus that watches it
    #[arg(long, value_name = "URL")]
    pub(crate) prometheus: Option<String>,
    /// What keeps its traces and answers /api/traces/ID, such as Jaeger or Tempo
    #[arg(long, value_name = "URL")]
    pub(crate) traces: Option<String>,
    /// Certificates of an authority of your own, as PEM, trusted beside those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The folder with its documentation and runbooks [default: docs, when there is one]
    #[arg(long, value_name = "DIR")]
    pub(crate) docs: Option<PathBuf>,
    /// What may be done to it: none only reads, low writes and removes documents of its own, high is
    /// for drills that users feel
    #[arg(long, value_enum, default_value_t = ReadyAllow::Low)]
    pub(crate) allow: ReadyAllow,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReadyAllow {
    /// Only read
    None,
    /// Write what is removed again, and ask often
    Low,
    /// With --with-drills: load that users feel
    High,
}

#[derive(Debug, Args)]
pub(crate) struct ReadyForm {
    /// Folder with runs, evidence, attestations, waivers [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// In which form; several files with --out, separated by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) format: Vec<ReadyFormat>,
    /// Write to this file; with several forms, its ending is that of each form
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReadyFormat {
    /// For the terminal
    Terminal,
    /// Everything; its schema is docs/reference/readiness.schema.json
    Json,
    /// For CI
    Junit,
    /// For code scanning
    Sarif,
    /// For a pull request
    Markdown,
    /// One file for a browser, without a network
    Html,
    /// Gauges for Prometheus
    Prometheus,
    /// The source checklist of the profile, line by line
    System,
}

#[derive(Debug, Args)]
pub(crate) struct ReadyAttest {
    /// The check
    pub(crate) id: String,
    /// As what you speak
    #[arg(long)]
    pub(crate) role: String,
    /// Who you are
    #[arg(long)]
    pub(crate) by: String,
    /// Who has looked, too; needed for a blocker
    #[arg(long, default_value = "")]
    pub(crate) second: String,
    /// What was done and seen
    #[arg(long)]
    pub(crate) text: String,
    /// Where the evidence lies
    #[arg(long, default_value = "")]
    pub(crate) link: String,
    /// A file that is evidence: its SHA-256 is kept
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// The last day on which it counts, such as 2027-03-01
    #[arg(long)]
    pub(crate) until: String,
    #[command(flatten)]
    pub(crate) form: ReadyForm,
}

#[derive(Debug, Args)]
pub(crate) struct ReadyWaive {
    /// The check: one
    pub(crate) id: String,
    /// Why it is accepted
    #[arg(long)]
    pub(crate) reason: String,
    /// Who has to mend it
    #[arg(long)]
    pub(crate) owner: String,
    /// What keeps harm away meanwhile
    #[arg(long)]
    pub(crate) control: String,
    /// Who approves it; not the owner
    #[arg(long)]
    pub(crate) approver: String,
    /// The last day, such as 2027-01-15; at most 90 days away for a blocker
    #[arg(long)]
    pub(crate) until: String,
    #[command(flatten)]
    pub(crate) form: ReadyForm,
}

#[derive(Debug, Args)]
pub(crate) struct ReadySign {
    /// A run, or `latest`
    #[arg(default_value = "latest")]
    pub(crate) run: String,
    /// As what you sign: security, performance, operations, product, management
    #[arg(long)]
    pub(crate) role: String,
    /// Who you are
    #[arg(long)]
    pub(crate) by: String,
    /// Your key; made when it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) form: ReadyForm,
}
