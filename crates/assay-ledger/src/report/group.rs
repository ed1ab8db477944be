//! What the groups of a report differ in.

use std::str::FromStr;

use assay_core::{CallId, timestamp};
use assay_sqlite::sql::{Error, Row, types::ValueRef};

/// What the groups of a report differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The organisation.
    Organisation,
    /// The tenant.
    Tenant,
    /// The API key.
    Key,
    /// The user or service whose credential came with the call.
    User,
    /// Whom the request names.
    EndUser,
    /// The provider.
    Provider,
    /// The model.
    Model,
    /// The kind of call.
    Kind,
    /// What came of the call.
    Outcome,
    /// The hour, in UTC.
    Hour,
    /// The day, in UTC.
    Day,
    /// The question that it helped to answer.
    Query,
    /// The document that it helped to take in.
    Document,
    /// The request.
    Request,
    /// The single call.
    Call,
}

impl GroupBy {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Organisation,
        Self::Tenant,
        Self::Key,
        Self::User,
        Self::EndUser,
        Self::Provider,
        Self::Model,
        Self::Kind,
        Self::Outcome,
        Self::Hour,
        Self::Day,
        Self::Query,
        Self::Document,
        Self::Request,
        Self::Call,
    ];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Tenant => "tenant",
            Self::Key => "key",
            Self::User => "user",
            Self::EndUser => "end_user",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Kind => "kind",
            Self::Outcome => "outcome",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Query => "query",
            Self::Document => "document",
            Self::Request => "request",
            Self::Call => "call",
        }
    }

    /// Whether the sums by hour do not tell it.
    pub(super) const fn is_of_one_call(self) -> bool {
        matches!(self, Self::Query | Self::Document | Self::Request | Self::Call)
    }

    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::Hour | Self::Day)
    }

    /// The column, or what is made of the column of the time.
    pub(super) fn sql(self, time: &str) -> String {
        match self {
            Self::Hour => format!("({time} / 3600000) * 3600000"),
            Self::Day => format!("({time} / 86400000) * 86400000"),
            Self::Call => "id".to_owned(),
            other => format!("\"{}\"", other.as_str()),
        }
    }
}

impl FromStr for GroupBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|group| group.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            format!("`{text}` is not one of {names}")
        })
    }
}

/// A value of a group as a text: ids as they are written elsewhere, times in UTC.
pub(super) fn value(row: &Row<'_>, at: usize) -> Result<String, Error> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(ms) => timestamp(ms).to_string(),
        ValueRef::Blob(bytes) => {
            let bytes = <[u8; 16]>::try_from(bytes).unwrap_or_default();
            CallId::from_bytes(bytes).to_string()
        }
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Null | ValueRef::Real(_) => String::new(),
    })
}
