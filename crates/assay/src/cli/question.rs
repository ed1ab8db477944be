//! Commands that ask, search and cite.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    #[command(after_help = "Examples:\n  assay sessions list\n  \
        assay sessions list --search \"ferry gull\"   # in titles, questions and answers")]
    List {
        /// Those alone in whose title, questions or answers these words, or words that begin so, stand
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        /// Continue after this session: the last of the page before
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        /// Sessions wanted, 1 to 200, with --search 1 to 50
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
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
    /// Let the members of the tenant read a session, until it is closed again
    Share {
        /// The session
        id: String,
    },
    /// Keep a session to yourself again
    Unshare {
        /// The session
        id: String,
    },
    /// Read a session that a member of the tenant has shared
    Read {
        /// The session
        id: String,
    },
    /// Delete a session with its questions and answers
    Delete {
        /// The session
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Opinions {
    /// List what people said of answers, those said last first
    List {
        /// Continue before this number: `next` of the page before
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// Opinions wanted, 1 to 200
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Say whether an answer of one of your sessions helped; the last word counts
    #[command(after_help = "Example:\n  \
        assay opinions say $S 2 --useless --comment \"the price is that of last year\"")]
    Say(OpinionSay),
}

#[derive(Debug, Args)]
pub(crate) struct OpinionSay {
    /// The session
    pub(crate) session: String,
    /// Number of the answer in it, as `assay sessions show` has it
    pub(crate) message: u64,
    #[command(flatten)]
    pub(crate) word: OpinionWord,
    /// Why; admins of the tenant read it, with the question
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OpinionWord {
    /// It helped
    #[arg(long)]
    pub(crate) useful: bool,
    /// It did not help
    #[arg(long)]
    pub(crate) useless: bool,
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
