//! Why a credential is not accepted or an identity cannot be changed.

use assay_core::{Coded, ErrorCode};
use assay_sqlite::SqliteError;

use crate::TenantState;

/// A failed call to the identities.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The database failed.
    #[error("the identities cannot be read or written")]
    Database(#[from] SqliteError),
    /// A file with a secret cannot be read, written or is not what it should be.
    #[error("`{path}` cannot be used: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// There is no credential where one is needed.
    #[error("this needs a credential")]
    Missing,
    /// Too many logins are tried, with this name or altogether.
    #[error("too many logins are tried")]
    TooMany,
    /// The credential is not valid.
    #[error("{reason}")]
    Credential {
        /// What is wrong, without a word of the credential.
        reason: &'static str,
    },
    /// A login by a provider did not come to its end.
    #[error("{reason}")]
    Login {
        /// What is wrong, without a word of what was shown.
        reason: &'static str,
    },
    /// The provider knows the user, and nobody let the user in here.
    #[error("this account is not let in here: {reason}")]
    NotAdmitted {
        /// Why not.
        reason: &'static str,
    },
    /// An issuer or provider does not answer.
    #[error("{what} cannot be fetched")]
    Unreachable {
        /// What is wanted of it.
        what: &'static str,
    },
    /// A provider answers what is no answer.
    #[error("the provider of logins {reason}")]
    Provider {
        /// What it does.
        reason: &'static str,
    },
    /// The caller may not do this.
    #[error("this needs the permission `{permission}`, which {whose} does not have")]
    Denied {
        /// What is needed.
        permission: &'static str,
        /// What lacks it: the role, the key, the tenant's state.
        whose: String,
    },
    /// The tenant is not in a state for this.
    #[error("the tenant is {}", state.as_str())]
    State {
        /// Its state.
        state: TenantState,
    },
    /// The caller is no member of the tenant that was asked for, or there is none of this name.
    #[error("this credential is not valid for the tenant `{given}`")]
    NotMember {
        /// The tenant as it was given, cut.
        given: String,
    },
    /// Several tenants are open to the caller and none was chosen.
    #[error("this credential is valid for {count} tenants, and none was named")]
    Choose {
        /// How many.
        count: usize,
    },
    /// Header, subdomain or cookie name different tenants.
    #[error("the request names two tenants, by {first} and by {second}")]
    Contradiction {
        /// The first place that names one.
        first: &'static str,
        /// A place that names another.
        second: &'static str,
    },
    /// There is none, or it belongs to somebody else.
    #[error("there is no {kind} `{id}`")]
    NotFound {
        /// What it would be.
        kind: &'static str,
        /// As it was given, cut.
        id: String,
    },
    /// The name is taken.
    #[error("the {kind} `{name}` exists already")]
    Exists {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Something that was given cannot be taken.
    #[error("{what}: {reason}")]
    Invalid {
        /// What was given.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The change would leave a tenant without an owner.
    #[error("a tenant keeps at least one owner")]
    LastOwner,
    /// The tenant has as many as it may have.
    #[error("the tenant may have {limit} {what}, and has them")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many.
        limit: u64,
    },
    /// The platform tenant cannot be suspended or erased.
    #[error("the platform tenant stays as it is")]
    Platform,
}

impl IdentityError {
    pub(crate) fn invalid(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { what, reason: reason.into() }
    }

    pub(crate) fn not_found(kind: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { kind, id: cut(&id.to_string()) }
    }

    /// What went wrong, for the audit log: without what the caller gave, which may be a name of somebody
    /// else.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self {
            Self::NotMember { .. } => {
                "this credential is not valid for the tenant that was named".to_owned()
            }
            Self::NotFound { kind, .. } => format!("there is no such {kind}"),
            Self::Exists { kind, .. } => format!("the {kind} exists already"),
            Self::Invalid { what, .. } => format!("{what} cannot be taken"),
            other => other.to_string(),
        }
    }

    pub(crate) const fn login(reason: &'static str) -> Self {
        Self::Login { reason }
    }

    pub(crate) const fn credential(reason: &'static str) -> Self {
        Self::Credential { reason }
    }
}

/// A text of a caller as it may stand in a message.
pub(crate) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

impl From<assay_sqlite::sql::Error> for IdentityError {
    fn from(error: assay_sqlite::sql::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Coded for IdentityError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Database(error) => error.code(),
            Self::File { .. } => ErrorCode::Internal,
            Self::Missing | Self::Credential { .. } | Self::Login { .. } => {
                ErrorCode::Unauthenticated
            }
            Self::Unreachable { .. } => ErrorCode::Unavailable,
            Self::Provider { .. } => ErrorCode::UpstreamFailed,
            Self::TooMany => ErrorCode::TooManyRequests,
            Self::Denied { .. }
            | Self::NotAdmitted { .. }
            | Self::State { .. }
            | Self::NotMember { .. }
            | Self::Limit { .. } => ErrorCode::Forbidden,
            Self::Choose { .. } | Self::Contradiction { .. } | Self::Invalid { .. } => {
                ErrorCode::BadRequest
            }
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Exists { .. } | Self::LastOwner | Self::Platform => ErrorCode::Conflict,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Database(error) => return error.hint(),
            Self::Missing => {
                "send `Authorization: Bearer assay_…` or `x-api-key: assay_…`; \
                 `assay keys create` makes a key"
            }
            Self::TooMany => "wait some minutes",
            Self::Credential { .. } => "check the key, or make another with `assay keys create`",
            Self::Login { .. } => "begin the login again, in one browser and within 10 minutes",
            Self::NotAdmitted { .. } => "ask an owner or admin of the tenant for an invitation",
            Self::Unreachable { .. } | Self::Provider { .. } => {
                "try again in a minute; the log of the server says what was tried"
            }
            Self::Denied { .. } => "`assay tenant roles` shows what each role may do",
            Self::State { .. } => "ask whoever runs this installation",
            Self::NotMember { .. } => {
                "leave the tenant out, or name one that the caller belongs to"
            }
            Self::Choose { .. } => "name one with the header `X-Tenant-Id`",
            Self::Contradiction { .. } => "name one tenant, in one place",
            Self::Limit { .. } => {
                "whoever runs this installation may raise it: `assay tenant limit`"
            }
            Self::LastOwner => "make somebody else an owner first",
            Self::File { .. } => "restore it from a backup; without it keys are not accepted",
            Self::NotFound { .. } | Self::Exists { .. } | Self::Invalid { .. } | Self::Platform => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}
