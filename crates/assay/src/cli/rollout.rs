//! Commands of rollouts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum RolloutCommand {
    /// Say what a plan would do, and what is wrong with it
    Plan {
        /// The plan, as TOML
        file: PathBuf,
    },
    /// Carry a plan out, to its end or back
    Run {
        /// The plan, as TOML
        file: PathBuf,
        #[command(flatten)]
        place: RolloutPlace,
    },
    /// Go on with a rollout whose process is gone
    Resume(RolloutPlace),
    /// Send all traffic back to the old deployment, from wherever it is, after the end too
    Back(RolloutPlace),
    /// Stay at this share; what is worse still sends traffic back
    Pause(RolloutPlace),
    /// Go on after a pause, or past a step that waits
    Go(RolloutPlace),
    /// Say where the rollout stands
    Status(RolloutPlace),
    /// Compare two deployments over the same time: 0 not worse, 1 worse, 2 not decided, 3 no answer
    Compare(RolloutCompare),
    /// Write the rollout for something else that shifts traffic
    #[command(subcommand)]
    Export(RolloutExport),
}

#[derive(Debug, Args)]
pub(crate) struct RolloutPlace {
    /// Folder with the journal [default: rollout/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RolloutCompare {
    /// Address of the deployment that serves
    #[arg(long)]
    pub(crate) stable: String,
    /// Address of the one that is compared with it
    #[arg(long)]
    pub(crate) canary: String,
    /// Seconds for which they are compared at least
    #[arg(long, default_value_t = 60.0)]
    pub(crate) hold: f64,
    /// Requests that the canary must have answered at least
    #[arg(long, default_value_t = 1000)]
    pub(crate) sample: u64,
    /// Seconds after which it ends without a decision
    #[arg(long, default_value_t = 86_400.0)]
    pub(crate) longest: f64,
    /// Share of errors beyond that of the stable one which is accepted
    #[arg(long, default_value_t = 0.005)]
    pub(crate) extra_errors: f64,
    /// How many times its P95 is accepted
    #[arg(long, default_value_t = 1.5)]
    pub(crate) slower: f64,
    /// How many times its cost of a request is accepted; 0 leaves it out
    #[arg(long, default_value_t = 0.0)]
    pub(crate) dearer: f64,
    /// Chance of being wrong at which a difference counts as shown
    #[arg(long, default_value_t = 1e-5)]
    pub(crate) chance: f64,
    /// Whether a critical alert that the stable one does not have counts
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    pub(crate) alerts: bool,
    /// Seconds for which the canary may be silent
    #[arg(long, default_value_t = 15.0)]
    pub(crate) grace: f64,
    #[command(flatten)]
    pub(crate) questions: RolloutQuestions,
}

/// Questions that both deployments are asked.
#[derive(Debug, Args)]
pub(crate) struct RolloutQuestions {
    /// Questions with known answers that both are asked, as of `eval questions`
    #[arg(long, value_name = "FILE")]
    pub(crate) questions: Option<PathBuf>,
    /// Ask them in this collection; may be given more than once
    #[arg(long, requires = "questions")]
    pub(crate) collection: Vec<String>,
    /// Share of the stable one's right answers which may be lost
    #[arg(long, default_value_t = 0.05, requires = "questions", value_name = "SHARE")]
    pub(crate) worse: f64,
    /// Questions that the stable one must answer right at least
    #[arg(long, default_value_t = 50, requires = "questions", value_name = "COUNT")]
    pub(crate) right: u64,
    /// Chance of being wrong at which a loss counts as shown
    #[arg(long, default_value_t = 1e-4, requires = "questions", value_name = "CHANCE")]
    pub(crate) answer_chance: f64,
    /// Seconds after which an answer comes too late
    #[arg(long, default_value_t = 30.0, requires = "questions", value_name = "SECONDS")]
    pub(crate) answer_seconds: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RolloutExport {
    /// Resources of Argo Rollouts, with `assay rollout compare` as their analysis
    Argo {
        /// The plan, as TOML
        file: PathBuf,
        /// Name of the rollout and of its services
        #[arg(long, default_value = "assay")]
        name: String,
        /// Namespace
        #[arg(long, default_value = "default")]
        namespace: String,
        /// Image with Assay
        #[arg(long)]
        image: String,
        /// Instances
        #[arg(long, default_value_t = 2)]
        replicas: u32,
    },
}
