//! Tests of sign-in while the provider rotates its keys, is slow, fails or has another issuer.

use std::sync::{Arc, Mutex};

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router};
use data_encoding::BASE64URL_NOPAD;
use local::{GoogleAccess, StackOptions};
use serde_json::{Value, json};
use tests::{GoogleSignIn, Reply, TestApp, session_cookie};

/// A faulty response of the provider.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ProviderFault {
    Status(u16, &'static str),
    Elsewhere,
    Endless,
    Never,
}

/// An OpenID provider whose responses the test controls.
struct Provider {
    issuer: String,
    /// The issuer in the metadata if it differs from the real one.
    claimed_issuer: Mutex<Option<String>>,
    key: Mutex<(String, KeyPair)>,
    nonce: Mutex<String>,
    now: Mutex<i64>,
    fault: Mutex<Option<(&'static str, ProviderFault)>>,
    requests: Mutex<Vec<String>>,
}

impl Provider {
    /// Starts a provider and a stack that uses it.
    async fn start() -> (TestApp, Arc<Self>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = Mutex::new(("first".to_owned(), KeyPair::generate(KeySize::Rsa2048).unwrap()));
        let provider = Arc::new(Self {
            issuer: issuer.clone(),
            claimed_issuer: Mutex::default(),
            key,
            nonce: Mutex::default(),
            now: Mutex::default(),
            fault: Mutex::default(),
            requests: Mutex::default(),
        });
        let router = Router::new().fallback(respond).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (client_id, client_secret) = ("us".to_owned(), "secret".to_owned());
        let google = GoogleAccess { issuer, client_id, client_secret };
        let options = StackOptions { google: Some(google), ..StackOptions::default() };
        (TestApp::start_with_options(options).await, provider)
    }

    /// Replaces the signing key.
    fn rotate_key(&self, kid: &str) {
        *self.key.lock().unwrap() = (kid.to_owned(), KeyPair::generate(KeySize::Rsa2048).unwrap());
    }

    /// Makes the provider answer a path with a fault.
    fn inject_fault(&self, path: &'static str, fault: ProviderFault) {
        *self.fault.lock().unwrap() = Some((path, fault));
    }

    /// Returns the number of requests to a path since the last call.
    fn take_request_count(&self, path: &str) -> usize {
        let requests = std::mem::take(&mut *self.requests.lock().unwrap());
        requests.iter().filter(|requested| *requested == path).count()
    }

    /// Signs in at the provider and follows the callback.
    async fn sign_in(&self, app: &TestApp) -> Reply {
        let sign_in = GoogleSignIn::begin(&app.visitor(), None, "").await;
        *self.nonce.lock().unwrap() = sign_in.parameter("nonce").unwrap();
        *self.now.lock().unwrap() = app.now().await;
        let state = sign_in.parameter("state").unwrap();
        sign_in.follow_callback(&format!("/v1/auth/google/callback?code=x&state={state}")).await
    }

    /// Signs an ID token for the current flow.
    fn sign_id_token(&self) -> String {
        let (kid, pair) = &*self.key.lock().unwrap();
        let now = *self.now.lock().unwrap();
        let claims = json!({"iss": self.issuer, "aud": "us", "sub": "1", "iat": now,
            "exp": now + 60, "nonce": *self.nonce.lock().unwrap(), "email": "ada@example.com",
            "email_verified": true, "hd": "example.com"});
        let header = json!({"alg": "RS256", "kid": kid});
        let encode = |part: &[u8]| BASE64URL_NOPAD.encode(part);
        let parts = [header, claims].map(|part| encode(part.to_string().as_bytes()));
        let message = parts.join(".");
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", encode(&signature))
    }

    /// Builds the correct response of a path.
    fn build_document(&self, path: &str) -> Option<Value> {
        match path {
            DISCOVERY => {
                let issuer = self.claimed_issuer.lock().unwrap().clone();
                Some(json!({
                    "issuer": issuer.unwrap_or_else(|| self.issuer.clone()),
                    "authorization_endpoint": format!("{}/authorize", self.issuer),
                    "token_endpoint": format!("{}{TOKEN}", self.issuer),
                    "jwks_uri": format!("{}{CERTS}", self.issuer),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }))
            }
            CERTS => {
                let (kid, pair) = &*self.key.lock().unwrap();
                let public = pair.public_key();
                let encode = |number: &[u8]| BASE64URL_NOPAD.encode(number);
                Some(json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                    "n": encode(public.modulus().big_endian_without_leading_zero()),
                    "e": encode(public.exponent().big_endian_without_leading_zero())}]}))
            }
            TOKEN => Some(json!({"access_token": "x", "token_type": "Bearer", "expires_in": 60,
                "id_token": self.sign_id_token()})),
            _ => None,
        }
    }
}

const DISCOVERY: &str = "/.well-known/openid-configuration";
const CERTS: &str = "/certs";
const TOKEN: &str = "/token";

/// Handles a request to the provider.
async fn respond(State(provider): State<Arc<Provider>>, uri: Uri) -> Response {
    let path = uri.path();
    provider.requests.lock().unwrap().push(path.to_owned());
    let document = provider.build_document(path.trim_start_matches("/elsewhere"));
    let fault = *provider.fault.lock().unwrap();
    match fault.filter(|(at, _)| *at == path).map(|(_, fault)| fault) {
        None => {
            document.map_or(StatusCode::NOT_FOUND.into_response(), |it| Json(it).into_response())
        }
        Some(ProviderFault::Status(status, body)) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("content-type", "application/json")], body).into_response()
        }
        Some(ProviderFault::Elsewhere) => {
            Redirect::temporary(&format!("/elsewhere{path}")).into_response()
        }
        Some(ProviderFault::Endless) => vec![b' '; 1 << 20].into_response(),
        Some(ProviderFault::Never) => std::future::pending().await,
    }
}

#[tokio::test]
async fn provider_metadata_is_cached_for_an_hour() {
    let (app, provider) = Provider::start().await;
    app.visitor().get("/v1/me").await.expect(401);
    assert_eq!(provider.take_request_count(DISCOVERY), 0, "a start asks nobody");
    for _ in 0..3 {
        app.visitor().get("/v1/auth/google").await.expect(302);
    }
    assert_eq!(provider.take_request_count(DISCOVERY), 1);
    app.advance_clock(3599).await;
    app.visitor().get("/v1/auth/google").await.expect(302);
    assert_eq!(provider.take_request_count(DISCOVERY), 0);
    app.advance_clock(1).await;
    app.visitor().get("/v1/auth/google").await.expect(302);
    assert_eq!(provider.take_request_count(DISCOVERY), 1);
}

#[tokio::test]
async fn unknown_keys_are_fetched_at_most_once_a_minute() {
    let (app, provider) = Provider::start().await;
    session_cookie(&provider.sign_in(&app).await.expect(302)).unwrap();
    app.advance_clock(60).await;
    provider.rotate_key("second");
    provider.take_request_count(CERTS);
    session_cookie(&provider.sign_in(&app).await.expect(302)).unwrap();
    assert_eq!(provider.take_request_count(CERTS), 1);
    // Another new key within the minute is accepted once the minute has passed.
    provider.rotate_key("third");
    for _ in 0..3 {
        provider.sign_in(&app).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    assert_eq!(provider.take_request_count(CERTS), 0);
    app.advance_clock(60).await;
    session_cookie(&provider.sign_in(&app).await.expect(302)).unwrap();
    // Another key with a known id is not a new key.
    app.advance_clock(60).await;
    provider.rotate_key("third");
    provider.take_request_count(CERTS);
    provider.sign_in(&app).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(provider.take_request_count(CERTS), 0);
}

#[tokio::test]
async fn wrong_issuer_in_provider_metadata_is_refused() {
    let (app, provider) = Provider::start().await;
    *provider.claimed_issuer.lock().unwrap() = Some("https://accounts.google.com".to_owned());
    let reply = app.visitor().get("/v1/auth/google").await;
    reply.expect_error(503, "UNAVAILABLE");
}

#[tokio::test]
async fn a_failing_provider_signs_nobody_in_until_it_recovers() {
    let (app, provider) = Provider::start().await;
    for path in [DISCOVERY, CERTS] {
        for fault in [
            ProviderFault::Status(500, "{}"),
            ProviderFault::Status(200, "?"),
            ProviderFault::Elsewhere,
            ProviderFault::Endless,
        ] {
            provider.inject_fault(path, fault);
            let reply = app.visitor().get("/v1/auth/google").await;
            reply.expect_error(503, "UNAVAILABLE");
        }
    }
    for (fault, status, code) in [
        (ProviderFault::Status(502, "<html>"), 503, "UNAVAILABLE"),
        (ProviderFault::Status(500, r#"{"error":"server_error"}"#), 503, "UNAVAILABLE"),
        (ProviderFault::Status(200, "{}"), 503, "UNAVAILABLE"),
        (ProviderFault::Elsewhere, 503, "UNAVAILABLE"),
        (ProviderFault::Endless, 503, "UNAVAILABLE"),
        (ProviderFault::Status(400, r#"{"error":"invalid_grant"}"#), 401, "INVALID_CREDENTIALS"),
        (ProviderFault::Status(401, r#"{"error":"invalid_client"}"#), 500, "INTERNAL"),
        (
            ProviderFault::Status(200, r#"{"access_token":"x","token_type":"Bearer"}"#),
            401,
            "INVALID_CREDENTIALS",
        ),
    ] {
        provider.inject_fault(TOKEN, fault);
        let reply = provider.sign_in(&app).await.expect_error(status, code);
        assert_eq!(session_cookie(&reply), None);
        assert_eq!(reply.header("set-cookie").is_none(), status == 503, "a reload may go well");
    }
    // The client secret was sent only to the provider.
    assert_eq!(provider.take_request_count("/elsewhere/token"), 0);
    assert!(app.items("USER#", "").await.is_empty());
    *provider.fault.lock().unwrap() = None;
    session_cookie(&provider.sign_in(&app).await.expect(302)).unwrap();
}

/// This test takes seconds, because its timeouts are real.
#[tokio::test]
async fn a_silent_provider_times_out() {
    let (app, provider) = Provider::start().await;
    provider.inject_fault(CERTS, ProviderFault::Never);
    let visitor = app.visitor();
    let reply = visitor.get("/v1/auth/google");
    let reply = tokio::time::timeout(std::time::Duration::from_secs(9), reply).await;
    reply.expect("within the function's ten seconds").expect_error(503, "UNAVAILABLE");
}
