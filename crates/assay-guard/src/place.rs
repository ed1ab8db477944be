//! Where a guard stands, and what it does there when nobody says otherwise.

use serde::Deserialize;

use crate::{Action, Actions, Group, Kind, Mode};

/// A place that texts pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A question to Assay.
    Question,
    /// A document: looked at when it is taken in, and again when a model is to read it.
    Document,
    /// A page of a public source, before a model reads it.
    Web,
    /// An answer of Assay.
    Answer,
    /// A request that passes through to a provider.
    Request,
    /// What a provider answers to it.
    Response,
}

impl Place {
    /// Every place.
    pub const ALL: &[Self] =
        &[Self::Question, Self::Document, Self::Web, Self::Answer, Self::Request, Self::Response];

    /// The name in the settings, in metrics and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Document => "document",
            Self::Web => "web",
            Self::Answer => "answer",
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    /// What is done here about a kind of which no setting speaks; `None` for what is done anywhere.
    const fn built_in(self, kind: Kind) -> Option<Action> {
        match (self, kind) {
            // Nothing is taken out of an answer that passes through: what may change has to wait
            // for what follows, and nobody asked for that.
            (Self::Response, _) => Some(Action::Flag),
            // Never anybody's own text.
            (_, Kind::Canary | Kind::AssayKey) => None,
            // What passes through belongs to the caller: a false alarm would break a file that a
            // coding client writes.
            (Self::Request, _) => Some(Action::Flag),
            // A link that a document smuggled in carries data out with one click.
            (Self::Answer, Kind::Link) => Some(Action::Redact),
            (Self::Answer, _) => None,
            // Somebody may ask what a script does, and quote what is no password.
            (_, Kind::Password) => Some(Action::Flag),
            (_, _) if matches!(kind.group(), Group::Output) => Some(Action::Flag),
            (_, _) => None,
        }
    }
}

/// What is done about a kind of which no setting speaks: secrets never pass; what may be wanted is
/// reported; the rest loses its sting.
const fn built_in(kind: Kind) -> Action {
    match (kind, kind.group()) {
        (Kind::Script | Kind::Image, _) | (_, Group::Secret | Group::Unicode) => Action::Redact,
        _ => Action::Flag,
    }
}

/// What is done about a text that cannot be looked at: it is too long, or the guard failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// It passes, and the failure is counted.
    #[default]
    Open,
    /// It does not pass.
    Closed,
}

/// What is different at one place.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlaceSettings {
    /// Whether actions are carried out here; as everywhere when absent.
    pub mode: Option<Mode>,
    /// What is done here, by kind or family; what is not named is done as everywhere.
    pub actions: Actions,
    /// What is done about a text that cannot be looked at; it passes when absent.
    pub on_failure: Option<OnFailure>,
    /// Bytes of one text at most that are looked at; 8 MiB when absent.
    pub bytes_max: Option<usize>,
}

/// Bytes of one text that are looked at unless a setting says otherwise.
const BYTES_MAX: usize = 8 << 20;

/// What is done about every kind.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    pub(crate) on_failure: OnFailure,
    pub(crate) bytes_max: usize,
    /// By the number of the kind.
    actions: Vec<Action>,
}

impl Policy {
    /// The policy of a place, or of no place in particular.
    pub(crate) fn of(
        mode: Mode,
        everywhere: &Actions,
        here: &PlaceSettings,
        place: Option<Place>,
    ) -> Self {
        let action = |kind: &Kind| {
            let told = here.actions.of(*kind).or_else(|| everywhere.of(*kind));
            let meant = || place.and_then(|place| place.built_in(*kind));
            told.or_else(meant).unwrap_or_else(|| built_in(*kind))
        };
        Self {
            mode: here.mode.unwrap_or(mode),
            on_failure: here.on_failure.unwrap_or_default(),
            bytes_max: here.bytes_max.unwrap_or(BYTES_MAX),
            actions: Kind::ALL.iter().map(action).collect(),
        }
    }

    /// What is done about a kind.
    pub(crate) fn action(&self, kind: Kind) -> Action {
        self.actions.get(kind as usize).copied().unwrap_or(Action::Flag)
    }
}
