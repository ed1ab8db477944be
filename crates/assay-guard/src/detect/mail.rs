//! E-mail addresses.

use super::{Anchor, bytes};
use crate::{
    Group, Kind, Rule, Severity,
    view::{Tail, View, Window},
};

static EMAIL: Rule = Rule::built_in(
    "email",
    Kind::Email,
    Severity::Medium,
    "An e-mail address reaches a person. A local part, and a host name with a top level.",
    &["write to julian.galvez@rhyta.com today"],
);

pub(super) const RULES: &[&Rule] = &[&EMAIL];

/// Bytes of the local part at most; RFC 5321, 4.5.3.1.1.
const LOCAL_BYTES_MAX: usize = 64;

pub(super) fn anchors() -> impl Iterator<Item = Anchor> {
    [Anchor { text: "@", group: Group::Pii, back: LOCAL_BYTES_MAX, judge }].into_iter()
}

fn judge(view: &mut View<'_>, at: usize, end: usize, window: Window) {
    let local =
        |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-'&=!#".contains(&byte) || byte >= 0x80;
    let before = view.slice(window.first, at);
    let mut start = at - bytes::run_back(before, local);
    while start < at && !(bytes::is_word(view.at(start))) {
        start += 1;
    }
    let host = view.slice(end, window.right);
    let length = bytes::run(host, in_host);
    let host = host.get(..length).unwrap_or(&[]);
    let host = trimmed(host);
    let top = host.rsplit(|&byte| byte == b'.').next().unwrap_or(&[]);
    let proper = host.contains(&b'.')
        && top.len() >= 2
        && top.iter().any(u8::is_ascii_alphabetic)
        && !host.windows(2).any(|pair| pair == b"..")
        && host.first().is_some_and(u8::is_ascii_alphanumeric);
    // `user:password@host` is the matter of connection strings.
    if start == at || !proper || view.before(start) == b'/' {
        return;
    }
    let host_end = end + host.len();
    let tail = if host_end >= window.right { Tail::Bytes(in_host) } else { Tail::None };
    view.found_with(start, host_end, &EMAIL, tail);
}

fn in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// Without what ends a sentence.
fn trimmed(mut host: &[u8]) -> &[u8] {
    while let [rest @ .., b'.' | b'-'] = host {
        host = rest;
    }
    host
}
