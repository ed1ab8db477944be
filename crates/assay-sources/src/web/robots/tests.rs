//! Groups, wildcards and precedence of `robots.txt`.

use super::*;

fn allows(robots: &str, path: &str) -> bool {
    let url = Url::parse("https://example.com").unwrap().join(path).unwrap();
    Robots::parse(robots.as_bytes()).allows(&url)
}

#[test]
fn the_longest_rule_decides() {
    let robots =
        "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\nAllow: /x\nDisallow: /x";
    assert!(!allows(robots, "/a"));
    assert!(!allows(robots, "/a/z"));
    assert!(allows(robots, "/a/b"));
    assert!(!allows(robots, "/a/b/c/d"));
    assert!(allows(robots, "/x"), "as long: allow wins");
    assert!(allows(robots, "/other"));
}

#[test]
fn stars_and_the_end_mark_match() {
    let robots = "User-agent: *\nDisallow: /*.gif$\nDisallow: /p*/q\nDisallow: /*?session=";
    assert!(!allows(robots, "/a/b.gif"));
    assert!(allows(robots, "/a/b.gif?x"));
    assert!(allows(robots, "/b.gifs"));
    assert!(!allows(robots, "/public/deep/q"));
    assert!(allows(robots, "/q"));
    assert!(!allows(robots, "/any?session=1"));
    assert!(!allows("User-agent: *\nDisallow: *", "/"));
    assert!(allows("User-agent: *\nDisallow: /$", "/a"));
}

#[test]
fn our_group_wins_over_the_one_for_all() {
    let robots = "User-agent: other\nUser-agent: Assay/2.0\nDisallow: /no\n\n\
                  User-agent: *\nDisallow: /\n\nuser-agent: ASSAY\ndisallow: /not-this";
    assert!(allows(robots, "/yes"));
    assert!(!allows(robots, "/no"));
    assert!(!allows(robots, "/not-this"), "groups of one name are joined");
    assert!(allows("User-agent: assaybot\nDisallow: /", "/"), "another name");
    assert!(allows("User-agent: assay\nDisallow:\n\nUser-agent: *\nDisallow: /", "/"));
}

#[test]
fn groups_end_where_rules_are_followed_by_a_name() {
    let robots = "User-agent: *\nDisallow: /a\nUser-agent: other\nDisallow: /b";
    assert!(!allows(robots, "/a"));
    assert!(allows(robots, "/b"));
    assert!(allows("Disallow: /", "/"), "a rule without a group");
}

#[test]
fn escapes_are_compared_in_one_form() {
    assert!(!allows("User-agent: *\nDisallow: /~joe", "/%7Ejoe"));
    assert!(!allows("User-agent: *\nDisallow: /%7ejoe", "/~joe"));
    assert!(!allows("User-agent: *\nDisallow: /é", "/%C3%A9"));
    assert!(allows("User-agent: *\nDisallow: /a%2Fb", "/a/b"));
}

#[test]
fn the_delay_is_bounded() {
    let delay = |text: &str| Robots::parse(format!("User-agent: *\n{text}").as_bytes()).delay;
    assert_eq!(delay("Crawl-delay: 1.5"), Some(Duration::from_millis(1_500)));
    assert_eq!(delay("Crawl-delay: 86400"), Some(DELAY_MAX));
    for nonsense in ["Crawl-delay: -1", "Crawl-delay: soon", "Crawl-delay: NaN"] {
        assert_eq!(delay(nonsense), None);
    }
    assert_eq!(delay("Crawl-delay: inf"), Some(DELAY_MAX));
}

#[test]
fn a_hostile_file_takes_bounded_time() {
    let stars = format!("User-agent: *\nDisallow: /{}b", "*a".repeat(2_000));
    assert!(allows(&stars, &format!("/{}", "a".repeat(8_000))));
    let many = format!("User-agent: *\n{}", "Disallow: /x\n".repeat(100_000));
    assert_eq!(Robots::parse(many.as_bytes()).rules.len(), RULES_MAX);
    Robots::parse(&[0xff, 0xfe, 0, b':', 0, b'\n', b'%', b':', b'%']);
}
