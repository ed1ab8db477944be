//! What is asked, and how it is to be answered.

use std::str::FromStr;

use assay_core::{DocumentId, RequestId, SessionId, TenantScope};
use assay_gateway::Purpose;
use assay_identity::Actor;

use crate::{AnswerError, Condition, SearchMode};

/// What happens to a claim that its evidence does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnsupportedPolicy {
    /// It is left out.
    #[default]
    Drop,
    /// It is kept and says so.
    Mark,
}

impl FromStr for UnsupportedPolicy {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "drop" => Ok(Self::Drop),
            "mark" => Ok(Self::Mark),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is not a policy for unsupported claims"),
                hint: "use `drop` or `mark`",
            }),
        }
    }
}

/// Who writes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriterChoice {
    /// The model when one is set up and answers in time, else extraction.
    #[default]
    Auto,
    /// The model, or an error when none is set up.
    Model,
    /// Extraction: sentences of the sources, unchanged.
    Extractive,
}

impl FromStr for WriterChoice {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "auto" => Ok(Self::Auto),
            "model" => Ok(Self::Model),
            "extractive" => Ok(Self::Extractive),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is not a writer"),
                hint: "use `auto`, `model` or `extractive`",
            }),
        }
    }
}

/// A question of the conversation so far, with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The question as it was understood.
    pub question: String,
    /// The answer; empty when there was none.
    pub answer: String,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Names the request that asks it; what it costs is kept under this id.
    pub id: RequestId,
    /// The question.
    pub text: String,
    /// What to look at, as for [`crate::SearchQuery::sources`].
    pub sources: Vec<String>,
    /// Names of collections; all when empty.
    pub collections: Vec<String>,
    /// Documents; all when empty.
    pub documents: Vec<DocumentId>,
    /// Only passages that this holds for.
    pub filter: Option<Condition>,
    /// What happens to unsupported claims.
    pub unsupported: UnsupportedPolicy,
    /// Who writes.
    pub writer: WriterChoice,
    /// How the evidence is looked for.
    pub mode: SearchMode,
    /// What was asked and answered before, oldest first.
    pub history: Vec<Exchange>,
    /// The session whose history it belongs to, in the place of `history`.
    pub session: Option<SessionId>,
    /// Who asks, for the audit log and the ledger; nobody for Assay's own work.
    pub asked_by: Option<Actor>,
}

impl Question {
    /// A question over everything.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            id: RequestId::new(),
            text: text.into(),
            sources: Vec::new(),
            collections: Vec::new(),
            documents: Vec::new(),
            filter: None,
            unsupported: UnsupportedPolicy::default(),
            writer: WriterChoice::default(),
            mode: SearchMode::default(),
            history: Vec::new(),
            session: None,
            asked_by: None,
        }
    }

    /// What calls to models that help to answer it are for, and whose budgets pay.
    pub(crate) fn purpose<'a>(&'a self, scope: &'a TenantScope) -> Purpose<'a> {
        let by = self.asked_by.as_ref();
        let (user, key) = (by.map(Actor::user), by.and_then(Actor::key));
        Purpose { user, key, query: Some(self.id), ..Purpose::of(scope) }
    }
}
