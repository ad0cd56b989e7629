//! Sign-in with an independent OpenID provider,
//! [oidc-provider-mock](https://oidc-provider-mock.readthedocs.io), at `OIDC_PROVIDER_URL`.
//!
//! Each test creates its own accounts, so several runs can share a provider.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use local::{GoogleAccess, StackOptions};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use shared::random::{Random, SystemRandom};
use tests::{GoogleSignIn, Reply, TestApp, Visitor, session_cookie};

/// The provider, and a stack that uses it as Google.
struct OpenIdFixture {
    app: TestApp,
    issuer: String,
    client: Client,
}

impl OpenIdFixture {
    /// Starts a stack on the provider.
    async fn start() -> Self {
        let (_, url) = std::env::vars()
            .find(|(name, _)| name == "OIDC_PROVIDER_URL")
            .expect("OIDC_PROVIDER_URL names a running oidc-provider-mock; ./tests/run starts one");
        let issuer = url.trim_end_matches('/').to_owned();
        let (client_id, client_secret) = ("aius".to_owned(), "a-secret".to_owned());
        let google = GoogleAccess { issuer: issuer.clone(), client_id, client_secret };
        let app = TestApp::start_with_options(StackOptions {
            google: Some(google),
            ..StackOptions::default()
        })
        .await;
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { app, issuer, client }
    }

    /// Creates an account at the provider.
    async fn create_account(&self, email_verified: bool) -> ProviderAccount {
        let who = (&SystemRandom as &dyn Random).identifier();
        let email = format!("{who}@example.com");
        let claims = json!({"email": email, "email_verified": email_verified, "hd": "example.com",
            "name": "Ada"});
        let url = format!("{}/users/{who}", self.issuer);
        let put = self.client.put(url).json(&claims).send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.status());
        ProviderAccount { sub: who, email }
    }

    /// Signs in through the provider's page as a browser would.
    async fn sign_in(&self, account: &ProviderAccount, session: Option<&str>) -> Reply {
        let query = if session.is_some() { "link=1" } else { "" };
        let sign_in = GoogleSignIn::begin(&self.app.visitor(), session, query).await;
        assert!(sign_in.url.as_str().starts_with(&self.issuer));
        let page = self.client.get(sign_in.url.clone()).send().await.unwrap();
        assert!(page.status().is_success(), "{}", page.text().await.unwrap());
        let agreed = self
            .client
            .post(sign_in.url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("sub={}", account.sub))
            .send()
            .await
            .unwrap();
        assert_eq!(agreed.status(), 302);
        let back = Url::parse(agreed.headers()[LOCATION].to_str().unwrap()).unwrap();
        sign_in.follow_callback(&format!("{}?{}", back.path(), back.query().unwrap())).await
    }

    /// Reads the user of the session that a response starts.
    async fn read_user(&self, reply: Reply) -> (Visitor, Value) {
        let session = session_cookie(&reply.expect(302)).expect("a session");
        let visitor = self.app.visitor().with_session(&session);
        let user = visitor.get("/v1/me").await.expect(200).json()["user"].clone();
        (visitor, user)
    }
}

/// An account at the provider.
struct ProviderAccount {
    sub: String,
    email: String,
}

#[tokio::test]
async fn a_provider_account_signs_up_and_in_again() {
    let fixture = OpenIdFixture::start().await;
    let ada = fixture.create_account(true).await;
    let (_, user) = fixture.read_user(fixture.sign_in(&ada, None).await).await;
    assert_eq!((&user["email"], &user["name"]), (&json!(ada.email), &json!("Ada")));
    assert_eq!((&user["provider"], &user["provider_id"]), (&json!("google"), &json!(ada.sub)));
    let (_, again) = fixture.read_user(fixture.sign_in(&ada, None).await).await;
    assert_eq!(again, user);
    let (_, other) =
        fixture.read_user(fixture.sign_in(&fixture.create_account(true).await, None).await).await;
    assert_ne!(other["id"], user["id"]);
}

#[tokio::test]
async fn a_user_connects_a_provider_account() {
    let fixture = OpenIdFixture::start().await;
    let ada = fixture.app.sign_up("ada").await;
    let account = fixture.create_account(false).await;
    let refused = fixture.sign_in(&account, None).await;
    refused.expect_error(403, "EMAIL_NOT_VERIFIED");
    fixture.sign_in(&account, ada.session.as_deref()).await.expect(302);
    let list = ada.get("/v1/me/connections").await.expect(200).json();
    assert_eq!(list["data"][0]["email"], account.email);
    let (_, user) = fixture.read_user(fixture.sign_in(&account, None).await).await;
    assert_eq!(user["email"], ada.email);
}

#[tokio::test]
async fn an_unknown_code_is_refused() {
    let fixture = OpenIdFixture::start().await;
    let sign_in = GoogleSignIn::begin(&fixture.app.visitor(), None, "").await;
    let state = sign_in.parameter("state").unwrap();
    let path = format!("/v1/auth/google/callback?code=made-up&state={state}");
    let refused = sign_in.follow_callback(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(session_cookie(&refused), None);
}
