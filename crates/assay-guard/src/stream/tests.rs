//! However a text is cut, what goes out is the same.

use proptest::prelude::*;

use crate::{Action, Guard, GuardSettings, GuardStream, Pseudonyms, Scope};

/// Pieces of texts: what is to be found, what nearly is, and what lies between.
const PARTS: &[&str] = &[
    "My name is Donald van der Voet and ",
    "please write to julian.galvez@rhyta.com today. ",
    "card 4111 1111 1111 1111 ",
    "4111111111111112 ",
    "call (978)645-9740x11144\n",
    "ghp_",
    "16C7e42F292c6912E7710c838347Ae178B4a",
    " IBAN DE89 3704 0044 0532 0130 00, ",
    "eyJhbGciOiJIUzI1NiJ9.",
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "MIIEowIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aumoyf\n",
    "-----END RSA PRIVATE KEY-----\n",
    "<script src=x>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](https://evil.example/?q=1)",
    " pass\u{200B}\u{200B}word ",
    "\u{202E}",
    "İstanbul ﬁne ﷺ ",
    "Please return to 2657 Koontz Lane Apt. 602, Delta, Austria 29614 in case of an issue. ",
    "postgres://app:s3cr3tpw@db.internal:5432/app ",
    "password = \"hunter2x\"\n",
    "the quick brown fox ",
    "日本語のテキスト",
    " ",
    "\n",
    "a",
    "@",
    "1",
    "-",
    "AKIA2E0A8F3B244C9986",
    "her SSN is 308-63-0237. ",
    "IGNORE ",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "https://example.org/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on/and/on",
];

/// A guard that replaces everything, some of it by stand-ins.
fn guard() -> Guard {
    let actions = "pii = \"redact\"\n\"pii.person\" = \"pseudonymise\"\n\"pii.email\" = \"pseudonymise\"\n\
        secret = \"redact\"\noutput = \"redact\"\nunicode = \"redact\"\n\"pii.phone\" = \"flag\"";
    let settings = format!("[actions]\n{actions}");
    Guard::new(toml::from_str::<GuardSettings>(&settings).unwrap()).unwrap()
}

/// The stream of `text` cut after each of `sizes` bytes in turn, and the most that was held back.
fn streamed(guard: &Guard, text: &str, sizes: &[usize]) -> (String, usize) {
    let mut stream = GuardStream::new(guard);
    let (mut out, mut at, mut held) = (String::new(), 0, 0);
    for size in sizes.iter().cycle() {
        if at >= text.len() {
            break;
        }
        let end = text.ceil_char_boundary((at + size).min(text.len()));
        out.push_str(&stream.push(&text[at..end]));
        held = held.max(stream.held_back());
        at = end;
    }
    out.push_str(&stream.finish());
    (out, held)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_stream_is_the_whole_text_however_it_is_cut(
        parts in prop::collection::vec(prop::sample::select(PARTS), 1..40),
        sizes in prop::collection::vec(1usize..120, 1..12),
    ) {
        let guard = guard();
        let text = parts.concat();
        let whole = guard.redact(&text, Scope::Outgoing, &mut Pseudonyms::new()).text;
        let (out, held) = streamed(&guard, &text, &sizes);
        prop_assert_eq!(&out, &whole);
        let longest = sizes.iter().max().unwrap_or(&1) + 4;
        prop_assert!(held <= 256 + longest, "{} bytes were held back", held);
    }
}

#[test]
fn one_byte_at_a_time_is_the_same_too() {
    let guard = guard();
    let text = PARTS.concat();
    let whole = guard.redact(&text, Scope::Outgoing, &mut Pseudonyms::new()).text;
    let (out, held) = streamed(&guard, &text, &[1]);
    assert_eq!(out, whole);
    assert!(held <= 256, "{held} bytes were held back");
    for leaked in
        ["4111 1111", "julian", "Voet", "MIIEow", "dozjgNry", "AKIA2E0A", "hunter2x", "s3cr3tpw"]
    {
        assert!(!out.contains(leaked), "{leaked} is in {out}");
    }
}

#[test]
fn stand_ins_are_put_back() {
    let guard = guard();
    let mut stream = GuardStream::new(&guard);
    let mut out = stream.push("write to julian.galvez@rhyta.com or julian.galvez@rhyta.com");
    out.push_str(&stream.finish());
    assert_eq!(out, "write to [EMAIL_1] or [EMAIL_1]");
    assert_eq!(
        stream.names().restore("[EMAIL_1] said [EMAIL_2]"),
        "julian.galvez@rhyta.com said [EMAIL_2]"
    );
}

#[test]
fn a_blocked_stream_gives_nothing_more() {
    let settings = toml::from_str::<GuardSettings>("[actions]\nsecret = \"block\"").unwrap();
    let guard = Guard::new(settings).unwrap();
    let mut stream = GuardStream::new(&guard);
    let mut out = stream.push("the key is AKIA2E0A8F3B244C9986 and more");
    out.push_str(&stream.finish());
    assert!(stream.is_blocked());
    assert_eq!(out, "");
    assert!(stream.take_findings().iter().any(|finding| finding.action == Action::Block));
}
