//! What is asked, where it is, how often.

use assay_core::Secret;
use serde::Deserialize;

use crate::ProviderName;

/// Settings of the public sources; without providers nothing is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebSettings {
    /// Who is asked.
    pub providers: Vec<ProviderName>,
    /// An address or URL of whoever runs this, sent to the providers so that they can complain.
    pub contact: String,
    /// Pages wanted of each provider.
    pub results: usize,
    /// Milliseconds for one provider, inside the budget of the lane.
    pub provider_ms: u64,
    /// Bytes of one answer at most, packed or unpacked.
    pub answer_bytes_max: u64,
    /// Seconds that answers are remembered.
    pub cache_seconds: u64,
    /// Answers remembered at most.
    pub cache_entries: usize,
    /// Days that the text of a page which was shown is kept, so that its citations can be opened.
    pub keep_days: u32,
    /// Hosts inside the network that may be reached, for mirrors: names, addresses, or networks.
    pub allow_private_hosts: Vec<String>,
    /// Wikipedia.
    pub wikipedia: WikipediaSettings,
    /// Stack Exchange.
    pub stackoverflow: StackExchangeSettings,
    /// MDN.
    pub mdn: MdnSettings,
    /// GitHub.
    pub github: GithubSettings,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            contact: String::new(),
            results: 6,
            provider_ms: 1_200,
            answer_bytes_max: 2 << 20,
            cache_seconds: 3_600,
            cache_entries: 1_000,
            keep_days: 30,
            allow_private_hosts: Vec::new(),
            wikipedia: WikipediaSettings::default(),
            stackoverflow: StackExchangeSettings::default(),
            mdn: MdnSettings::default(),
            github: GithubSettings::default(),
        }
    }
}

/// Settings of Wikipedia.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WikipediaSettings {
    /// Where it is; `{language}` stands for the language of the question.
    pub base_url: String,
    /// Calls a minute.
    pub calls_per_minute: usize,
}

impl Default for WikipediaSettings {
    fn default() -> Self {
        Self { base_url: "https://{language}.wikipedia.org".to_owned(), calls_per_minute: 30 }
    }
}

/// Settings of Stack Exchange.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StackExchangeSettings {
    /// Where it is.
    pub base_url: String,
    /// Which of its sites.
    pub site: String,
    /// An application key, which raises the daily quota from 300 to 10,000 calls.
    pub key: Option<Secret>,
    /// Calls a minute.
    pub calls_per_minute: usize,
}

impl Default for StackExchangeSettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.stackexchange.com".to_owned(),
            site: "stackoverflow".to_owned(),
            key: None,
            calls_per_minute: 100,
        }
    }
}

/// Settings of MDN.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MdnSettings {
    /// Where it is.
    pub base_url: String,
    /// Calls a minute.
    pub calls_per_minute: usize,
}

impl Default for MdnSettings {
    fn default() -> Self {
        Self { base_url: "https://developer.mozilla.org".to_owned(), calls_per_minute: 50 }
    }
}

/// Settings of GitHub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GithubSettings {
    /// Where it is.
    pub base_url: String,
    /// A token without any rights; it allows more calls and the search of code.
    pub token: Option<Secret>,
    /// Calls a minute.
    pub calls_per_minute: usize,
}

impl Default for GithubSettings {
    fn default() -> Self {
        Self { base_url: "https://api.github.com".to_owned(), token: None, calls_per_minute: 10 }
    }
}

impl WebSettings {
    /// What is wrong with the settings: key and reason, all of them at once.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.providers.is_empty() && !self.contact.contains(['@', '/', '.']) {
            let what = "must name an address or URL of whoever runs this: the providers ask for it";
            problems.push(("contact", what.to_owned()));
        }
        if self.contact.chars().any(char::is_control) || self.contact.len() > 200 {
            problems.push(("contact", "must be one line of at most 200 bytes".to_owned()));
        }
        let counts = [
            ("results", self.results as u64, 20),
            ("provider_ms", self.provider_ms, 60_000),
            ("answer_bytes_max", self.answer_bytes_max, 16 << 20),
            ("cache_entries", self.cache_entries as u64, 100_000),
            ("keep_days", self.keep_days.into(), 3_650),
            ("wikipedia.calls_per_minute", self.wikipedia.calls_per_minute as u64, 10_000),
            ("stackoverflow.calls_per_minute", self.stackoverflow.calls_per_minute as u64, 10_000),
            ("mdn.calls_per_minute", self.mdn.calls_per_minute as u64, 10_000),
            ("github.calls_per_minute", self.github.calls_per_minute as u64, 10_000),
        ];
        for (key, value, most) in counts {
            if !(1..=most).contains(&value) {
                problems.push((key, format!("must be 1 to {most}")));
            }
        }
        problems
    }
}
