//! `robots.txt` as RFC 9309 has it, and the delay between requests that many add.

use std::time::Duration;

use reqwest::Url;

use crate::net::http::AGENT;

/// Bytes read of the file; RFC 9309 asks for at least 500 KiB.
pub(super) const BYTES_MAX: u64 = 512 << 10;
/// Rules kept; more than any real file has.
const RULES_MAX: usize = 5_000;
/// A site that asks for a longer delay gets this one.
const DELAY_MAX: Duration = Duration::from_secs(30);

/// What a host lets us read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    /// The time it wants between requests.
    pub(super) delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allows: bool,
}

/// The groups that apply: the one with our name, else the one for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Ours,
    All,
    Other,
}

impl Robots {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}');
        let (mut ours, mut all) = (None, Self::default());
        let (mut group, mut in_rules) = (Group::Other, false);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else { continue };
            let (field, value) = (field.trim().to_ascii_lowercase(), value.trim());
            if field == "user-agent" {
                // Names that follow each other head one group.
                let before = if in_rules { Group::Other } else { group };
                in_rules = false;
                group = group_of(value, before);
                if group == Group::Ours {
                    ours.get_or_insert_with(Self::default);
                }
                continue;
            }
            let rules = match group {
                Group::Ours => ours.as_mut(),
                Group::All => Some(&mut all),
                Group::Other => None,
            };
            in_rules |= matches!(field.as_str(), "allow" | "disallow" | "crawl-delay");
            if let Some(rules) = rules {
                rules.add(&field, value);
            }
        }
        ours.unwrap_or(all)
    }

    fn add(&mut self, field: &str, value: &str) {
        let allows = field == "allow";
        match field {
            // An empty rule says nothing.
            "allow" | "disallow" if !value.is_empty() && self.rules.len() < RULES_MAX => {
                self.rules.push(Rule { pattern: normal(value), allows });
            }
            "crawl-delay" => {
                let seconds = value.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0);
                let most = DELAY_MAX.as_secs_f64();
                self.delay = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(most)));
            }
            _ => {}
        }
    }

    /// Whether a page may be read: the longest rule that matches decides, `allow` when two are as
    /// long.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let mut path = normal(url.path());
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(&normal(query));
        }
        self.rules
            .iter()
            .filter(|rule| matches(rule.pattern.as_bytes(), path.as_bytes()))
            .max_by_key(|rule| (rule.pattern.len(), rule.allows))
            .is_none_or(|rule| rule.allows)
    }
}

fn group_of(agent: &str, before: Group) -> Group {
    // A name may carry a version, which does not count.
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || "-_*".contains(c)));
    let name = agent.get(..end.unwrap_or(agent.len())).unwrap_or_default();
    match before {
        Group::Ours => Group::Ours,
        _ if name.eq_ignore_ascii_case(AGENT) => Group::Ours,
        _ if name == "*" => Group::All,
        before => before,
    }
}

/// One way to write a path: `%7e` and `~` are the same, and so are `%C3%A9` and `%c3%a9`.
fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut normal = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| path.get(at + 1..at + 3)).flatten();
        let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, step) = escaped.map_or((byte, 1), |byte| (byte, 3));
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain || (step == 1 && byte.is_ascii()) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&format!("%{byte:02X}"));
        }
        at += step;
    }
    normal
}

/// Whether a path starts with a pattern, in which `*` is any text and a last `$` the end.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    // The usual walk with one way back, to the last star: never more than one by the other.
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), path.get(t)) {
            (Some(b'*'), _) => {
                star = Some((p + 1, t));
                p += 1;
            }
            (None, _) if !to_end => return true,
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => {
                p += 1;
                t += 1;
            }
            (_, None) => return false,
            (_, Some(_)) => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
