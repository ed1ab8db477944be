//! Which hosts pass, in all the ways they can be written.

use std::net::IpAddr;

use super::*;

fn guard(allowed: &[&str]) -> Arc<Guard> {
    let allowed: Vec<_> = allowed.iter().map(|&host| host.to_owned()).collect();
    Guard::new(&allowed).unwrap()
}

fn check(guard: &Guard, url: &str) -> Result<(), Blocked> {
    guard.check_url(&Url::parse(url).unwrap())
}

#[test]
fn every_spelling_of_an_inner_address_is_refused() {
    let guard = guard(&[]);
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://0/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://１２７.0.0.1/",
    ] {
        assert!(check(&guard, url).is_err(), "{url}");
    }
    assert_eq!(check(&guard, "http://8.8.8.8/"), Ok(()));
    assert_eq!(check(&guard, "https://example.com/"), Ok(()));
}

#[test]
fn schemes_ports_and_credentials_are_checked() {
    let guard = guard(&[]);
    for url in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com:22/",
        "http://example.com:6379/",
    ] {
        assert!(check(&guard, url).is_err(), "{url}");
    }
    assert_eq!(check(&guard, "http://example.com:443/"), Ok(()));
}

#[test]
fn only_what_is_named_exactly_is_allowed() {
    let guard = guard(&["wiki.example", "10.2.0.0/16", "127.0.0.1", "[::1]"]);
    let inner: IpAddr = "192.168.0.1".parse().unwrap();
    assert!(guard.admit("wiki.example", [inner]).is_ok());
    assert!(guard.admit("WIKI.example.", [inner]).is_ok());
    assert!(guard.admit("other.wiki.example", [inner]).is_err());
    assert!(guard.admit("any.example", ["10.2.3.4".parse().unwrap()]).is_ok());
    assert!(guard.admit("any.example", ["10.3.3.4".parse().unwrap()]).is_err());
    assert_eq!(check(&guard, "http://wiki.example:8080/"), Ok(()));
    assert_eq!(check(&guard, "http://127.0.0.1:8080/"), Ok(()));
    assert_eq!(check(&guard, "http://[::1]:8080/"), Ok(()));
    assert!(check(&guard, "http://127.0.0.2/").is_err());
}

#[test]
fn of_several_addresses_only_the_public_ones_are_left() {
    let addresses = ["127.0.0.1", "8.8.8.8", "::1"].map(|address| address.parse().unwrap());
    assert_eq!(guard(&[]).admit("mixed.example", addresses), Ok(vec![addresses[1]]));
}

#[test]
fn entries_that_say_nothing_are_refused() {
    for entry in ["", "*.example", "10.0.0.0/99", "http://host", "a b"] {
        assert_eq!(Guard::new(&[entry.to_owned()]).err(), Some(InvalidHost(entry.to_owned())));
    }
}

#[tokio::test]
async fn a_name_of_this_machine_does_not_resolve() {
    let error = guard(&[]).resolve("localhost", 80).await.unwrap_err();
    assert!(error.to_string().contains("inside the network"), "{error}");
    let allowed = guard(&["127.0.0.0/8", "::1"]).resolve("localhost", 80).await.unwrap();
    assert!(allowed.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
}
