//! The local stack's Google is an OpenID provider as the real one is: it does what the standards and
//! Google's documentation say, and refuses what they refuse.

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode_header};
use local::OpenIdProvider;
use reqwest::Url;
use serde_json::{Value, json};
use tests::{Reply, TestApp, Visitor};

// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) const STATE: &str = "a state/with+signs&more";

/// A stack, and who asks its Google for things.
pub(crate) struct Google {
    pub(crate) app: TestApp,
    pub(crate) client: OpenIdProvider,
    pub(crate) visitor: Visitor,
}

pub(crate) type Parameters = Vec<(String, String)>;

impl Google {
    /// With the account ada@example.com.
    pub(crate) async fn start() -> Self {
        let app = TestApp::start().await;
        let (client, visitor) = (app.stack().google().clone(), app.visitor());
        let google = Self { app, client, visitor };
        google.put_account(ada()).await.expect(200);
        google
    }

    async fn put_account(&self, account: Value) -> Reply {
        self.visitor.post("/local/google/accounts", account).await
    }

    pub(crate) async fn next_token(&self, changes: Value) -> Reply {
        self.visitor.post("/local/google/next-token", changes).await
    }

    pub(crate) fn callback(&self) -> String {
        format!("{}/api/v1/auth/google/callback", self.app.url())
    }

    /// What a service sends along, with some parameters changed; one changed to nothing is left out.
    fn request(&self, changes: &[(&str, &str)]) -> Parameters {
        let usual = [
            ("client_id", self.client.client_id.as_str()),
            ("redirect_uri", &self.callback()),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", STATE),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("login_hint", "ada@example.com"),
        ];
        changed(&usual, changes)
    }

    pub(crate) async fn authorize(&self, changes: &[(&str, &str)]) -> Reply {
        let query = encoded(&self.request(changes));
        self.visitor.get(&format!("/local/google/authorize?{query}")).await
    }

    async fn choose(&self, choice: &[(&str, &str)]) -> Reply {
        let body = encoded(&self.request(&[&[("login_hint", "")], choice].concat()));
        self.form("/local/google/authorize/choice", &self.visitor, body).await
    }

    /// A code for Ada.
    pub(crate) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let told = self.sent_back(&self.authorize(changes).await);
        get(&told, "code").expect("a code")
    }

    /// What somebody was sent back to the service with.
    #[track_caller]
    pub(crate) fn sent_back(&self, reply: &Reply) -> Parameters {
        assert_eq!(reply.status, 302, "{}", reply.text);
        let target = Url::parse(reply.header("location").unwrap()).unwrap();
        assert_eq!(target.as_str().split('?').next().unwrap(), self.callback());
        target.query_pairs().into_owned().collect()
    }

    pub(crate) async fn token(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback()),
            ("code_verifier", VERIFIER),
            ("client_id", &self.client.client_id),
            ("client_secret", &self.client.client_secret),
        ];
        let body = encoded(&changed(&usual, changes));
        self.form("/local/google/token", &self.visitor, body).await
    }

    pub(crate) async fn form(&self, path: &str, at: &Visitor, body: String) -> Reply {
        at.post_raw(path, "application/x-www-form-urlencoded", body).await
    }

    /// The ID token of a flow without anything special.
    pub(crate) async fn id_token(&self) -> String {
        let reply = self.token(&self.code(&[]).await, &[]).await.expect(200);
        reply.json()["id_token"].as_str().unwrap().to_owned()
    }

    async fn published_key(&self) -> Jwk {
        let reply = self.visitor.get("/local/google/certs").await.expect(200);
        let mut keys: JwkSet = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(keys.keys.len(), 1);
        keys.keys.remove(0)
    }

    /// The claims of an ID token, if a careful service would believe them.
    pub(crate) async fn verified(&self, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
        let key = self.published_key().await;
        assert_eq!(decode_header(token)?.kid, key.common.key_id);
        let mut validation = Validation::new(Algorithm::RS256);
        // The stack's time is not the machine's; the tests look at the times themselves.
        validation.validate_exp = false;
        validation.set_issuer(&[&self.client.issuer]);
        validation.set_audience(&[&self.client.client_id]);
        let key = DecodingKey::from_jwk(&key)?;
        jsonwebtoken::decode(token, &key, &validation).map(|token| token.claims)
    }
}

pub(crate) fn ada() -> Value {
    json!({"sub": "10769150350006150715113082367", "email": "ada@example.com",
        "email_verified": true, "name": "Ada King Lovelace"})
}

pub(crate) fn changed(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Parameters {
    let mut all: Parameters = Vec::new();
    for (name, value) in usual.iter().filter(|(name, _)| get_str(changes, name).is_none()) {
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    for (name, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

fn get_str<'p>(parameters: &[(&str, &'p str)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}

pub(crate) fn get(parameters: &Parameters, name: &str) -> Option<String> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

pub(crate) fn encoded(parameters: &Parameters) -> String {
    let url = Url::parse_with_params("http://x/", parameters).unwrap();
    url.query().unwrap_or_default().to_owned()
}

pub(crate) fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}

#[tokio::test]
async fn the_discovery_document_names_what_is_served() {
    let google = Google::start().await;
    let path = "/local/google/.well-known/openid-configuration";
    let document = google.visitor.get(path).await.expect(200).json();
    let issuer = format!("{}/local/google", google.app.url());
    assert_eq!(document["issuer"], issuer);
    assert_eq!(google.client.issuer, issuer);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/certs"),
    ] {
        assert_eq!(document[name], format!("{issuer}{path}"));
        // It is there, whatever it says to a request without anything.
        assert_ne!(google.visitor.get(&format!("/local/google{path}")).await.status, 404, "{path}");
    }
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
    assert_eq!(document["code_challenge_methods_supported"], json!(["plain", "S256"]));
}

#[tokio::test]
async fn the_page_offers_the_accounts_and_cancelling() {
    let google = Google::start().await;
    let other = json!({"sub": "7", "email": "eve@example.com", "email_verified": false,
        "name": "<script>alert(1)</script>"});
    google.put_account(other).await.expect(200);
    for changes in [
        [("login_hint", "")].as_slice(),
        &[("login_hint", "stranger@example.com")],
        &[("login_hint", ""), ("prompt", "select_account consent")],
    ] {
        let page = google.authorize(changes).await.expect(200);
        assert!(page.text.contains("ada@example.com") && page.text.contains("Cancel"));
        assert!(!page.text.contains("<script"), "{}", page.text);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    // As a form, which OpenID Connect wants as well.
    let form = encoded(&google.request(&[("login_hint", "")]));
    google.form("/local/google/authorize", &google.visitor, form).await.expect(200);

    let told = google.sent_back(&google.choose(&[("account", "7")]).await);
    assert_eq!(get(&told, "state").as_deref(), Some(STATE));
    let reply = google.token(&get(&told, "code").unwrap(), &[]).await.expect(200).json();
    let told = google.verified(reply["id_token"].as_str().unwrap()).await.unwrap();
    assert_eq!((&told["sub"], &told["email_verified"]), (&json!("7"), &json!(false)));

    let told = google.sent_back(&google.choose(&[("cancel", "1")]).await);
    assert_eq!(get(&told, "error").as_deref(), Some("access_denied"));
    assert_eq!(get(&told, "state").as_deref(), Some(STATE));
    assert_eq!(get(&told, "code"), None);
    google.choose(&[("account", "none")]).await.expect(400);
}

#[tokio::test]
async fn an_account_is_added_on_the_page() {
    let google = Google::start().await;
    let bad = google.choose(&[("new_email", "nobody")]).await.expect(400);
    assert!(bad.text.contains("role=\"alert\""), "{}", bad.text);
    let new = [("new_email", "new@example.com"), ("new_name", "New"), ("new_verified", "1")];
    let told = google.sent_back(&google.choose(&new).await);
    let reply = google.token(&get(&told, "code").unwrap(), &[]).await.expect(200).json();
    let told = google.verified(reply["id_token"].as_str().unwrap()).await.unwrap();
    let list = google.visitor.get("/local/google/accounts").await.expect(200).json();
    let added = list["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        added,
        json!({"sub": told["sub"], "email": "new@example.com",
        "email_verified": true, "name": "New"})
    );
    // Again, it is the same account.
    google.sent_back(&google.choose(&new).await);
    assert_eq!(google.visitor.get("/local/google/accounts").await.json(), list);

    let elsewhere = google.visitor.clone().with_header("origin", "https://evil.example");
    let body = encoded(&google.request(&[("new_email", "x@example.com")]));
    google.form("/local/google/authorize/choice", &elsewhere, body.clone()).await.expect(403);
    let address = google.app.stack().address();
    let here = google.visitor.clone().with_header("origin", &format!("http://{address}"));
    google.form("/local/google/authorize/choice", &here, body).await.expect(302);
}

#[tokio::test]
async fn nobody_is_sent_back_to_where_the_client_is_not() {
    let google = Google::start().await;
    let callback = google.callback();
    let longer = format!("{callback}/");
    for (changes, status, error) in [
        ([("client_id", "somebody-else")], 401, "invalid_client"),
        ([("client_id", "")], 400, "invalid_request"),
        ([("redirect_uri", "")], 400, "invalid_request"),
        ([("redirect_uri", "https://evil.example/")], 400, "redirect_uri_mismatch"),
        ([("redirect_uri", longer.as_str())], 400, "redirect_uri_mismatch"),
    ] {
        let reply = google.authorize(&changes).await.expect(status);
        assert_eq!(reply.header("location"), None);
        assert!(reply.text.contains(error), "{}", reply.text);
        let body = encoded(&google.request(&[changes.as_slice(), &[("account", "7")]].concat()));
        let reply = google.form("/local/google/authorize/choice", &google.visitor, body).await;
        assert_eq!((reply.status, reply.header("location")), (status, None));
    }
    let twice = [("redirect_uri", callback.as_str()), ("redirect_uri", "https://evil.example/")];
    google.authorize(&twice).await.expect(400);
}

#[tokio::test]
async fn what_else_is_wrong_is_told_to_the_client() {
    let google = Google::start().await;
    for (changes, error) in [
        ([("response_type", "")].as_slice(), "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "email profile")], "invalid_scope"),
        (&[("scope", "openid drive")], "invalid_scope"),
        (&[("nonce", "n-1"), ("nonce", "n-2")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "S512")], "invalid_request"),
        (&[("request", "x.y.z")], "request_not_supported"),
        (&[("request_uri", "https://x.example/")], "request_uri_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "none"), ("login_hint", "")], "account_selection_required"),
        (&[("prompt", "none"), ("login_hint", "x@example.com")], "login_required"),
    ] {
        let told = google.sent_back(&google.authorize(changes).await);
        assert_eq!(get(&told, "error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(get(&told, "state").as_deref(), Some(STATE), "{changes:?}");
        assert_eq!(get(&told, "code"), None, "{changes:?}");
    }
    let told = google.sent_back(&google.authorize(&[("prompt", "none")]).await);
    assert!(get(&told, "code").is_some());
}

#[tokio::test]
async fn accounts_are_listed_and_replaced_by_their_sub() {
    let google = Google::start().await;
    let renamed = json!({"sub": ada()["sub"], "email": "countess@example.com",
        "email_verified": false, "name": null});
    google.put_account(renamed.clone()).await.expect(200);
    let list = google.visitor.get("/local/google/accounts").await.expect(200).json();
    let all = list["data"].as_array().unwrap();
    // The samples, for who comes by.
    assert_eq!(all.len(), 3, "{list}");
    assert!(all.contains(&renamed) && !all.contains(&ada()));
    for bad in [
        json!({}),
        json!([]),
        json!({"sub": "", "email": "a@example.com", "email_verified": true, "name": "A"}),
        json!({"sub": "1", "email": "nobody", "email_verified": true, "name": "A"}),
        json!({"sub": "1", "email": "a@example.com", "email_verified": "yes", "name": "A"}),
        json!({"sub": "1", "email": "a@example.com", "email_verified": true, "nme": "A"}),
    ] {
        let reply = google.put_account(bad.clone()).await.expect(400);
        assert!(reply.json()["detail"].is_string(), "{bad}");
    }
    let outside = google.visitor.clone().with_header("host", "evil.example");
    outside.get("/local/google/accounts").await.expect(403);
    outside.get("/local/google/certs").await.expect(403);
}
