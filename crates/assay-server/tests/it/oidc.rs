//! Logins by a provider that signs real tokens, and tokens whose keys lie behind an address.

use std::sync::Arc;

use assay_core::{FakeClock, Secret};
use assay_identity::{Admit, AuthMode, ClientAuthentication, Grant, IssuerSettings, OidcSettings};
use assay_server::{RateSettings, ServerSettings};
use assay_testkit::oidc::{CLIENT, Fault, Provider, SECRET, Script};
use reqwest::{Method, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    auth::{send, tenant},
};

const NOW_MS: i64 = 1_760_000_000_000;
const BASE: &str = "/v1/login/oidc/corp";

/// A server with a provider of logins, and a browser that does what the test says.
struct Rig {
    app: TestApp,
    root: String,
    provider: Provider,
    clock: Arc<FakeClock>,
    browser: reqwest::Client,
}

/// A login between its halves: the cookie, and where the provider sends the browser.
struct Begun {
    cookie: String,
    back: String,
}

/// What is made of a token.
type Tamper = fn(String) -> String;

/// What an answer says: status, message, where to, cookies.
struct Said {
    status: u16,
    text: String,
    to: String,
    cookies: Vec<String>,
}

async fn rig(change: impl FnOnce(&mut OidcSettings)) -> Rig {
    let provider = Provider::start(NOW_MS / 1_000).unwrap();
    let mut settings = OidcSettings {
        name: "corp".to_owned(),
        issuer: provider.url.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(Secret::new(SECRET.to_owned())),
        user_claim: "email".to_owned(),
        ..OidcSettings::default()
    };
    change(&mut settings);
    let issuer = IssuerSettings {
        issuer: provider.url.clone(),
        audience: "api".to_owned(),
        jwks_uri: format!("{}/jwks", provider.url),
        ..IssuerSettings::default()
    };
    let clock = Arc::new(FakeClock::at_ms(NOW_MS));
    let rates = RateSettings { client_per_minute: 0, tenant_per_minute: 0, client_burst: 0 };
    let surface = ServerSettings { port: 0, rates, ..ServerSettings::default() };
    let with = |engine: &mut assay_answer::EngineSettings| {
        engine.auth.mode = AuthMode::Required;
        "http://assay.test/".clone_into(&mut engine.auth.public_url);
        engine.auth.oidc = vec![settings];
        engine.auth.issuers = vec![issuer];
        assert_eq!(engine.auth.problems(), []);
    };
    let app = TestApp::serving(with, Arc::<FakeClock>::clone(&clock), surface).await;
    let first = app.engine().identities().bootstrap("root@example.org", "first").unwrap();
    let root = first.key.expose().to_owned();
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    tenant(&app, &root, "acme", "member").await;
    provider.script(|it| it.claims = json!({ "email": "member@acme", "email_verified": true }));
    Rig { app, root, provider, clock, browser }
}

impl Rig {
    async fn visit(&self, url: &str, cookie: &str) -> Said {
        let response = self.browser.get(url).header("cookie", cookie).send().await.unwrap();
        let header = |name| -> Vec<String> {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        let (cookies, to) = (header("set-cookie"), header("location").concat());
        let status = response.status().as_u16();
        Said { status, to, cookies, text: response.text().await.unwrap() }
    }

    async fn ours(&self, path: &str, cookie: &str) -> Said {
        self.visit(&format!("{}{path}", self.app.url), cookie).await
    }

    async fn begin(&self) -> Begun {
        let begun = self.ours(&format!("{BASE}?return_to=/ask%3Fq=1"), "").await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        assert_eq!(begun.cookies.len(), 1);
        let kept = &begun.cookies[0];
        assert!(kept.contains("HttpOnly; SameSite=Lax") && kept.contains("Max-Age=600"), "{kept}");
        let cookie = kept.split(';').next().unwrap().to_owned();
        let there = self.visit(&begun.to, "").await;
        let back = there.to.strip_prefix("http://assay.test").unwrap().to_owned();
        assert!(back.starts_with(&format!("{BASE}/callback?")), "{back}");
        Begun { cookie, back }
    }

    async fn end(&self, begun: &Begun) -> Said {
        self.ours(&begun.back, &begun.cookie).await
    }

    async fn log_in(&self) -> Said {
        self.end(&self.begin().await).await
    }

    /// Logs in with the next token made otherwise; the script is as before afterwards.
    async fn log_in_by(&self, change: impl FnOnce(&mut Script)) -> Said {
        let mut before = None;
        self.provider.script(|it| {
            before = Some(it.clone());
            change(it);
        });
        let said = self.log_in().await;
        self.provider.script(|it| *it = before.unwrap());
        said
    }

    async fn claiming(&self, name: &str, value: Value) -> Said {
        self.log_in_by(|it| it.claims[name] = value).await
    }

    async fn actions(&self, key: &str) -> Vec<String> {
        let path = "/v1/audit?limit=1000";
        let (_, log) = send(&self.app, key, Method::GET, path, None, &[]).await;
        let entries = log["entries"].as_array().unwrap().iter();
        entries.map(|it| format!("{} {}", it["action"].as_str().unwrap(), it["detail"])).collect()
    }
}

impl Said {
    /// The cookies of the login, as a browser sends them.
    fn login(&self) -> String {
        let pairs = self.cookies.iter().map(|line| line.split(';').next().unwrap());
        pairs.collect::<Vec<_>>().join("; ")
    }

    #[track_caller]
    fn is(&self, status: u16, part: &str) {
        assert!(self.status == status && self.text.contains(part), "{} {}", self.status, self.text);
        assert!(self.cookies.is_empty(), "{:?}", self.cookies);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_a_provider_is_a_login() {
    let rig = rig(|_| {}).await;
    let (_, ways) = rig.app.get("/v1/login").await;
    let shown = json!([{ "name": "corp", "title": "corp", "url": BASE }]);
    assert_eq!(ways, json!({ "password": true, "providers": shown }));
    for signs in ["RS256", "ES256", "EdDSA"] {
        let said = rig.log_in_by(|it| it.signs = signs).await;
        assert_eq!((said.status, said.to.as_str()), (303, "/ask?q=1"), "{signs}: {}", said.text);
        let me = rig.ours("/v1/me", &said.login()).await;
        assert!(me.status == 200 && me.text.contains("\"acme\""), "{}", me.text);
        // The page gets its proof as after any reload, and changes something with it.
        let url = format!("{}/v1/login/refresh", rig.app.url);
        let next = rig.browser.post(url).header("cookie", said.login()).send().await.unwrap();
        assert_eq!(next.status(), StatusCode::OK);
        let cookies: Vec<String> = next
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|it| it.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        let proof: Value = next.json().await.unwrap();
        let make = rig.browser.post(format!("{}/v1/sessions", rig.app.url)).json(&json!({}));
        let make = make.header("cookie", cookies.join("; "));
        let refused = make.try_clone().unwrap().send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let made = make.header("x-csrf-token", proof["csrf_token"].as_str().unwrap());
        assert_eq!(made.send().await.unwrap().status(), StatusCode::CREATED);
    }
    // From now on issuer and subject say who it is, not the mail.
    assert_eq!(rig.claiming("email", json!("other@acme")).await.status, 303);
    assert_eq!(rig.claiming("email_verified", json!(false)).await.status, 303);
    rig.claiming("sub", json!("u-2")).await.is(403, "has another account at this provider");
    let log = rig.actions(&rig.root).await.join("\n");
    assert_eq!(log.matches("user.account").count(), 1, "{log}");
    assert_eq!(log.matches("login.begin").count(), 5, "{log}");
    assert!(log.contains("login.failed") && !log.contains("member@acme"), "{log}");
    let end = rig.ours(&format!("{BASE}/logout"), "").await;
    assert!(end.to.starts_with(&format!("{}/logout?client_id={CLIENT}", rig.provider.url)));
    // A user who is shut out has no other way in.
    let out = Some(json!({ "disabled": true }));
    send(&rig.app, &rig.root, Method::PATCH, "/v1/users/member@acme", out, &[]).await;
    rig.log_in().await.is(403, "shut out");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_show_their_secret_as_they_are_set() {
    let posting = rig(|it| it.client_authentication = ClientAuthentication::Post).await;
    assert_eq!(posting.log_in().await.status, 303);
    let wrong = rig(|it| it.client_secret = Some(Secret::new("wrong".to_owned()))).await;
    wrong.log_in().await.is(401, "does not accept the code");
    let public = rig(|it| it.client_secret = None).await;
    public.log_in().await.is(401, "does not accept the code");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_id_token_is_refused() {
    let rig = rig(|_| {}).await;
    let now = NOW_MS / 1_000;
    let long = "x".repeat(9_000);
    for (name, value, said) in [
        ("exp", json!(now - 61), "has expired"),
        ("exp", json!(null), "has no end"),
        ("iat", json!(now + 600), "not valid yet"),
        ("iat", json!(null), "when it was made"),
        ("nbf", json!(now + 600), "not valid yet"),
        ("iss", json!("https://other.test"), "issuer is not known"),
        ("iss", json!(format!("{}/", rig.provider.url)), "issuer is not known"),
        ("aud", json!("other"), "for somebody else"),
        ("aud", json!([CLIENT, "other"]), "does not say for whom"),
        ("azp", json!("other"), "for somebody else"),
        ("nonce", json!("guessed"), "belongs to another login"),
        ("nonce", json!(null), "belongs to another login"),
        ("sub", json!(null), "names no user"),
        ("sub", json!("s".repeat(300)), "names no user"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "another access token"),
        ("long", json!(long), "too long"),
    ] {
        let answer = rig.claiming(name, value).await;
        answer.is(401, said);
    }
    for (header, said) in [
        (json!({ "alg": "none" }), "algorithm is not allowed"),
        (json!({ "alg": "HS256" }), "algorithm is not allowed"),
        (json!({ "alg": "ES256" }), "key is not known"),
        (json!({ "kid": "nobody" }), "key is not known"),
        (json!({ "typ": "at+jwt" }), "another type"),
        (json!({ "crit": ["b64"] }), "needs what is not supported"),
    ] {
        rig.log_in_by(|it| it.header = header).await.is(401, said);
    }
    let tampers: [(Tamper, &str); 4] = [
        (|it| it.rsplit_once('.').unwrap().0.to_owned() + ".", "signature is wrong"),
        (|it| it[..it.rfind('.').unwrap() - 9].to_owned(), "malformed"),
        (|it| it.replace('.', ""), "malformed"),
        (|it| it[..it.len() - 8].to_owned() + "AAAAAAAA", "signature is wrong"),
    ];
    for (tamper, said) in tampers {
        rig.log_in_by(|it| it.tamper = tamper).await.is(401, said);
    }
    // An unverified mail names nobody; what is right goes through after all that.
    rig.claiming("email_verified", json!(null)).await.is(403, "has not verified");
    let shared = rig.log_in_by(|it| {
        it.claims["aud"] = json!([CLIENT, "other"]);
        it.claims["azp"] = json!(CLIENT);
        it.claims["at_hash"] = json!("oFYf1knNtrqnhAVfBRuteQ");
    });
    assert_eq!(shared.await.status, 303);
    assert_eq!(rig.log_in().await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_once_in_its_browser_and_in_time() {
    let rig = rig(|_| {}).await;
    let begun = rig.begin().await;
    rig.ours(&begun.back, "").await.is(401, "not begun in this browser");
    let other = rig.begin().await;
    rig.ours(&begun.back, &other.cookie).await.is(401, "not begun in this browser");
    for cookie in ["assay_oidc=", "assay_oidc=a.b.c", "assay_oidc=.9999999999999.Lw"] {
        rig.ours(&begun.back, cookie).await.is(401, "not begun in this browser");
    }
    assert_eq!(rig.end(&begun).await.status, 303);
    rig.end(&begun).await.is(401, "has ended already");
    // A code that was used, in a login of its own.
    let code =
        |back: &str| back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let fresh = rig.begin().await;
    let replayed = fresh.back.replace(&code(&fresh.back), &code(&begun.back));
    rig.ours(&replayed, &fresh.cookie).await.is(401, "does not accept the code");
    // A code of another login that nobody used: its verifier is another one.
    let (mine, stolen) = (rig.begin().await, rig.begin().await);
    let mixed = mine.back.replace(&code(&mine.back), &code(&stolen.back));
    rig.ours(&mixed, &mine.cookie).await.is(401, "does not accept the code");
    let late = rig.begin().await;
    rig.clock.advance_ms(10 * 60_000);
    rig.provider.script(|it| it.now_s += 600);
    rig.end(&late).await.is(401, "took too long");
    let state =
        |back: &str| back.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for (query, said) in [
        ("error=access_denied&error_description=<script>", "did not let the user in"),
        ("iss=https://other.test&code=x", "another provider"),
        ("code=", "holds no code"),
    ] {
        let begun = rig.begin().await;
        let back = format!("{BASE}/callback?state={}&{query}", state(&begun.back));
        let answer = rig.ours(&back, &begun.cookie).await;
        answer.is(401, said);
        assert!(!answer.text.contains("script"), "{}", answer.text);
    }
    for page in
        ["//evil.test", "https://evil.test", "/\\evil.test", "", "/a b", "/%0d%0aset-cookie:x"]
    {
        let url = reqwest::Url::parse_with_params(
            &format!("{}{BASE}", rig.app.url),
            [("return_to", page.replace("%0d%0a", "\r\n"))],
        );
        rig.visit(url.unwrap().as_str(), "").await.is(400, "return_to");
    }
    rig.ours("/v1/login/oidc/nobody", "").await.is(404, "provider of logins");
    rig.ours("/v1/login/oidc/nobody/callback", &begun.cookie).await.is(404, "provider of logins");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_misbehaves_ends_the_login_and_nothing_else() {
    let rig = rig(|_| {}).await;
    let later = || rig.clock.advance_ms(301_000);
    let evil = Fault::Redirect(format!("{}/token", rig.provider.url));
    let described = "/.well-known/openid-configuration";
    let foreign = json!({ "issuer": "https://other.test", "authorization_endpoint": "https://x.test",
        "token_endpoint": "https://x.test", "jwks_uri": "https://x.test" });
    let plain = json!({ "issuer": rig.provider.url, "authorization_endpoint": "http://x.test/a",
        "token_endpoint": "https://x.test", "jwks_uri": "https://x.test" });
    for fault in [
        Fault::Status(500),
        evil.clone(),
        Fault::Huge(20 << 20),
        Fault::Says("{".to_owned()),
        Fault::Says(foreign.to_string()),
        Fault::Says(plain.to_string()),
    ] {
        rig.provider.fault(described, Some(fault));
        rig.ours(BASE, "").await.is(503, "cannot be fetched");
        later();
    }
    rig.provider.fault(described, None);
    rig.provider.script(|it| it.now_s += 6 * 301);
    for fault in [evil.clone(), Fault::Status(503), Fault::Huge(20 << 20), Fault::Silent] {
        rig.provider.fault("/jwks", Some(fault));
        rig.log_in().await.is(503, "the provider's keys cannot be fetched");
        later();
        rig.provider.script(|it| it.now_s += 301);
    }
    rig.provider.fault("/jwks", None);
    assert_eq!(rig.log_in().await.status, 303);
    for (fault, status) in [
        (evil, 401),
        (Fault::Status(500), 503),
        (Fault::Huge(20 << 20), 503),
        (Fault::Says("{}".to_owned()), 502),
        (Fault::Says("[1".to_owned()), 502),
    ] {
        rig.provider.fault("/token", Some(fault));
        rig.log_in().await.is(status, "error");
    }
    rig.provider.fault("/token", None);
    assert_eq!(rig.log_in().await.status, 303);
    assert_eq!(rig.app.get("/health/live").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_members_come_in_until_the_settings_say_otherwise() {
    let rig = rig(|it| it.email_domains = vec!["acme".to_owned(), "example.org".to_owned()]).await;
    rig.claiming("email", json!("eve@example.org")).await.is(403, "there is no user for it");
    rig.claiming("email", json!("member@evil.test")).await.is(403, "of another domain");
    rig.claiming("email", json!(7)).await.is(403, "of another domain");
    // A user who is a member of nothing is let into nothing.
    let eve = Some(json!({ "name": "eve@example.org" }));
    send(&rig.app, &rig.root, Method::POST, "/v1/users", eve, &[]).await;
    rig.claiming("email", json!("eve@example.org")).await.is(403, "member of no tenant");
    assert_eq!(rig.claiming("email", json!("Member@ACME")).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_accepted_by_the_login() {
    let rig = rig(|it| it.admit = Admit::Invited).await;
    let owner = tenant(&rig.app, &rig.root, "acme", "owner").await;
    let eve = |it: &mut Script| {
        it.claims["email"] = json!("eve@example.org");
        it.claims["sub"] = json!("eve");
    };
    rig.log_in_by(eve).await.is(403, "there is no user for it");
    let new = Some(json!({ "name": "eve@example.org", "role": "guest" }));
    let path = "/v1/invitations";
    assert_eq!(send(&rig.app, &owner, Method::POST, path, new, &[]).await.0, 201);
    let said = rig.log_in_by(eve).await;
    assert_eq!(said.status, 303, "{}", said.text);
    let me = rig.ours("/v1/me", &said.login()).await;
    assert!(me.text.contains("\"guest\""), "{}", me.text);
    let log = rig.actions(&owner).await.join("\n");
    assert!(log.contains("invitation.accept"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_make_members_and_unmake_them() {
    let grant = |value: &str, role: &str| Grant {
        claim: "realm.groups".to_owned(),
        value: value.to_owned(),
        tenant: "acme".to_owned(),
        role: role.to_owned(),
    };
    let rig = rig(|it| {
        it.admit = Admit::Claims;
        it.grants = vec![grant("boss", "admin"), grant("staff", "member")];
    })
    .await;
    let eve = |groups: Value| {
        move |it: &mut Script| {
            it.claims = json!({ "email": "eve@example.org", "email_verified": true, "sub": "eve",
                "realm": { "groups": groups } });
        }
    };
    rig.log_in_by(eve(json!(["others"]))).await.is(403, "there is no user for it");
    let role = async |said: &Said| {
        let me = rig.ours("/v1/me", &said.login()).await;
        serde_json::from_str::<Value>(&me.text).unwrap()["role"].clone()
    };
    let boss = rig.log_in_by(eve(json!(["staff", "boss"]))).await;
    assert_eq!(role(&boss).await, "admin");
    let staff = rig.log_in_by(eve(json!("staff"))).await;
    assert_eq!(role(&staff).await, "member");
    // The other login is that of the same user: what was taken away is gone there too.
    assert_eq!(role(&boss).await, "member");
    rig.log_in_by(eve(json!([]))).await.is(403, "member of no tenant");
    assert_eq!(rig.ours("/v1/me", &staff.login()).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_behind_an_address_are_fetched_seldom() {
    let rig = rig(|_| {}).await;
    let now = NOW_MS / 1_000;
    let claims = json!({ "iss": rig.provider.url, "aud": "api", "sub": "member@acme",
        "exp": now + 400_000, "email": null, "email_verified": null });
    rig.provider.script(|it| it.claims = json!({}));
    let ask = async |token: &str| send(&rig.app, token, Method::GET, "/v1/me", None, &[]).await.0;
    let good = rig.provider.token(&claims);
    assert_eq!((rig.provider.count("/jwks"), ask(&good).await), (0, 200));
    // What a header says of keys elsewhere is not looked at.
    let evil = json!({ "kid": "nobody", "jku": format!("{}/evil", rig.provider.url),
        "x5u": format!("{}/evil", rig.provider.url) });
    rig.provider.script(|it| it.header = evil);
    let storm = rig.provider.token(&claims);
    rig.clock.advance_ms(61_000);
    for _ in 0..300 {
        assert_eq!(ask(&storm).await, 401);
    }
    assert_eq!((rig.provider.count("/jwks"), rig.provider.count("/evil")), (2, 0));
    rig.provider.script(|it| it.header = json!({}));
    // New keys are taken up after a minute, by the first token that needs them.
    rig.provider.rotate().unwrap();
    let next = rig.provider.token(&claims);
    assert_eq!(ask(&next).await, 401);
    rig.clock.advance_ms(60_000);
    assert_eq!((ask(&next).await, ask(&good).await), (200, 401));
    // While the issuer is away the keys serve on for a day, and it is asked ever more seldom.
    rig.provider.fault("/jwks", Some(Fault::Huge(20 << 20)));
    let before = rig.provider.count("/jwks");
    for _ in 0..23 {
        rig.clock.advance_ms(3_600_000);
        assert_eq!((ask(&next).await, ask(&storm).await), (200, 401));
    }
    assert_eq!(rig.provider.count("/jwks") - before, 23);
    rig.clock.advance_ms(3_600_000);
    assert_eq!(ask(&next).await, 503);
    rig.provider.fault("/jwks", None);
    rig.clock.advance_ms(300_000);
    assert_eq!(ask(&next).await, 200);
}
