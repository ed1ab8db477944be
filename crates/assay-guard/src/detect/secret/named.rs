//! Secrets that have no shape of their own: what stands beside them names them.

use super::{
    super::{Anchor, Judge, bytes},
    Tail, View, Window,
};
use crate::{Group, Kind, Rule, Severity};

pub(super) static PASSWORD: Rule = Rule::built_in(
    "named_password",
    Kind::Password,
    Severity::High,
    "A value that is set or said to be a password. Not a variable, a call, a placeholder.",
    &["password = \"hunter2x\"", "DB_PASSWORD=Tr0ub4dor", "my password is Xk9#mm2"],
);
pub(super) static KEY: Rule = Rule::built_in(
    "named_key",
    Kind::Password,
    Severity::High,
    "A value with the looks of a key that is set as a key, token or secret.",
    &["api_key: \"9f8a7c6b5d4e3f2a1b0c9d8e\""],
);
pub(super) static BEARER: Rule = Rule::built_in(
    "bearer",
    Kind::Password,
    Severity::High,
    "A credential in an authorisation header.",
    &["Authorization: Bearer 9f8a7c6b5d4e3f2a1b0c9d8e"],
);

const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "passwort",
    "kennwort",
    "contrasena",
    "mot de passe",
    "senha",
    "wachtwoord",
    "密码",
    "пароль",
    "pass=",
    "pass:",
    "pass =",
];
const KEYS: &[&str] = &[
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "access_key",
    "accesskey",
    "access-key",
    "access key",
    "private_key",
    "auth_key",
    "authkey",
    "credential",
    "encryption_key",
    "signing_key",
    "sas_key",
    "account_key",
    "license_key",
];

pub(super) fn anchors() -> impl Iterator<Item = Anchor> {
    let family = |texts: &'static [&'static str], judge: Judge| {
        texts.iter().map(move |&text| Anchor { text, group: Group::Secret, back: 0, judge })
    };
    family(PASSWORDS, password)
        .chain(family(KEYS, key))
        .chain(family(&["bearer ", "basic "], bearer))
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Quoted,
    Bare,
    /// Behind "is" in a sentence.
    Said,
}

struct Value<'a> {
    start: usize,
    text: &'a [u8],
    written: Written,
}

fn password(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    // `compass=` is not `pass=`.
    let marked = view.before(end) == b'=' || view.before(end) == b':';
    if marked && bytes::is_word(view.before(start)) && view.before(start) != b'_' {
        return;
    }
    let from = if marked { end - 1 } else { end };
    let Some(value) = value(view, from, window) else { return };
    let (letters, digits, others) = classes(value.text);
    let fits = match value.written {
        Written::Quoted => value.text.len() >= 4 && (digits + others > 0 || value.text.len() >= 6),
        Written::Bare => {
            value.text.len() >= 5
                && letters > 0
                && (digits > 0 || others > 0 && value.text.len() >= 7)
        }
        Written::Said => value.text.len() >= 5 && digits > 0 && letters + others > 0,
    };
    if fits {
        note(view, &value, &PASSWORD);
    }
}

fn key(view: &mut View<'_>, _: usize, end: usize, window: Window) {
    let Some(value) = value(view, end, window) else { return };
    let (letters, digits, _) = classes(value.text);
    let long = value.text.len() >= if value.written == Written::Quoted { 10 } else { 16 };
    if long && digits >= 2 && letters > 0 && bytes::entropy(value.text) > 3.0 {
        note(view, &value, &KEY);
    }
}

fn bearer(view: &mut View<'_>, start: usize, end: usize, window: Window) {
    let rest = view.slice(end, window.right);
    let is = |byte: u8| bytes::is_base64(byte) || matches!(byte, b'.' | b'=' | b'~');
    let text = rest.get(..bytes::run(rest, is)).unwrap_or(&[]);
    let (letters, digits, _) = classes(text);
    let proper = text.len() >= 16 && digits >= 2 && letters > 0 && bytes::entropy(text) > 3.0;
    if proper && !bytes::is_word(view.before(start)) && !is_placeholder(text) {
        let tail =
            if end + text.len() >= window.right { Tail::Bytes(in_bearer) } else { Tail::None };
        view.found_with(end, end + text.len(), &BEARER, tail);
    }
}

fn in_bearer(byte: u8) -> bool {
    bytes::is_base64(byte) || matches!(byte, b'.' | b'=' | b'~')
}

fn note(view: &mut View<'_>, value: &Value<'_>, rule: &'static Rule) {
    if !is_placeholder(value.text) && !is_reference(value) {
        view.found(value.start, value.start + value.text.len(), rule);
    }
}

fn classes(text: &[u8]) -> (usize, usize, usize) {
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    (letters, digits, text.len() - letters - digits)
}

/// The value that is set behind a name ending at `end`.
fn value<'a>(view: &View<'a>, end: usize, window: Window) -> Option<Value<'a>> {
    let right = window.right;
    let mut at = end;
    // The rest of the name: `password_prod`, `secrets`, `api_key_2`.
    at += bytes::run(view.slice(at, right.min(at + 24)), |b| {
        bytes::is_word(b) || matches!(b, b'-' | b'.')
    });
    at += bytes::run(view.slice(at, right.min(at + 3)), |b| {
        matches!(b, b'"' | b'\'' | b']' | b'`' | b'\\')
    });
    at += bytes::run(view.slice(at, right.min(at + 12)), |b| matches!(b, b' ' | b'\t'));
    let rest = view.slice(at, right);
    let operators: [(&[u8], bool); 12] = [
        (b":=", false),
        (b"=>", false),
        (b"===", false),
        (b"==", false),
        (b"!=", true),
        (b"=", false),
        (b":", false),
        (b"is: ", false),
        (b"is ", true),
        (b"was ", true),
        (b", ", true),
        (b">", false),
    ];
    let (operator, weak) = operators.iter().find(|(text, _)| rest.starts_with(text))?;
    if *operator == b"!=" {
        return None;
    }
    at += operator.len();
    at += bytes::run(view.slice(at, right.min(at + 12)), |b| matches!(b, b' ' | b'\t'));
    // Prefixes of strings in code: b"", r"", @"".
    if matches!(view.at(at), b'b' | b'r' | b'u' | b'@' | b'f')
        && matches!(view.at(at + 1), b'"' | b'\'')
    {
        at += 1;
    }
    let quote = view.at(at);
    if quote == b'\\' && matches!(view.at(at + 1), b'"' | b'\'') {
        at += 1;
    }
    let quote = view.at(at);
    let rest = view.slice(at, right);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let text = rest.get(1..)?;
        let length = bytes::run(text, |byte| byte != quote && byte != b'\n' && byte != b'\\');
        let closed = matches!(text.get(length), Some(&byte) if byte == quote || byte == b'\\');
        let text = text.get(..length).unwrap_or(&[]);
        let spaced = text.contains(&b' ');
        return (closed && !spaced).then_some(Value {
            start: at + 1,
            text,
            written: Written::Quoted,
        });
    }
    if *operator == b", " {
        return None;
    }
    let said = *weak || *operator == b"is: ";
    let is = |byte: u8| byte > b' ' && !b"\"'`,;<>(){}[]|".contains(&byte);
    let mut text = rest.get(..bytes::run(rest, is)).unwrap_or(&[]);
    while let [shorter @ .., b'.' | b':' | b'?'] = text {
        text = shorter;
    }
    let next = view.at(at + text.len());
    let called = matches!(next, b'(' | b'[' | b'{');
    let written = if said { Written::Said } else { Written::Bare };
    (!called).then_some(Value { start: at, text, written })
}

/// Whether a bare value is code that fetches the secret from elsewhere.
fn is_reference(value: &Value<'_>) -> bool {
    let first = value.text.first().copied().unwrap_or(0);
    if b"$%{<@*&".contains(&first) && value.written != Written::Said {
        return value.written == Written::Bare || matches!(first, b'$' | b'{' | b'<' | b'%');
    }
    let identifier =
        value.text.iter().all(|&b| bytes::is_word(b) || matches!(b, b'.' | b'-' | b':' | b'>'));
    let path =
        value.text.contains(&b'/') && value.text.iter().filter(|b| b.is_ascii_digit()).count() < 3;
    match value.written {
        Written::Quoted => path && value.text.starts_with(b"/"),
        _ => {
            path || identifier
                && value.text.contains(&b'.')
                && !value.text.iter().any(u8::is_ascii_digit)
        }
    }
}

/// Whether a value only stands for one.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    const PARTS: [&[u8]; 26] = [
        b"example",
        b"placeholder",
        b"changeme",
        b"change_me",
        b"change-me",
        b"your_",
        b"your-",
        b"yourpass",
        b"xxxx",
        b"****",
        b"....",
        b"${",
        b"{{",
        b"dummy",
        b"redacted",
        b"insert",
        b"replace",
        b"process.env",
        b"getenv",
        b"environ",
        b"undefined",
        b"1234567890abcdef",
        b"<your",
        b"my_password",
        b"abcdefgh",
        b"00000000",
    ];
    const WHOLE: [&[u8]; 18] = [
        b"password",
        b"passwd",
        b"secret",
        b"token",
        b"null",
        b"none",
        b"nil",
        b"true",
        b"false",
        b"string",
        b"required",
        b"optional",
        b"hidden",
        b"text",
        b"user",
        b"username",
        b"email",
        b"pass",
    ];
    let lower = value.to_ascii_lowercase();
    let repeated = lower.windows(2).all(|pair| pair.first() == pair.last());
    repeated
        || WHOLE.contains(&lower.as_slice())
        || PARTS.iter().any(|part| lower.windows(part.len()).any(|window| window == *part))
}
