//! What a deployment says of itself: where it runs, who answers for it, where it is reached, and who sees
//! to its secrets. Nothing here changes what the server does; readiness reads it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

/// The record of a deployment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeploymentSettings {
    /// Who runs the machines, such as `hetzner` or `own`.
    pub(crate) provider: String,
    /// Where they stand.
    pub(crate) region: String,
    /// Where the program comes from: a registry of images, or a folder of releases.
    pub(crate) registry: String,
    /// Who answers for it.
    pub(crate) owner: String,
    /// Addresses by which people know it; readiness asks each.
    pub(crate) urls: Vec<String>,
    /// Who sees to each secret of the settings, by its key.
    pub(crate) secrets: BTreeMap<String, SecretRecord>,
}

/// Who sees to a secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRecord {
    /// Who rotates it.
    pub(crate) owner: String,
    /// The day on which it was made, such as `2026-11-01`.
    pub(crate) since: String,
    /// Days after which it is to be rotated.
    pub(crate) days: u32,
}

impl DeploymentSettings {
    /// What is wrong with them: the key and the reason.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for url in self.urls.iter().filter(|url| !url.starts_with("http")) {
            problems.push(("urls".to_owned(), format!("`{url}` is not an HTTP URL")));
        }
        for (key, record) in &self.secrets {
            let place = format!("secrets.{key}");
            if record.owner.trim().is_empty() || record.days == 0 {
                let what = "a secret has an owner, and days after which it is rotated".to_owned();
                problems.push((place.clone(), what));
            }
            if record.since.parse::<Date>().is_err() {
                let what = format!("`{}` is no day such as 2026-11-01", record.since);
                problems.push((place, what));
            }
        }
        problems
    }
}
