//! Addresses of machines.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Run;
use crate::{
    Kind, Rule, Severity,
    detect::bytes::{self, Words},
    view::View,
};

static IP_V4: Rule = Rule::built_in(
    "ip_v4",
    Kind::Ip,
    Severity::Low,
    "An IPv4 address leads to a person or a machine. Four numbers up to 255, not a version, not \
     this machine.",
    &["blocked for 86.231.85.193 since noon"],
);
static IP_V6: Rule = Rule::built_in(
    "ip_v6",
    Kind::Ip,
    Severity::Low,
    "An IPv6 address leads to a person or a machine.",
    &["from 2001:db8:85a3::8a2e:370:7334 again"],
);

pub(super) const RULES: &[&Rule] = &[&IP_V4, &IP_V6];

/// Words before what looks like an address and is none.
const VERSION_WORDS: Words = Words::new(&["version", "release", "v ", "section", "chapter"]);

/// Characters of an IPv6 address at most.
const V6_CHARS_MAX: usize = 45;

pub(super) fn v4(view: &mut View<'_>, run: &Run) -> bool {
    let before = view.before(run.start);
    if bytes::is_word(before) || before == b'.' || before == b'-' || view.at(run.end) != b'.' {
        return false;
    }
    let right = (run.start + 16).min(run.window.right);
    let text = view.slice(run.start, right);
    let text = text.get(..bytes::run(text, |b| b.is_ascii_digit() || b == b'.')).unwrap_or(&[]);
    let groups = run.groups.within(text.len());
    let end = groups.end(4);
    if !groups.separators().starts_with(b"...") || groups.lengths().len() != 4 {
        return false;
    }
    let shown = std::str::from_utf8(view.slice(run.start, end)).unwrap_or("");
    let Ok(address) = shown.parse::<Ipv4Addr>() else { return false };
    if address.is_loopback() || address.is_unspecified() || address.is_broadcast() {
        return false;
    }
    if shown.len() < 9 && run.after(view, &VERSION_WORDS) {
        return false;
    }
    view.found(run.start, end, &IP_V4);
    true
}

pub(super) fn v6(view: &mut View<'_>, run: &Run) -> bool {
    let text = view.slice(run.start, (run.start + V6_CHARS_MAX).min(run.window.right));
    if view.at(run.end) != b':' || run.end - run.start > 4 {
        return false;
    }
    let before = view.before(run.start);
    if bytes::is_word(before) || before == b':' || before == b'.' {
        return false;
    }
    let is = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let text = text.get(..bytes::run(text, is)).unwrap_or(&[]);
    let text = std::str::from_utf8(text).unwrap_or("").trim_end_matches(':');
    let colons = text.bytes().filter(|&byte| byte == b':').count();
    if colons < 3 || text.parse::<Ipv6Addr>().is_err() {
        return false;
    }
    view.found(run.start, run.start + text.len(), &IP_V6);
    true
}
