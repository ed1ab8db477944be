//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Ask a question
    #[command(after_help = "Examples:\n  assay ask \"which drug lowered mortality?\"\n  \
        assay ask \"what changed in version 2?\" --collection docs --json")]
    Ask(Ask),
    /// Make, list, show and delete sessions: conversations that are kept
    #[command(subcommand)]
    Sessions(Sessions),
    /// Check a text against sources and give it back with citations
    #[command(
        after_help = "Examples:\n  assay cite draft.md --sources notes.txt --sources sources.json\n  \
        assay cite draft.md --sources sources.json --style apa\n  \
        assay cite - --sources sources.json --style bibtex --only-bibliography < draft.md"
    )]
    Cite(Cite),
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
    /// Show what model calls cost
    #[command(
        after_help = "Examples:\n  assay usage\n  assay usage --by provider,model --from 2026-11-01\n  \
        assay usage --by document --limit 10 --json\n  assay usage --recount   # compare the sums with the entries"
    )]
    Usage(Usage),
    /// List, set, raise for a time and lift budgets of money, tokens and calls
    #[command(subcommand)]
    Budgets(Budgets),
    /// Show and check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the search index against the records, or make it again
    #[command(subcommand)]
    Index(IndexCommand),
    /// Say whether this machine and this data folder are fit for use
    Doctor,
    /// Measure search, verdicts, answers and parsing: on your own questions or on judged data
    #[command(
        subcommand,
        after_help = "Examples:\n  assay eval questions questions.csv --html report.html\n  \
        assay eval questions questions.csv --set mode=hybrid --against mode=keyword\n  \
        assay eval questions questions.csv --gate pass_rate>=0.9 --baseline last.json\n  \
        assay eval compare monday.json tuesday.json"
    )]
    Eval(Eval),
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
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Files and folders; hidden ones inside a folder are left out
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Collection, made when it does not exist
    #[arg(long, default_value = "default")]
    pub(crate) collection: String,
    /// Tag for each file; may be given more than once
    #[arg(long)]
    pub(crate) tag: Vec<String>,
    /// Forget documents below the given folders whose file is gone
    #[arg(long)]
    pub(crate) prune: bool,
    /// Return when everything is accepted, without waiting until it is searchable
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Stop waiting after so long; work that was accepted goes on on a running server
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// Stay, and follow what changes and what goes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["prune", "no_wait", "timeout"])]
    pub(crate) watch: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Jobs {
    /// List jobs, those accepted last first
    #[command(after_help = "Examples:\n  assay jobs list --state running\n  \
        assay jobs list --state failed --json")]
    List {
        /// queued, running, done, failed or cancelled [default: all]
        #[arg(long)]
        state: Option<String>,
        /// Such as ingest [default: all]
        #[arg(long)]
        kind: Option<String>,
        /// Continue after this job
        #[arg(long, value_name = "JOB")]
        after: Option<String>,
        /// 1 to 1000
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show where a job stands
    Show {
        /// The job
        job: String,
    },
    /// Follow a job to its end
    Watch {
        /// The job
        job: String,
    },
    /// Give a job up
    Cancel {
        /// The job
        job: String,
    },
    /// Let a job that failed or was cancelled run again
    Retry {
        /// The job
        job: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Documents {
    /// List documents, those created last first
    List {
        /// Only this collection
        #[arg(long)]
        collection: Option<String>,
        /// Only those with this tag
        #[arg(long)]
        tag: Option<String>,
        /// Only those that came out of this archive or mail
        #[arg(long, value_name = "ID")]
        parent: Option<String>,
    },
    /// Show a document with its metadata and problems
    Show {
        /// The document
        id: String,
    },
    /// Tag, describe or move a document
    #[command(after_help = "Example:\n  assay documents set ID --tag draft --title \"Plan 2027\"")]
    Set {
        /// The document
        id: String,
        /// Tags in place of those it has; may be given more than once, empty for none
        #[arg(long)]
        tag: Vec<String>,
        /// Title in place of the one that was found
        #[arg(long)]
        title: Option<String>,
        /// Further metadata as NAME=VALUE; may be given more than once
        #[arg(long = "meta", value_name = "NAME=VALUE")]
        metadata: Vec<String>,
        /// Collection to move it to
        #[arg(long)]
        collection: Option<String>,
    },
    /// Delete a document and all that came out of it
    Delete {
        /// The document
        id: String,
    },
    /// Show groups of documents that are nearly the same
    Duplicates {
        /// Share of common word sequences, 0.5 to 1
        #[arg(long, default_value_t = 0.8)]
        similarity: f32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Collections {
    /// List the collections
    List,
    /// Make a collection
    Create {
        /// Its name
        name: String,
        /// Tokens that a passage aims at
        #[arg(long)]
        passage_tokens: Option<usize>,
    },
    /// Rename a collection or change its settings
    Set {
        /// The collection
        name: String,
        /// Its new name
        #[arg(long)]
        rename: Option<String>,
        /// Tokens that a passage aims at, for what is taken in from now on
        #[arg(long)]
        passage_tokens: Option<usize>,
        /// Share of the vector score in its searches, 0 to 1
        #[arg(long, value_name = "SHARE")]
        vector_weight: Option<f32>,
        /// How its documents are weighed in searches, in place of what was set: JSON, or `@FILE`
        #[arg(long, value_name = "JSON", conflicts_with = "vector_weight")]
        search: Option<String>,
    },
    /// Find the share of the vector score that fits what people said of results
    #[command(after_help = "Example:\n  assay collections tune default --apply")]
    Tune {
        /// The collection
        name: String,
        /// Set what is proposed
        #[arg(long)]
        apply: bool,
    },
    /// Remove a collection that holds no document
    Delete {
        /// The collection
        name: String,
        /// Also when it holds documents, and them with it
        #[arg(long)]
        documents: bool,
    },
    /// Read its documents again with the settings of today, without an outage
    Reingest {
        /// The collection
        name: String,
    },
    /// Write the originals with tags and metadata to a ZIP file
    #[command(after_help = "Example:\n  assay collections export finance finance.zip")]
    Export {
        /// The collection
        name: String,
        /// The file; must not exist
        file: PathBuf,
    },
    /// Take in what an export wrote
    Import {
        /// The file
        file: PathBuf,
        /// Collection, made when it does not exist
        #[arg(long, default_value = "default")]
        collection: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sources {
    /// Set a source up; its first run starts at once
    #[command(after_help = "Examples:\n  assay sources add wiki --every 3600 \
        --settings '{\"kind\": \"web\", \"start\": [\"https://example.org/docs/\"]}'\n  \
        assay sources add papers --settings @papers.json")]
    Add {
        /// Its name
        name: String,
        /// Its kind and what belongs to that: JSON, or `@FILE`
        #[arg(long, value_name = "JSON")]
        settings: String,
        /// Seconds between two runs, at least 10; none for runs on demand alone
        #[arg(long, value_name = "SECONDS")]
        every: Option<u64>,
        /// Collection, made when it does not exist
        #[arg(long, default_value = "default")]
        collection: String,
    },
    /// List the sources and what came of their last runs
    List,
    /// Look at a source now and wait for the end
    Run {
        /// The name
        name: String,
    },
    /// Remove a source; its documents stay
    Remove {
        /// The name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question
    pub(crate) question: String,
    /// What to look at: all, files, web, collections, public sources; separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) sources: Vec<String>,
    /// Only this collection; may be given more than once
    #[arg(long)]
    pub(crate) collection: Vec<String>,
    /// Only what this condition holds for, such as "tags in [a, b] and not language = de"
    #[arg(long, value_name = "CONDITION")]
    pub(crate) filter: Option<String>,
    /// Sentences of the sources, unchanged, even when a model is set up
    #[arg(long)]
    pub(crate) extractive: bool,
    /// Keep sentences that the sources do not support, and mark them
    #[arg(long)]
    pub(crate) mark: bool,
    /// Only this document, by its id; may be given more than once
    #[arg(long, value_name = "ID")]
    pub(crate) document: Vec<String>,
    /// The session that the question belongs to; `assay sessions create` makes one
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// Make a session and print its id
    #[command(after_help = "Example:\n  S=$(assay sessions create)\n  \
        assay ask \"where did the trial take place?\" --session $S\n  \
        assay ask \"and what did it cost?\" --session $S")]
    Create {
        /// What it is called
        #[arg(long)]
        title: Option<String>,
        /// Minutes after its last use at which it expires, 1 to 10080 [default: 60]
        #[arg(long, value_name = "MINUTES")]
        ttl: Option<u32>,
    },
    /// List the sessions, those made last first
    List,
    /// Show the questions and answers of a session
    Show {
        /// The session
        id: String,
    },
    /// Take a session up again, also an expired one
    Activate {
        /// The session
        id: String,
    },
    /// Set a session aside
    Deactivate {
        /// The session
        id: String,
    },
    /// Delete a session with its questions and answers
    Delete {
        /// The session
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Cite {
    /// The text; `-` for standard input
    #[arg(value_name = "TEXTFILE")]
    pub(crate) text: PathBuf,
    /// Sources: JSON or JSON Lines as the API takes them, or a text file that is one source; may
    /// be given more than once
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) sources: Vec<PathBuf>,
    /// markdown, bibtex, ris, apa, mla, chicago, ieee or csl-json
    #[arg(long, default_value = "markdown")]
    pub(crate) style: String,
    /// Print the bibliography and nothing else
    #[arg(long)]
    pub(crate) only_bibliography: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Hybrid,
    Keyword,
    Vector,
    Reranked,
}

impl Mode {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Keyword => "keyword",
            Self::Vector => "vector",
            Self::Reranked => "reranked",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The words or the question
    pub(crate) query: String,
    /// What to look at: all, files, web, collections, public sources; separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) sources: Vec<String>,
    /// Only this collection; may be given more than once
    #[arg(long)]
    pub(crate) collection: Vec<String>,
    /// Results, 1 to 50
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: usize,
    /// Which lanes take part
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    pub(crate) mode: Mode,
    /// Only what this condition holds for, such as "tags in [a, b] and not language = de"
    #[arg(long, value_name = "CONDITION")]
    pub(crate) filter: Option<String>,
    /// Results to pass over; with --limit at most 100
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: usize,
    /// Only results of at least this score, 0 to 1
    #[arg(long, value_name = "SCORE")]
    pub(crate) min_score: Option<f32>,
    /// One result for each passage, not for each document
    #[arg(long)]
    pub(crate) passages: bool,
    /// Let results that repeat better ones step back; 0 is variety alone, 1 relevance alone
    #[arg(long, value_name = "LAMBDA", num_args = 0..=1, require_equals = true, default_missing_value = "0.5")]
    pub(crate) diversify: Option<f32>,
    /// Count the values of this field over the documents found; may be given more than once
    #[arg(long, value_name = "FIELD")]
    pub(crate) facet: Vec<String>,
    /// Show where each score comes from
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Feedback {
    /// The query, as it was asked
    pub(crate) query: String,
    /// The document
    pub(crate) document: String,
    /// It was useful
    #[arg(long, required_unless_present = "useless")]
    pub(crate) useful: bool,
    /// It was of no use
    #[arg(long, conflicts_with = "useful")]
    pub(crate) useless: bool,
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
    /// Up to three of organisation, tenant, key, user, provider, model, kind, outcome, hour, day,
    /// query, document, request, call
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
    /// Only this user
    #[arg(long)]
    pub(crate) user: Option<String>,
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
    /// Only this user; * for each
    #[arg(long)]
    pub(crate) user: Option<String>,
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
pub(crate) struct Bench {
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
