//! What a source remembers from one run to the next.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::SourceError;

/// JSON that only its source understands; empty before the first run.
///
/// Its size is bounded by [`Limits::files`](crate::Limits::files): a key of at most 2,048 bytes and
/// a mark of about 150 bytes for each file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceState(String);

impl SourceState {
    /// The state as it was kept.
    #[must_use]
    pub const fn from_json(json: String) -> Self {
        Self(json)
    }

    /// The JSON to keep.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    pub(crate) fn read<T: DeserializeOwned + Default>(&self) -> Result<T, SourceError> {
        if self.0.is_empty() {
            return Ok(T::default());
        }
        serde_json::from_str(&self.0).map_err(SourceError::State)
    }

    pub(crate) fn write<T: Serialize>(state: &T) -> Result<Self, SourceError> {
        serde_json::to_string(state).map(Self).map_err(SourceError::State)
    }
}
