//! Commands that write evidence.

use std::path::PathBuf;

use assay_ready::evidence::Kind;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    /// Read what the tools of a build wrote into evidence/ci.json
    #[command(
        after_help = "Example:\n  assay ready evidence ci --commit $(git rev-parse HEAD) \\\n    \
        --tests reports/*.xml --lint clippy.json --formatted fmt.txt --coverage lcov.info \\\n    \
        --advisories audit.json --told image_pullable=true@https://ci.example.org/run/7\n\n\
        An input that is empty, cut or of another form is refused, and nothing is written.\n\
        What is not given is left out: its checks stay undecided."
    )]
    Ci(Box<EvidenceCi>),
    /// Say that two people looked at the configuration as it is: evidence/reviewed.json
    #[command(
        after_help = "Example:\n  assay ready evidence reviewed --author ada --reviewer eve \\\n    \
        --of fed3b8f4"
    )]
    Reviewed {
        /// Who wrote the configuration
        #[arg(long)]
        author: String,
        /// Who looked at it: somebody else
        #[arg(long)]
        reviewer: String,
        /// What the reviewer saw: the start of the SHA-256 that `assay ready check` prints as config
        #[arg(long, value_name = "HASH")]
        of: String,
        /// Folder of readiness [default: ready/ in the data folder]
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Have the platform look at the file that the deployment is started with: evidence/descriptor.json
    #[command(
        after_help = "A unit of systemd is looked at by `systemd-analyze verify`, a compose file by \
        `docker compose config`,\nmanifests of Kubernetes by `kubectl apply --dry-run=server`, a folder with \
        a chart by `helm lint`."
    )]
    Descriptor {
        /// The unit, the compose file, the manifest, or the folder of the chart
        file: PathBuf,
        /// Folder of readiness [default: ready/ in the data folder]
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Say that somebody walked through a runbook that no drill exercises: evidence/runbooks.json
    #[command(after_help = "Example:\n  assay ready evidence runbook cpu-high --by ada \\\n    \
        --saw \"two cores held busy with stress-ng, the ingest paused, load fell in a minute\"")]
    Runbook {
        /// The page below runbooks/, without its ending
        name: String,
        /// Who walked through it
        #[arg(long)]
        by: String,
        /// What was done and seen
        #[arg(long)]
        saw: String,
        /// The folder with the documentation [default: docs]
        #[arg(long, value_name = "DIR", default_value = "docs")]
        docs: PathBuf,
        /// Folder of readiness [default: ready/ in the data folder]
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Compare the settings of staging with those of the deployment: evidence/staging.json
    #[command(
        after_help = "Example:\n  ASSAY_STAGING_API_KEY=… assay ready evidence staging \\\n    \
        --staging https://staging.example.org --url https://assay.example.org \\\n    \
        --explained backup.to=\"staging keeps its copies elsewhere\""
    )]
    Staging(EvidenceStaging),
}

#[derive(Debug, Args)]
pub(crate) struct EvidenceStaging {
    /// Staging; its key is in ASSAY_STAGING_API_KEY
    #[arg(long, value_name = "URL")]
    pub(crate) staging: String,
    /// The deployment [default: the server of the data folder]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Why a setting differs, or is there on one side alone
    #[arg(long, value_name = "KEY=REASON")]
    pub(crate) explained: Vec<String>,
    /// Folder of readiness [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvidenceCi {
    /// The commit that was built
    #[arg(long)]
    pub(crate) commit: String,
    /// The version that was built [default: that of this program]
    #[arg(long, value_name = "VERSION")]
    pub(crate) of: Option<String>,
    #[command(flatten)]
    tests: TestOutputs,
    #[command(flatten)]
    tools: ToolOutputs,
    /// What only the CI knows, and where it knows it from: guide_followed, image_pullable,
    /// image_reproducible, previous_pullable, previous_version, staging_green
    #[arg(long, value_name = "NAME=VALUE@SOURCE")]
    pub(crate) told: Vec<String>,
    /// Write to this file [default: evidence/ci.json in --folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Folder of readiness [default: ready/ in the data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

/// Results of tests: JUnit XML, or what `cargo test` prints.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results of tests (JUnit XML, or what `cargo test` prints)")]
struct TestOutputs {
    /// All tests
    #[arg(long, value_name = "FILE", num_args = 1..)]
    tests: Vec<PathBuf>,
    /// Tests from end to end
    #[arg(long, value_name = "FILE", num_args = 1..)]
    end_to_end: Vec<PathBuf>,
    /// Tests of contracts with other systems
    #[arg(long, value_name = "FILE", num_args = 1..)]
    contracts: Vec<PathBuf>,
    /// Tests of the alert rules, each both ways
    #[arg(long, value_name = "FILE", num_args = 1..)]
    alert_rules: Vec<PathBuf>,
    /// Tests that guard the scope of tenants
    #[arg(long, value_name = "FILE", num_args = 1..)]
    scope_rules: Vec<PathBuf>,
    /// Tests that were run against staging
    #[arg(long, value_name = "FILE", num_args = 1..)]
    staging: Vec<PathBuf>,
    /// The guide, followed on a clean machine
    #[arg(long, value_name = "FILE", num_args = 1..)]
    guide: Vec<PathBuf>,
}

/// What tools wrote.
#[derive(Debug, Args)]
#[command(next_help_heading = "Outputs of tools")]
struct ToolOutputs {
    /// The linter: `cargo clippy --message-format=json`, or SARIF
    #[arg(long, value_name = "FILE", num_args = 1..)]
    lint: Vec<PathBuf>,
    /// The check of the formatter, with a last line `exit CODE`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    formatted: Vec<PathBuf>,
    /// `git diff --exit-code` after the generators, with a last line `exit CODE`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    generated: Vec<PathBuf>,
    /// Coverage: lcov, or Cobertura XML
    #[arg(long, value_name = "FILE", num_args = 1..)]
    coverage: Vec<PathBuf>,
    /// Advisories: `cargo audit --json`, `npm audit --json`, JSON of Trivy, SARIF
    #[arg(long, value_name = "FILE", num_args = 1..)]
    advisories: Vec<PathBuf>,
    /// The image: JSON of Trivy, SARIF
    #[arg(long, value_name = "FILE", num_args = 1..)]
    image: Vec<PathBuf>,
    /// Licences: `cargo deny --format json check licenses`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    licences: Vec<PathBuf>,
    /// Secrets: JSON of gitleaks, SARIF, `assay --json guard scan`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    secrets: Vec<PathBuf>,
    /// What is tracked: `git ls-files`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    tracked: Vec<PathBuf>,
    /// The description of the API as JSON
    #[arg(long, value_name = "FILE", num_args = 1..)]
    openapi: Vec<PathBuf>,
}

impl EvidenceCi {
    /// The files that were given as an output of this kind.
    pub(crate) fn files(&self, kind: Kind) -> &[PathBuf] {
        let Self { tests, tools, .. } = self;
        match kind {
            Kind::Tests => &tests.tests,
            Kind::EndToEnd => &tests.end_to_end,
            Kind::Contracts => &tests.contracts,
            Kind::AlertRules => &tests.alert_rules,
            Kind::ScopeRules => &tests.scope_rules,
            Kind::Staging => &tests.staging,
            Kind::Guide => &tests.guide,
            Kind::Lint => &tools.lint,
            Kind::Format => &tools.formatted,
            Kind::Generated => &tools.generated,
            Kind::Coverage => &tools.coverage,
            Kind::Advisories => &tools.advisories,
            Kind::Image => &tools.image,
            Kind::Licences => &tools.licences,
            Kind::Secrets => &tools.secrets,
            Kind::Tracked => &tools.tracked,
            Kind::Openapi => &tools.openapi,
        }
    }
}
