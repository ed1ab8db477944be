//! The guard as its callers see it.

use crate::{Guard, GuardSettings, Scope, built_in_rules};

fn guard() -> Guard {
    Guard::new(GuardSettings::default()).unwrap()
}

#[test]
fn every_rule_finds_its_examples() {
    let guard = guard();
    for rule in built_in_rules() {
        for example in rule.examples {
            let found = guard.scan(example, Scope::Everything);
            let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
            assert!(rules.contains(&rule.id.as_ref()), "{} not in {example:?}: {rules:?}", rule.id);
        }
    }
}

#[test]
fn a_bad_setting_is_told_with_its_line() {
    for (text, line, what) in [
        ("mode = \"enforce\"\n[actions]\n\"pii.mail\" = \"flag\"", 3, "pii.mail"),
        ("\n[[rules]]\nid = \"a\"\npattern = \"(x\"", 4, "unclosed"),
        ("[[rules]]\nid = \"a\"\npattern = '((a{100}){100}){100}'", 3, "exceeds"),
        ("[[rules]]\nid = \"a\"\npattern = 'a*'", 3, "empty text"),
        ("[[rules]]\nid = \"a\"\nkind = \"pii.x\"\npattern = 'a'", 3, "pii.x"),
    ] {
        let error = toml::from_str::<GuardSettings>(text).unwrap_err();
        let start = error.span().unwrap().start;
        assert_eq!(text[..start].matches('\n').count() + 1, line, "{error}");
        assert!(error.to_string().contains(what), "`{what}` is not in {error}");
    }
}

fn with(settings: &str) -> Guard {
    Guard::new(toml::from_str(settings).unwrap()).unwrap()
}

fn kinds(guard: &Guard, text: &str) -> Vec<&'static str> {
    guard.scan(text, Scope::Everything).iter().map(|finding| finding.kind.as_str()).collect()
}

#[test]
fn exceptions_hosts_canaries_and_rules_of_the_configuration() {
    let guard = with(
        "names = false\nallow = [\"support@example.com\", \"@example.org\"]\nallowed_hosts = [\"*.example.com\"]\n\
         canaries = [\"zebra-7731\"]\n[actions]\n\"pii.url\" = \"allow\"\n\
         [[rules]]\nid = \"ticket\"\npattern = 'TCK-\\d{4}\\b'",
    );
    assert!(kinds(&guard, "write to support@example.com or a.b@example.org").is_empty());
    assert_eq!(kinds(&guard, "write to sales@example.com"), ["pii.email"]);
    assert!(kinds(&guard, "![x](https://img.example.com/a)").is_empty());
    assert_eq!(kinds(&guard, "![x](https://example.com.evil.example/a)"), ["output.image"]);
    assert_eq!(kinds(&guard, "it says ZEBRA-7731 here"), ["secret.canary"]);
    assert_eq!(kinds(&guard, "see TCK-1234, not TCK-12345"), ["custom"]);
}

#[test]
fn a_flag_never_shields_a_secret() {
    let guard = guard();
    let text = "see https://example.org/?key=ghp_16C7e42F292c6912E7710c838347Ae178B4a now";
    let redacted = guard.redact(text, Scope::Everything, &mut crate::Pseudonyms::new());
    assert!(!redacted.text.contains("16C7e42F"), "{}", redacted.text);
    let text = "<script -----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1c7\n-----END RSA PRIVATE KEY-----";
    let redacted = guard.redact(text, Scope::Everything, &mut crate::Pseudonyms::new());
    assert!(!redacted.text.contains("MIIEow"), "{}", redacted.text);
}

#[test]
fn hostile_texts_are_scanned() {
    let guard = guard();
    for unit in [
        "[",
        "\u{0}",
        "\u{FDFA}",
        "a\u{200B}",
        "4111 ",
        "-----BEGIN ",
        "<script ",
        "\u{1F3F4}\u{E0067}",
        "@.",
        "://",
    ] {
        let _ = guard.scan(&unit.repeat(100_000 / unit.len()), Scope::Everything);
    }
    let every: String = (0..0x30000).filter_map(char::from_u32).collect();
    let _ = guard.scan(&every, Scope::Everything);
}
