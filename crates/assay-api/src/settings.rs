//! The settings in effect.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A setting of the running server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Setting {
    /// Its key, such as `server.port`.
    pub key: String,
    /// Its value; `set` in the place of a secret.
    pub value: Value,
    /// `default`, `file`, `variable` or `flag`.
    pub source: String,
    /// Where that is: a file with its line, the name of a variable or of a flag; none for a default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// The settings of the running server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SettingListResponse {
    /// By key.
    pub settings: Vec<Setting>,
}
