//! Staging beside the deployment: what differs in the settings in effect and in the version, and which of
//! it somebody has explained. Both servers are asked; secrets are `set` on both sides.

use std::collections::BTreeMap;

use assay_api::SettingListResponse;
use assay_ready::{ReadyError, Request, Transport};
use serde_json::{Value, json};

use crate::{
    cli::EvidenceStaging,
    command::{
        Context,
        ready::{Http, KEY, address, now, variable},
    },
};

/// The variable with a key of staging.
const STAGING_KEY: &str = "ASSAY_STAGING_API_KEY";
/// Longest that one question may take.
const WAIT: std::time::Duration = std::time::Duration::from_secs(30);

/// Values by key.
type Settings = BTreeMap<String, Value>;

pub(super) fn compare(
    context: &Context,
    args: &EvidenceStaging,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<Value> {
    let url = address(context, args.url.as_deref(), handle)?;
    let staging = address(context, Some(&args.staging), handle)?;
    if url == staging {
        return Err(ReadyError::bad("--staging", format!("{url} is the deployment itself")).into());
    }
    let explained = args
        .explained
        .iter()
        .map(|word| explanation(word))
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let http = Http::new(handle.clone())?;
    let here = settings(&http, &url, variable(KEY))?;
    let there = settings(&http, &staging, variable(STAGING_KEY))?;
    let mut document = differences(&here, &there, &explained)?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("url".to_owned(), url.into());
        fields.insert("staging".to_owned(), staging.into());
        fields.insert("at".to_owned(), now().to_string().into());
    }
    Ok(document)
}

fn explanation(word: &str) -> Result<(String, String), ReadyError> {
    let parts = word.split_once('=').map(|(key, why)| (key.trim(), why.trim()));
    parts
        .filter(|(key, why)| !key.is_empty() && !key.contains('*') && !why.is_empty())
        .map(|(key, why)| (key.to_owned(), why.to_owned()))
        .ok_or_else(|| ReadyError::bad(format!("--explained {word}"), "write KEY=REASON, one key"))
}

/// What a server was started with, and its version.
fn settings(http: &Http, url: &str, key: Option<String>) -> Result<Settings, ReadyError> {
    let unreachable = |why: String| ReadyError::Unreachable { url: url.to_owned(), why };
    let get = |path: &str| {
        let headers = key.iter().map(|key| ("authorization".to_owned(), format!("Bearer {key}")));
        let response = http
            .send(&Request {
                method: "GET".to_owned(),
                url: format!("{url}{path}"),
                headers: headers.collect(),
                body: Vec::new(),
                timeout: WAIT,
            })
            .map_err(unreachable)?;
        match response.status {
            200 => Ok(response.text()),
            status => Err(unreachable(format!("{path} answers {status}"))),
        }
    };
    let parse = |error: serde_json::Error| unreachable(error.to_string());
    let listed: SettingListResponse = serde_json::from_str(&get("/v1/settings")?).map_err(parse)?;
    let health: Value = serde_json::from_str(&get("/health")?).map_err(parse)?;
    let mut all: Settings = listed.settings.into_iter().map(|it| (it.key, it.value)).collect();
    all.insert("version".to_owned(), health.get("version").cloned().unwrap_or_default());
    Ok(all)
}

/// What differs, by key. An explanation of what does not differ is a mistake: nobody would find it again.
fn differences(
    here: &Settings,
    there: &Settings,
    explained: &BTreeMap<String, String>,
) -> Result<Value, ReadyError> {
    if here.len() < 2 || there.len() < 2 {
        return Err(ReadyError::bad("the settings", "a server tells none: is it of this version?"));
    }
    let mut keys: Vec<&String> = here.keys().chain(there.keys()).collect();
    keys.sort();
    keys.dedup();
    let differing: Vec<&String> =
        keys.iter().filter(|key| here.get(**key) != there.get(**key)).copied().collect();
    let idle: Vec<String> = explained
        .keys()
        .filter(|key| !differing.contains(key))
        .map(|key| format!("`{key}` is explained and does not differ"))
        .collect();
    if !idle.is_empty() {
        return Err(ReadyError::BadInput { what: "--explained".to_owned(), problems: idle });
    }
    let open: Vec<&&String> =
        differing.iter().filter(|key| !explained.contains_key(**key)).collect();
    let shown = |key: &&&String| {
        let value = json!({ "url": here.get(**key), "staging": there.get(**key) });
        ((***key).clone(), value)
    };
    Ok(json!({
        "compared": keys.len(), "unexplained_differences": open.len(), "explained": explained,
        "unexplained": open.iter().map(shown).collect::<serde_json::Map<_, _>>(),
    }))
}

#[cfg(test)]
mod tests {
    //! What differs is named until somebody explains it; what does not differ needs no explanation.

    use super::*;

    fn some(values: &[(&str, u64)]) -> Settings {
        values.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
    }

    #[test]
    fn differences_are_named_until_they_are_explained() {
        let here = some(&[("a", 1), ("b", 2), ("c", 3)]);
        let there = some(&[("a", 1), ("b", 9), ("d", 4)]);
        let why = |words: &[&str]| {
            words.iter().map(|word| explanation(word).unwrap()).collect::<BTreeMap<_, _>>()
        };
        let found = differences(&here, &there, &why(&[])).unwrap();
        assert_eq!(found["unexplained_differences"], 3, "{found:#}");
        assert_eq!(found["unexplained"]["b"], json!({ "url": 2, "staging": 9 }));
        let found =
            differences(&here, &there, &why(&["b=two sizes", "c=here alone", "d=x"])).unwrap();
        assert_eq!(found["unexplained_differences"], 0);
        assert!(differences(&here, &there, &why(&["a=nothing"])).is_err());
        assert!(differences(&here, &some(&[]), &why(&[])).is_err(), "nothing to compare");
        assert!(explanation("server.*=all").is_err() && explanation("b=").is_err());
    }
}
