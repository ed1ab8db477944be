//! What can be set, and pages that a login may end at.

use super::*;

fn good() -> OidcSettings {
    OidcSettings {
        name: "corp".to_owned(),
        issuer: "https://id.example.org".to_owned(),
        client_id: "assay".to_owned(),
        ..OidcSettings::default()
    }
}

fn keys(change: impl FnOnce(&mut OidcSettings)) -> Vec<String> {
    let mut settings = good();
    change(&mut settings);
    let found = problems(&[settings], "https://assay.example.org");
    found.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn settings_that_cannot_be_are_told_by_their_keys() {
    assert_eq!(keys(|_| {}), [""; 0]);
    assert_eq!(keys(|it| it.name = "Corp".to_owned()), ["oidc[0].name"]);
    assert_eq!(keys(|it| it.issuer = "http://id.example.org".to_owned()), ["oidc[0].issuer"]);
    assert_eq!(keys(|it| it.issuer = "http://127.0.0.1:1".to_owned()), [""; 0]);
    let inside = |it: &mut OidcSettings| {
        it.issuer = "http://id.example.org".to_owned();
        it.allow_http = true;
    };
    assert_eq!(keys(inside), [""; 0]);
    assert_eq!(keys(|it| it.client_id.clear()), ["oidc[0].client_id"]);
    assert_eq!(keys(|it| it.scopes.clear()), ["oidc[0].scopes"]);
    assert_eq!(keys(|it| it.client_secret_env = "X".to_owned()), ["oidc[0].client_secret_env"]);
    assert_eq!(keys(|it| it.admit = Admit::Claims), ["oidc[0].grants"]);
    let grant = |role: &str| Grant {
        claim: "groups".to_owned(),
        value: "staff".to_owned(),
        tenant: "acme".to_owned(),
        role: role.to_owned(),
    };
    for role in ["owner", "service", "king"] {
        let by_claims = |it: &mut OidcSettings| {
            it.admit = Admit::Claims;
            it.grants = vec![grant(role)];
        };
        assert_eq!(keys(by_claims), ["oidc[0].grants"], "{role}");
    }
    assert_eq!(problems(&[good()], "")[0].0, "public_url");
    assert_eq!(problems(&[good(), good()], "https://a.test")[0].0, "oidc[0].name");
}

#[test]
fn a_login_ends_at_a_path_of_this_server() {
    for page in ["/", "/ask?q=1#a", "/a/../b"] {
        assert!(check_page(page).is_ok(), "{page}");
    }
    for page in
        ["", "a", "//x", "/\\x", "/a\nb", "/é", "https://x", &format!("/{}", "a".repeat(1_024))]
    {
        assert!(check_page(page).is_err(), "{page}");
    }
}

#[test]
fn cookies_are_read_or_refused() {
    assert_eq!(read_cookie("abc.17.Lw"), Some((17, "/".to_owned())));
    for cookie in ["", ".", "abc", "abc.17", "abc.x.Lw", "abc.17.?", "abc.17.Lw.x"] {
        assert_eq!(read_cookie(cookie), None, "{cookie}");
    }
}
