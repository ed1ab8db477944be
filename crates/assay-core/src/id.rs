//! Ids as newtypes over UUIDv7, so that a document id cannot be passed for a passage id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id (a UUID is expected)")]
pub struct InvalidId {
    /// What the id should have named, such as `document`.
    pub kind: &'static str,
    /// The text as it was given, cut to 64 characters.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id; ids made later sort after ids made earlier.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "each call gives another value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id that these 128 bits spell, as read back from a store.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The 128 bits, for stores that keep ids as numbers or bytes.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// The 16 bytes in big-endian order: they sort as the ids do.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// The id of 16 bytes written by [`Self::to_bytes`].
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId {
                    kind: $kind,
                    text: text.chars().take(64).collect(),
                })
            }
        }
    )*};
}

ids! {
    /// A tenant: the owner of data that nobody else sees.
    TenantId = "tenant";
    /// A user or a service: who acts.
    PrincipalId = "principal";
    /// A group of principals of one tenant.
    GroupId = "group";
    /// An invitation to a tenant.
    InvitationId = "invitation";
    /// A named set of documents inside a tenant.
    CollectionId = "collection";
    /// A document, whatever its version.
    DocumentId = "document";
    /// One version of a document: the bytes of one moment.
    VersionId = "version";
    /// A passage: what is indexed and cited.
    PassageId = "passage";
    /// A source: where documents come from.
    SourceId = "source";
    /// A conversation.
    SessionId = "session";
    /// A durable task.
    TaskId = "task";
    /// A time table after which tasks are made.
    ScheduleId = "schedule";
    /// An address that is told when tasks end.
    WebhookId = "webhook";
    /// One call to a model provider, whichever attempt of a request it is.
    CallId = "call";
    /// A budget of money, tokens or calls.
    BudgetId = "budget";
    /// One request to the server, for logs and error messages.
    RequestId = "request";
}
