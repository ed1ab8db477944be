//! Keys, tokens and passwords.

use super::{Anchor, bytes};
use crate::{
    Group, Kind, Rule, Severity,
    view::{Tail, View, Window},
};

mod named;
mod shapes;

pub(crate) use named::is_placeholder;
use shapes::{SHAPES, Shape};

static TOKEN: Rule = Rule::built_in(
    "vendor_token",
    Kind::Token,
    Severity::Critical,
    "A token whose vendor gave it a shape so that it can be found. Prefix, alphabet and length.",
    &["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIA2E0A8F3B244C9986"],
);
static JWT: Rule = Rule::built_in(
    "json_web_token",
    Kind::Token,
    Severity::High,
    "A signed token in three parts; whoever holds it is let in.",
    &["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"],
);
static ASSAY: Rule = Rule::built_in(
    "assay_key",
    Kind::AssayKey,
    Severity::Critical,
    "A key of Assay itself.",
    &["assay_4f9aXr1bQ2c8Vn0tLz7KpW3yH5mE6uJd"],
);
static PRIVATE_KEY: Rule = Rule::built_in(
    "private_key",
    Kind::PrivateKey,
    Severity::Critical,
    "A private key in PEM form, to its last line.",
    &["-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----"],
);

pub(super) const RULES: &[&Rule] =
    &[&TOKEN, &JWT, &ASSAY, &PRIVATE_KEY, &named::PASSWORD, &named::KEY, &named::BEARER];

pub(super) fn anchors() -> impl Iterator<Item = Anchor> {
    let anchor = |text, judge: super::Judge| Anchor { text, group: Group::Secret, back: 0, judge };
    let shapes = SHAPES.iter().map(move |shape| anchor(shape.prefix, vendor));
    let own = [
        anchor("assay_", own_key),
        anchor("eyJ", web_token),
        anchor("-----BEGIN", pem),
        Anchor { text: ":AA", group: Group::Secret, back: 12, judge: telegram },
        Anchor { text: "Q~", group: Group::Secret, back: 4, judge: azure },
    ];
    shapes.chain(own).chain(named::anchors())
}

/// A token behind the prefix at `start`. Prefixes begin one another, so all are tried.
fn vendor(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    if bytes::is_word(view.before(start)) {
        return;
    }
    let prefix = view.slice(start, end);
    let shapes = SHAPES.iter().filter(|shape| shape.prefix.as_bytes() == prefix);
    for shape in shapes {
        if let Some((to, tail)) = fits(view, shape, end, window) {
            view.found_with(start, to, &TOKEN, tail);
            return;
        }
    }
}

/// The end of a token of this shape whose prefix ends at `end`.
fn fits(view: &View<'_>, shape: &Shape, end: usize, window: Window) -> Option<(usize, Tail)> {
    let rest = view.slice(end, window.right);
    let length = bytes::run(rest, shape.alphabet.holds());
    let body = rest.get(..length).unwrap_or(&[]);
    let cut = end + length >= window.right;
    if length < shape.least || length > shape.most && !cut || is_placeholder(body) {
        return None;
    }
    let varied = bytes::entropy(body) > if shape.least >= 16 { 2.5 } else { 2.0 };
    if !varied || shape.least >= 30 && !body.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let tail = if cut { Tail::Bytes(shape.alphabet.holds()) } else { Tail::None };
    Some((end + length, tail))
}

fn own_key(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    let rest = view.slice(end, window.right);
    let length = bytes::run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let body = rest.get(..length).unwrap_or(&[]);
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    if length >= 24 && digits >= 2 && !bytes::is_word(view.before(start)) {
        view.found(start, end + length, &ASSAY);
    }
}

fn web_token(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    if bytes::is_base64(view.before(start)) || view.slice(start, end) != b"eyJ" {
        return;
    }
    let header = bytes::run(view.slice(end, window.right), bytes::is_base64);
    let dot = end + header;
    let body = view.slice(dot + 1, window.right);
    let length = bytes::run(body, bytes::is_base64);
    if header < 10 || view.at(dot) != b'.' || !body.starts_with(b"eyJ") || length < 10 {
        return;
    }
    view.found_with(start, dot + 1 + length, &JWT, Tail::Bytes(in_web_token));
}

fn in_web_token(byte: u8) -> bool {
    bytes::is_base64(byte) || byte == b'.'
}

fn pem(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    let line = view.slice(end, window.right.min(end + 48));
    let line = line.get(..bytes::run(line, |byte| byte != b'\n')).unwrap_or(line);
    let is_private = line.windows(11).position(|part| part == b"PRIVATE KEY");
    if let Some(at) = is_private {
        view.found_with(start, end + at + 11, &PRIVATE_KEY, Tail::Pem);
    }
}

/// `123456789:AA…`, 35 characters behind the colon.
fn telegram(view: &mut View<'_>, start: usize, _: usize, window: Window) {
    let digits = bytes::run_back(view.slice(window.first, start), |byte| byte.is_ascii_digit());
    let length = bytes::run(view.slice(start + 1, window.right), bytes::is_base64);
    if (8..=10).contains(&digits) && length == 35 {
        view.found(start - digits, start + 1 + length, &TOKEN);
    }
}

/// A client secret of Entra ID: three characters, a digit, `Q~`, 31 to 34 more.
fn azure(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    let is = |byte: u8| byte.is_ascii_alphanumeric() || b"_~.-".contains(&byte);
    let before = bytes::run_back(view.slice(window.first, start), is);
    let length = bytes::run(view.slice(end, window.right), is);
    if before == 4 && view.before(start).is_ascii_digit() && (31..=34).contains(&length) {
        view.found(start - before, end + length, &TOKEN);
    }
}
