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
    /// Find passages
    #[command(after_help = "Example:\n  assay search \"mortality dexamethasone\" --limit 5")]
    Search(Search),
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
    /// Show and check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the search index against the records, or make it again
    #[command(subcommand)]
    Index(IndexCommand),
    /// Say whether this machine and this data folder are fit for use
    Doctor,
    /// Measure search, verdicts, answers and parsing on judged data
    #[command(subcommand)]
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
    /// Only this collection; may be given more than once
    #[arg(long)]
    pub(crate) collection: Vec<String>,
    /// Sentences of the sources, unchanged, even when a model is set up
    #[arg(long)]
    pub(crate) extractive: bool,
    /// Keep sentences that the sources do not support, and mark them
    #[arg(long)]
    pub(crate) mark: bool,
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
    /// Only this collection; may be given more than once
    #[arg(long)]
    pub(crate) collection: Vec<String>,
    /// Results, 1 to 50
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: usize,
    /// Which lanes take part
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    pub(crate) mode: Mode,
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
