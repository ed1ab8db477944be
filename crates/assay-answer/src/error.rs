//! What can go wrong in the use case.

use assay_backup::BackupError;
use assay_core::{Coded, ErrorCode};
use assay_gateway::GatewayError;
use assay_guard::GuardSetupError;
use assay_identity::IdentityError;
use assay_index::IndexError;
use assay_ledger::LedgerError;
use assay_models::ModelError;
use assay_parse::ParseError;
use assay_store::StoreError;
use assay_tasks::TaskError;
use assay_vault::VaultError;
use assay_web::WebSetupError;

/// A failed ingest, search, question or evaluation.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// What was asked cannot be done as it stands.
    #[error("{what}")]
    Invalid {
        /// What is wrong with it.
        what: String,
        /// What to change.
        hint: &'static str,
    },
    /// A file is larger than the limit.
    #[error("`{name}` has {bytes} bytes, which is over the limit of {limit}")]
    TooLarge {
        /// The file.
        name: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// No lane of a search gave anything, because each failed or was too slow.
    #[error("no lane could be searched: {}", reasons.join("; "))]
    NoLane {
        /// What is said of each lane.
        reasons: Vec<String>,
        /// Whether time was the reason.
        timed_out: bool,
    },
    /// There is no embedding model, and the request needs one.
    #[error("no embedding model is loaded")]
    NoModel,
    /// There is a model, but of another name.
    #[error("there is no embedding model `{name}`")]
    UnknownModel {
        /// The name that was asked for.
        name: String,
    },
    /// There is no model that writes, and the request asks for one.
    #[error("no writing model is set up")]
    NoWriter,
    /// The session was set aside or has expired.
    #[error("the session {id} is {state}")]
    SessionNotActive {
        /// The session.
        id: assay_core::SessionId,
        /// `inactive` or `expired`.
        state: &'static str,
    },
    /// The cross-encoder that is set up could not be loaded.
    #[error("the cross-encoder is not loaded: {reason}")]
    NoReranker {
        /// Why.
        reason: String,
    },
    /// Records or blobs failed.
    #[error("the records failed")]
    Store(#[from] StoreError),
    /// The keys of the data are not to be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A backup failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A backup of a folder without the rows is none.
    #[error("the rows are on a Postgres server: a backup of the data folder would be without them")]
    BackupOfServer,
    /// The index failed.
    #[error("the index failed")]
    Index(#[from] IndexError),
    /// The task engine failed.
    #[error("the task engine failed")]
    Task(#[from] TaskError),
    /// The local model failed.
    #[error("the embedding model failed")]
    Model(#[from] ModelError),
    /// A provider failed.
    #[error("the model provider failed")]
    Gateway(#[from] GatewayError),
    /// The identities refused or failed.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The public sources cannot be set up.
    #[error("the public sources cannot be set up")]
    Web(#[from] WebSetupError),
    /// The guard cannot be set up.
    #[error("the guard cannot be set up")]
    Guard(#[from] GuardSetupError),
    /// The policy of the guard forbids it.
    #[error("{what}")]
    Blocked {
        /// What was found, without the text.
        what: String,
    },
    /// A model wrote what only its instructions hold.
    #[error("the model gave its instructions away; what it wrote was thrown away")]
    Leak,
    /// A file cannot be read as what it is.
    #[error("`{name}` cannot be read")]
    Parse {
        /// The file.
        name: String,
        /// Why.
        #[source]
        source: ParseError,
    },
    /// A file of an evaluation cannot be read.
    #[error("`{path}` cannot be read as evaluation data: {reason}")]
    EvalData {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A worker was started on a folder that no server has used.
    #[error("`{path}` is not the data folder of a server")]
    NotShared {
        /// The folder.
        path: String,
    },
    /// A worker would call a model for vectors.
    #[error("a worker makes vectors by a model on its own machine, not by an endpoint")]
    RemoteVectors,
    /// There are no tables to make.
    #[error("no server for the rows is set")]
    NoServer,
    /// A database that cannot go back.
    #[error(
        "`{name}` has no way back: only records, identity and tasks have a version before this one"
    )]
    NoWayBack {
        /// The name that was given.
        name: String,
    },
    /// A root key and a server that holds the rows are both set.
    #[error("rows on a database server are not encrypted by Assay, and a root key is set")]
    EncryptedServer,
    /// Another process has the data folder open.
    #[error("the data folder `{path}` is in use by another process")]
    Locked {
        /// The folder.
        path: String,
    },
    /// The data folder cannot be used.
    #[error("the data folder `{path}` cannot be used")]
    DataFolder {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The tenant asks more questions than it may ask.
    #[error("the tenant may ask {limit} questions a minute, and did")]
    TooManyQuestions {
        /// How many.
        limit: u64,
    },
    /// A thread of the pool panicked; the fault is in the log.
    #[error("a worker stopped unexpectedly")]
    Worker,
}

impl Coded for AnswerError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid { .. } | Self::EvalData { .. } | Self::Blocked { .. } => {
                ErrorCode::BadRequest
            }
            Self::Leak => ErrorCode::UpstreamFailed,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::NoLane { timed_out: true, .. } => ErrorCode::Timeout,
            Self::NoLane { .. } | Self::NoModel | Self::NoWriter | Self::NoReranker { .. } => {
                ErrorCode::Unavailable
            }
            Self::UnknownModel { .. } => ErrorCode::NotFound,
            Self::Store(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Backup(error) => error.code(),
            Self::Index(error) => error.code(),
            Self::Task(error) => error.code(),
            Self::Model(error) => error.code(),
            Self::Gateway(error) => error.code(),
            Self::Identity(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Web(_) => ErrorCode::BadRequest,
            Self::Guard(error) => error.code(),
            Self::Parse { source, .. } => source.code(),
            Self::Locked { .. } | Self::SessionNotActive { .. } => ErrorCode::Conflict,
            Self::DataFolder { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull => ErrorCode::StorageFull,
                _ => ErrorCode::Forbidden,
            },
            Self::TooManyQuestions { .. } => ErrorCode::TooManyRequests,
            Self::NotShared { .. }
            | Self::RemoteVectors
            | Self::NoServer
            | Self::NoWayBack { .. }
            | Self::EncryptedServer
            | Self::BackupOfServer => ErrorCode::BadRequest,
            Self::Worker => ErrorCode::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { hint, .. } => Some((*hint).to_owned()),
            Self::TooManyQuestions { .. } => {
                Some("wait a minute, or ask for a higher limit".to_owned())
            }
            Self::TooLarge { .. } => {
                Some("raise `answer.file_bytes_max`, or split the file".to_owned())
            }
            Self::NoLane { .. } => Some("ask again; GET /health/ready says what is wrong".to_owned()),
            Self::NoModel => Some("fetch one with `assay models pull all-MiniLM-L6-v2`".to_owned()),
            Self::UnknownModel { .. } => Some("GET /v1/models lists the models".to_owned()),
            Self::NoWriter => Some(
                "set `writer.endpoint.base_url` and `writer.endpoint.model`, or ask with \
                 `writer: extractive`"
                    .to_owned(),
            ),
            Self::SessionNotActive { id, .. } => Some(format!(
                "POST /v1/sessions/{id}/activate takes it up again; POST /v1/sessions makes a new one"
            )),
            Self::NoReranker { .. } => {
                Some("check `reranker.model`, or leave it out for the model built in".to_owned())
            }
            Self::Store(error) => error.hint(),
            Self::Vault(error) => error.hint(),
            Self::Backup(error) => error.hint(),
            Self::Index(error) => error.hint(),
            Self::Task(error) => error.hint(),
            Self::Model(error) => error.hint(),
            Self::Gateway(error) => error.hint(),
            Self::Identity(error) => error.hint(),
            Self::Ledger(error) => error.hint(),
            Self::Web(_) => Some("docs/guide/web.md shows the section `web`".to_owned()),
            Self::Guard(error) => error.hint(),
            Self::Parse { source, .. } => source.hint(),
            Self::NotShared { .. } => Some(
                "give --data-dir of the server, which has to run first: a worker reads the same \
                 originals"
                    .to_owned(),
            ),
            Self::RemoteVectors => Some(
                "leave the workers out, or `embedding.endpoint`: what calls cost is counted by the \
                 server alone"
                    .to_owned(),
            ),
            Self::NoServer => Some("give --database, or set `database.url`".to_owned()),
            Self::BackupOfServer => Some(
                "back the server up with its own tools; docs/guide/backup.md says how the two go together \
                 (`assay migrate --back` takes --no-copy then)"
                    .to_owned(),
            ),
            Self::EncryptedServer => Some(
                "leave `encryption` out and encrypt the disk of the server, or leave `database.url` \
                 out (docs/howto/encryption.md)"
                    .to_owned(),
            ),
            Self::EvalData { .. } => Some("`assay eval --help` names the formats".to_owned()),
            Self::Locked { .. } => Some(
                "use the running server (`assay ask` finds it by itself), stop it, or give another \
                 `--data-dir`"
                    .to_owned(),
            ),
            Self::DataFolder { .. } => {
                Some("check that the folder can be written, or give another `--data-dir`".to_owned())
            }
            Self::Blocked { .. } => Some(
                "leave it out; GET /v1/guard/rules says what the rule looks for, and `guard.actions` \
                 and `guard.allow` what passes"
                    .to_owned(),
            ),
            Self::NoWayBack { .. } => Some("docs/howto/upgrade.md".to_owned()),
            Self::Worker | Self::Leak => None,
        }
    }
}
