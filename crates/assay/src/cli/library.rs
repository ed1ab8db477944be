//! Commands on files and on what is known of them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Readers;

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
    #[command(flatten)]
    pub(crate) readers: Readers,
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
        #[command(flatten)]
        readers: Readers,
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
