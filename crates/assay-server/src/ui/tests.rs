//! What is a file and what an address of the page; what a browser is told of them.

use super::*;

#[test]
fn addresses_of_the_page_are_no_files() {
    for address in ["documents", "admin/keys", "ask/0190a0b0-0000-7000-8000-000000000000"] {
        assert!(!is_file(address), "{address}");
    }
    for file in ["assets/main-abc.js", "assets/nothing", "favicon.svg", "../Cargo.toml"] {
        assert!(is_file(file), "{file}");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    for name in ["assets/gone.js", "../Cargo.toml", "favicon.png"] {
        assert_eq!(answer(name, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{name}");
    }
}

#[test]
fn the_page_is_asked_for_each_time_and_its_parts_once() {
    for (name, packed) in FILES {
        let mut headers = HeaderMap::new();
        let response = answer(name, &headers);
        let told = |header| response.headers()[&header].to_str().unwrap().to_owned();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        assert_eq!(told(CACHE_CONTROL).contains("immutable"), name.starts_with("assets/"));
        assert!(told(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
        headers.insert(IF_NONE_MATCH, tag(packed));
        assert_eq!(answer(name, &headers).status(), StatusCode::NOT_MODIFIED, "{name}");
    }
}

#[test]
fn a_program_without_the_page_says_so() {
    let expected = if FILES.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    assert_eq!(answer(INDEX, &HeaderMap::new()).status(), expected);
    assert!(MISSING.contains("make build"), "it says how the page is built");
}
