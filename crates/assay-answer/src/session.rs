//! Sessions: conversations that are kept, so that a follow-up question can be understood.

use assay_core::{DocumentId, PassageId, PrincipalId, SessionId, TenantScope};
use assay_store::{Opinion, SessionRecord, StoreError, TenantStore, TurnRecord, WantedWords};
use serde::{Deserialize, Serialize};

use crate::{Answer, AnswerError, Engine, Exchange, Question, search::blocking};

mod find;

pub use find::{FoundIn, FoundSession};

/// Minutes after its last use at which a session expires, where nothing else is said (the contract
/// of system 2).
pub const SESSION_TTL_MINUTES: u32 = 60;
/// Bounds of that time.
const TTL_MINUTES: std::ops::RangeInclusive<u32> = 1..=10_080;
/// Turns of a session that are kept.
const TURNS_KEPT: u32 = 100;
/// Turns that a follow-up question is understood by.
const TURNS_READ: u32 = 10;
/// What stands in the place of an answer that rests on what its reader may not see any more.
const CLOSED: &str = "This answer rests on documents that you may not read any more.";
/// Sessions on one page of a list at most.
const PAGE_MAX: u32 = 200;

/// Whether a session may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It may.
    Active,
    /// It was set aside.
    Inactive,
    /// It was not used for too long.
    Expired,
}

impl SessionState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Expired => "expired",
        }
    }
}

/// A session without its turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// As it is kept.
    pub record: SessionRecord,
    /// Whether it may be used.
    pub state: SessionState,
    /// When it expires unless it is used again, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// A question of a session and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The question as asked.
    pub question: String,
    /// The question as it was understood, where that differs.
    pub rewritten: Option<String>,
    /// The state of the answer, such as `supported`.
    pub state: String,
    /// The text of the answer.
    pub answer: String,
    /// What it rests on.
    pub citations: Vec<TurnCitation>,
    /// Further documents whose words may stand in the answer; nothing where that was not kept.
    #[serde(default)]
    pub read: Option<Vec<DocumentId>>,
    /// Whether the answer was withheld from the reader.
    #[serde(skip)]
    pub is_closed: bool,
}

impl Turn {
    /// Documents whose words may stand in the answer.
    fn told(&self) -> impl Iterator<Item = DocumentId> {
        let cited = self.citations.iter().map(|cited| cited.document);
        cited.chain(self.read.iter().flatten().copied())
    }
}

/// A session that its owner opened to the tenant.
#[derive(Debug, Clone)]
pub struct SharedSession {
    /// Whose it is.
    pub owner: PrincipalId,
    /// The session.
    pub session: Session,
    /// Its turns that are kept, oldest first, as far as the reader may see what they rest on.
    pub turns: Vec<(TurnRecord, Turn)>,
}

/// A citation as a session keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnCitation {
    /// The `[n]` of the answer.
    pub number: usize,
    /// The document.
    pub document: DocumentId,
    /// The passage.
    pub passage: PassageId,
    /// Title of the document, or its name.
    pub title: String,
    /// The words of the document, unchanged.
    pub quote: String,
}

/// Who looks at a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looking {
    /// The one who asked.
    Owner,
    /// Somebody to whom it is open: what is not known to be open to them is closed.
    Other,
}

/// The last turns of a session, oldest first, as the reader may see them now: lists may have been
/// changed since.
fn turns(
    tenant: &TenantStore,
    id: SessionId,
    limit: u32,
    looking: Looking,
) -> Result<Vec<(TurnRecord, Turn)>, AnswerError> {
    let turns = tenant.turns(id, limit)?.into_iter().filter_map(|record| {
        let turn: Turn = serde_json::from_value(record.body.clone()).ok()?;
        Some((record, turn))
    });
    let mut turns: Vec<_> = turns.collect();
    let told: Vec<DocumentId> = turns.iter().flat_map(|(_, turn)| turn.told()).collect();
    let closed = tenant.closed_documents(&told)?;
    let mut is_tainted = false;
    for (_, turn) in &mut turns {
        let is_unknown = turn.read.is_none() && looking == Looking::Other;
        if is_unknown || turn.told().any(|document| closed.contains(&document)) {
            is_tainted = true;
            turn.is_closed = true;
            CLOSED.clone_into(&mut turn.answer);
            turn.citations.clear();
        }
        // A question that was put right may hold words of an answer before it.
        if is_tainted {
            turn.rewritten = None;
        }
    }
    Ok(turns)
}

impl Engine {
    /// Makes a session; `ttl_minutes` is 1 to 10,080, and 60 when absent.
    ///
    /// # Errors
    /// When the time is out of bounds, the title cannot be one, or there are too many sessions.
    pub async fn create_session(
        &self,
        scope: &TenantScope,
        owner: PrincipalId,
        title: Option<String>,
        ttl_minutes: Option<u32>,
    ) -> Result<Session, AnswerError> {
        let ttl_minutes = ttl_minutes.unwrap_or(SESSION_TTL_MINUTES);
        if !TTL_MINUTES.contains(&ttl_minutes) {
            return Err(AnswerError::Invalid {
                what: format!("a session cannot live {ttl_minutes} minutes"),
                hint: "give 1 to 10080 minutes, or nothing for 60",
            });
        }
        let tenant = self.store.tenant(scope)?;
        let record =
            blocking(move || Ok(tenant.create_session(owner, title, ttl_minutes)?)).await?;
        Ok(self.session_of(record))
    }

    /// Refuses a session that is not this principal's, as one that there is not.
    ///
    /// # Errors
    /// When it does not exist or is another's.
    pub async fn check_session_owner(
        &self,
        scope: &TenantScope,
        owner: PrincipalId,
        id: SessionId,
    ) -> Result<(), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.check_session_owner(owner, id)?)).await
    }

    /// Sessions of a principal, those made last first; at most 200 on a page.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn sessions(
        &self,
        scope: &TenantScope,
        owner: PrincipalId,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let limit = limit.clamp(1, PAGE_MAX);
        let records = blocking(move || Ok(tenant.sessions(owner, after, limit)?)).await?;
        Ok(records.into_iter().map(|record| self.session_of(record)).collect())
    }

    /// A page of the sessions of a principal in whose title, questions and answers every word of
    /// `typed` stands, or one that begins so; those made last first, at most 50 on a page. Answers that
    /// are closed to the reader now are not looked into.
    ///
    /// # Errors
    /// When there is no word in `typed`, or the records fail.
    pub async fn find_sessions(
        &self,
        scope: &TenantScope,
        owner: PrincipalId,
        typed: &str,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<(Vec<FoundSession>, Option<SessionId>), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let wanted = WantedWords::of(typed);
        let (found, next) =
            blocking(move || find::sessions(&tenant, owner, &wanted, after, limit)).await?;
        let found = found
            .into_iter()
            .map(|(record, place)| FoundSession { session: self.session_of(record), place });
        Ok((found.collect(), next))
    }

    /// A session with the turns that are kept, oldest first.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn session(
        &self,
        scope: &TenantScope,
        id: SessionId,
    ) -> Result<(Session, Vec<(TurnRecord, Turn)>), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let (record, turns) = blocking(move || {
            Ok((tenant.session(id)?, turns(&tenant, id, TURNS_KEPT, Looking::Owner)?))
        })
        .await?;
        Ok((self.session_of(record), turns))
    }

    /// Opens a session to the members of the tenant, or to its owner alone again.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn share_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        is_shared: bool,
    ) -> Result<Session, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let record = blocking(move || Ok(tenant.share_session(id, is_shared)?)).await?;
        Ok(self.session_of(record))
    }

    /// A session that is open to the members of the tenant. An answer that may hold words of a
    /// document that is closed to the reader is not shown.
    ///
    /// # Errors
    /// When there is none that is open.
    pub async fn shared_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
    ) -> Result<SharedSession, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let ((owner, record), turns) = blocking(move || {
            Ok((tenant.shared_session(id)?, turns(&tenant, id, TURNS_KEPT, Looking::Other)?))
        })
        .await?;
        Ok(SharedSession { owner, session: self.session_of(record), turns })
    }

    /// Keeps what the owner of a session says of one of its answers; the last word counts.
    ///
    /// # Errors
    /// When the session has no such turn, or the comment cannot be one.
    pub async fn judge_answer(
        &self,
        scope: &TenantScope,
        owner: PrincipalId,
        id: SessionId,
        number: u64,
        useful: bool,
        comment: Option<String>,
    ) -> Result<Opinion, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let kept = tenant.turns(id, TURNS_KEPT)?.into_iter().find(|it| it.number == number);
            let turn = kept.and_then(|it| serde_json::from_value::<Turn>(it.body).ok());
            let Some(Turn { question, state, .. }) = turn else {
                return Err(StoreError::not_found("message", number).into());
            };
            let (session, turn, created_ms) = (id, number, 0);
            let opinion =
                Opinion { session, turn, owner, question, state, useful, comment, created_ms };
            Ok(tenant.set_opinion(opinion)?)
        })
        .await
    }

    /// What people said of answers, with numbers, those said last first, before the one of this
    /// number; at most 200 on a page.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn opinions(
        &self,
        scope: &TenantScope,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Opinion)>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let limit = limit.clamp(1, PAGE_MAX);
        blocking(move || Ok(tenant.opinions(before, limit)?)).await
    }

    /// Takes a session up again, also an expired one, or sets it aside.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn set_session_active(
        &self,
        scope: &TenantScope,
        id: SessionId,
        is_active: bool,
    ) -> Result<Session, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let record = blocking(move || Ok(tenant.set_session_active(id, is_active)?)).await?;
        Ok(self.session_of(record))
    }

    /// Deletes a session with its turns.
    ///
    /// # Errors
    /// When it does not exist.
    pub async fn delete_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
    ) -> Result<(), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.delete_session(id)?)).await
    }

    /// The conversation so far, for a question that belongs to it.
    pub(crate) async fn session_history(
        &self,
        scope: &TenantScope,
        id: SessionId,
    ) -> Result<Vec<Exchange>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        let (record, turns) = blocking(move || {
            Ok((tenant.session(id)?, turns(&tenant, id, TURNS_READ, Looking::Owner)?))
        })
        .await?;
        let state = self.session_of(record).state;
        if state != SessionState::Active {
            return Err(AnswerError::SessionNotActive { id, state: state.as_str() });
        }
        let turns = turns.into_iter().map(|(_, turn)| {
            // Without claims the text is an excuse, which nothing leans on.
            let answer = if turn.citations.is_empty() { String::new() } else { turn.answer };
            Exchange { question: turn.rewritten.unwrap_or(turn.question), answer }
        });
        Ok(turns.collect())
    }

    /// Keeps a question and its answer.
    pub(crate) async fn keep_turn(
        &self,
        scope: &TenantScope,
        id: SessionId,
        question: &Question,
        answer: &Answer,
    ) -> Result<(), AnswerError> {
        let citations = answer.citations.iter().map(|citation| {
            let passage = &citation.passage.passage;
            TurnCitation {
                number: citation.number,
                document: passage.document,
                passage: passage.id,
                title: passage.title.clone().unwrap_or_else(|| passage.name.clone()),
                quote: citation.quote().to_owned(),
            }
        });
        let turn = Turn {
            question: question.text.trim().to_owned(),
            rewritten: answer.rewritten.clone(),
            state: answer.state.as_str().to_owned(),
            answer: answer.text.clone(),
            citations: citations.collect(),
            read: Some(answer.read.clone()),
            is_closed: false,
        };
        let tenant = self.store.tenant(scope)?;
        let text = find::text(&turn);
        let body = serde_json::to_value(turn).map_err(|_| AnswerError::Worker)?;
        blocking(move || Ok(tenant.append_turn(id, body, &text, TURNS_KEPT)?)).await
    }

    fn session_of(&self, record: SessionRecord) -> Session {
        let expires_ms = record.used_ms + i64::from(record.ttl_minutes) * 60_000;
        let state = if expires_ms <= self.clock.now_ms() {
            SessionState::Expired
        } else if record.is_active {
            SessionState::Active
        } else {
            SessionState::Inactive
        };
        Session { record, state, expires_ms }
    }
}
