//! Calls to models: where they go, what they cost, what must not pass.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Say where a request would go and why; nothing is sent
    #[command(after_help = "Examples:\n  assay gateway explain gpt-4o --tools\n  \
        assay gateway explain writer --complexity expert --json")]
    Explain(Explain),
    /// Turn the configuration of a LiteLLM proxy into one of ours
    #[command(after_help = "Examples:\n  assay gateway import litellm.yaml --out assay.toml\n  \
        assay gateway import litellm.yaml > gateway.toml   # what is left out goes to standard error")]
    Import(Import),
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The YAML file that the proxy is started with
    pub(crate) file: PathBuf,
    /// Write it to a new file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A route, an alias, or PROVIDER/MODEL
    pub(crate) model: String,
    /// What would be asked
    #[arg(long, default_value = "hello")]
    pub(crate) prompt: String,
    /// The request offers tools
    #[arg(long)]
    pub(crate) tools: bool,
    /// The request holds an image
    #[arg(long)]
    pub(crate) image: bool,
    /// The request asks for JSON by a schema
    #[arg(long)]
    pub(crate) json_schema: bool,
    /// Tokens that the answer may have
    #[arg(long)]
    pub(crate) max_tokens: Option<u64>,
    /// fast, quality, long, reasoning or tool
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// simple, standard, complex or expert
    #[arg(long)]
    pub(crate) complexity: Option<String>,
    /// Stay with one target
    #[arg(long)]
    pub(crate) session: Option<String>,
    /// Leave out providers that may train on what they are sent
    #[arg(long)]
    pub(crate) no_training: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Prices {
    /// List prices in dollars per million tokens
    #[command(after_help = "Example:\n  assay models prices list --provider anthropic")]
    List {
        /// Only this provider
        #[arg(long)]
        provider: Option<String>,
        /// Only models whose name holds this
        #[arg(long, value_name = "PART")]
        model: Option<String>,
    },
    /// Fetch the packages that carry price lists and make the table anew
    Update,
}

#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// From when: a day or a time in UTC [default: the begin of this month]
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Until when, not included [default: now]
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Up to three of organisation, tenant, key, user, end_user, provider, model, kind, outcome,
    /// hour, day, query, document, request, call
    #[arg(long, value_name = "NAMES", default_value = "provider,model")]
    pub(crate) by: String,
    /// Only this provider
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Only this model
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Only this API key
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only this user or service, by its id
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Only whom requests name so
    #[arg(long)]
    pub(crate) end_user: Option<String>,
    /// Groups shown, the dearest first
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
    /// Count everything again in place of showing it; ends with code 1 when something differs
    #[arg(long)]
    pub(crate) recount: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Budgets {
    /// List the budgets and how they stand
    List,
    /// Set a budget, or the one of this name anew
    #[command(after_help = "Examples:\n  assay budgets set monthly --usd 200 --per month\n  \
        assay budgets set users --tokens 100000 --per day --user '*'    # each user\n  \
        assay budgets set burst --calls 10 --per minute --key '*'")]
    Set(BudgetSet),
    /// Set another limit for a time
    #[command(
        after_help = "Example:\n  assay budgets override users 200000 --minutes 60 --reason exam"
    )]
    Override {
        /// The budget
        name: String,
        /// The limit meanwhile: dollars, tokens or calls
        limit: String,
        /// For so many minutes from now
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// List the shares of budgets that were passed
    Alerts,
    /// Lift a budget
    Delete {
        /// The budget
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BudgetSet {
    /// What it is called
    pub(crate) name: String,
    /// Dollars, such as 12.50
    #[arg(long, required_unless_present_any = ["tokens", "calls"])]
    pub(crate) usd: Option<String>,
    /// Tokens read and written
    #[arg(long, conflicts_with = "usd")]
    pub(crate) tokens: Option<u64>,
    /// Calls
    #[arg(long, conflicts_with_all = ["usd", "tokens"])]
    pub(crate) calls: Option<u64>,
    /// minute, hour, day or month, in UTC
    #[arg(long, default_value = "day")]
    pub(crate) per: String,
    /// Only this organisation; * for each of them its own
    #[arg(long)]
    pub(crate) organisation: Option<String>,
    /// Only this API key; * for each
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only this user or service, by its id; * for each
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Only whom requests name so, which whoever calls can change; * for each
    #[arg(long)]
    pub(crate) end_user: Option<String>,
    /// Only this provider; * for each
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Only this model; * for each
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Shares in percent whose passing is told
    #[arg(long, value_delimiter = ',', value_name = "PERCENT")]
    pub(crate) alerts: Vec<u8>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Alerts {
    /// List what is pending, fires, or was resolved lately
    List,
    /// List the rules that hold
    Rules {
        /// As a rule file of Prometheus
        #[arg(long)]
        prometheus: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Slo {
    /// Print the objectives of this configuration as OpenSLO
    Export,
    /// Read objectives from OpenSLO and print them as settings
    Import {
        /// YAML with one or more objects of kind SLO
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dashboards {
    /// Write each dashboard to a file NAME.json that Grafana imports or is provisioned with
    Export {
        /// Folder, made when it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    /// Look at a text
    Scan(GuardScan),
    /// List what the guard of the server blocked, and what of high severity it changed, without texts
    Events {
        /// Acts wanted, 1 to 1000
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// List the rules, with the reason of each
    Rules {
        /// With what the settings say of this tenant, by the name or id there
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GuardScan {
    /// Files, or `-` for standard input; of several, each is told with its name
    #[arg(required = true, value_name = "FILE")]
    pub(crate) texts: Vec<PathBuf>,
    /// What is looked for
    #[arg(long, value_enum, default_value_t = GuardScope::Everything)]
    pub(crate) scope: GuardScope,
    /// Print the text as the policy lets it pass, findings on standard error; of one file
    #[arg(long)]
    pub(crate) redact: bool,
    /// With what the settings say of this tenant, by the name or id there
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum GuardScope {
    /// All kinds: text that comes in
    Everything,
    /// All but injections: text that goes out
    Outgoing,
    /// Keys, tokens, passwords
    Secrets,
}
