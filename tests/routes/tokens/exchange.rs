//! Tests of `POST /v1/token/exchange`: what is issued, and to whom.

use serde_json::{Value, json};
use shared::organizations::Role;
use shared::tokens::{AllowedIps, Scope, Scopes};
use tests::access_tokens::{
    AUDIENCE, access_token, exchange, key_set, read_part, verify_as_service,
};
use tests::activity::list_log_entries;
use tests::tokens::{bearer_visitor, create_token, revoke_token};
use tests::{Authenticator, TestApp, Visitor, keys};

/// The scopes of a token without a list, as OAuth writes them.
const EVERY_SCOPE: &str = "clients:read clients:write projects:read projects:write artifacts:read \
    artifacts:write runs:write usage:write billing:read activity:read";

async fn claims_for(app: &TestApp, bearer: &Visitor, body: Value) -> Value {
    let reply = exchange(bearer, body).await.expect(200).json();
    let token = reply["access_token"].as_str().unwrap();
    verify_as_service(app, &key_set(app).await, token).expect("a valid access token")
}

#[tokio::test]
async fn a_personal_token_is_exchanged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let script = app.visitor().with_bearer(&ada.token("cli").await);
    let reply = exchange(&script, json!({"audience": AUDIENCE})).await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let body = reply.json();
    assert_eq!(
        keys(&body),
        ["access_token", "expires_in", "issued_token_type", "scope", "token_type"]
    );
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(300)));
    let issued = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!((&body["issued_token_type"], &body["scope"]), (&json!(issued), &json!(EVERY_SCOPE)));

    let token = body["access_token"].as_str().unwrap();
    let header = read_part(token, 0);
    assert_eq!(keys(&header), ["alg", "kid", "typ"]);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    let mut claims = verify_as_service(&app, &key_set(&app).await, token).unwrap();
    let jti = claims["jti"].take();
    assert_eq!(jti.as_str().unwrap().len(), 26);
    let (now, id) = (app.now().await, ada.id().await.to_string());
    let expected = json!({
        "iss": app.stack().context().config.base_url, "sub": id, "aud": AUDIENCE, "client_id": id,
        "kind": "personal", "token_id": 1, "scope": EVERY_SCOPE, "iat": now, "exp": now + 300, "jti": null,
    });
    assert_eq!(claims, expected);
    let again = claims_for(&app, &script, json!({"audience": AUDIENCE})).await;
    assert_ne!(again["jti"], jti);
}

#[tokio::test]
async fn an_api_key_is_exchanged_for_its_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (number, key) = ada.key(&acme, "nightly").await;
    let robot = app.visitor().with_bearer(&key);
    for body in [json!({"audience": AUDIENCE}), json!({"audience": AUDIENCE, "client_id": acme})] {
        let claims = claims_for(&app, &robot, body).await;
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(acme), &json!(acme)));
        assert_eq!((&claims["kind"], &claims["role"]), (&json!("organization"), &json!("member")));
        assert_eq!(claims["token_id"], number);
    }
    let other = ada.create_client("Other").await;
    let body = json!({"audience": AUDIENCE, "client_id": other});
    exchange(&robot, body).await.expect_error(403, "NO_ACCESS");
}

#[tokio::test]
async fn an_access_token_for_one_organization_has_the_role() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.set_plan(&acme, "enterprise").await;
    app.add_member(&acme, &bob, Role::Viewer).await;
    let everywhere = app.visitor().with_bearer(&bob.token("cli").await);
    let here = json!({"token_name": "here", "client_id": acme});
    let here = bearer_visitor(&app, &create_token(&bob, here).await.expect(200).json());
    let named = json!({"audience": AUDIENCE, "client_id": acme});
    for (bearer, body) in [
        (&everywhere, named.clone()),
        (&here, named.clone()),
        (&here, json!({"audience": AUDIENCE})),
    ] {
        let claims = claims_for(&app, bearer, body).await;
        assert_eq!(claims["sub"], bob.id().await.to_string());
        assert_eq!((&claims["client_id"], &claims["role"]), (&json!(acme), &json!("viewer")));
    }
    let own = json!({"audience": AUDIENCE, "client_id": bob.default_client().await});
    exchange(&everywhere, own.clone()).await.expect(200);
    exchange(&here, own).await.expect_error(403, "NO_ACCESS");
    let unknown = json!({"audience": AUDIENCE, "client_id": "client_aaaaaaaaaaaaaaaaaaaaaaaaaa"});
    exchange(&everywhere, unknown).await.expect_error(404, "NOT_FOUND");

    // Neither without a second factor where one is required, nor after the end of the membership.
    Authenticator::set_up(&app, &ada.visitor).await;
    let path = format!("/v1/clients/{acme}");
    let policy = |required| json!({"require_two_factor": required, "confirm": true});
    ada.patch(&path, policy(true)).await;
    exchange(&here, json!({"audience": AUDIENCE})).await.expect_error(403, "TWO_FACTOR_REQUIRED");
    ada.delete(&format!("{path}/members/{}", bob.id().await), json!({})).await.expect(200);
    for (bearer, body) in [(&everywhere, named), (&here, json!({"audience": AUDIENCE}))] {
        exchange(bearer, body).await.expect_error(403, "NO_ACCESS");
    }
    // A token for no particular organization is not affected, and names none.
    let claims = claims_for(&app, &everywhere, json!({"audience": AUDIENCE})).await;
    assert_eq!((&claims["client_id"], claims.get("role")), (&claims["sub"], None));
}

#[tokio::test]
async fn scopes_are_narrowed_but_never_widened() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let scopes = Scopes::parse(Some(vec![Scope::RunsWrite, Scope::ProjectsRead])).unwrap();
    let script = app.visitor().with_bearer(&app.token(&ada, |token| token.scopes = scopes).await);
    for (asked, granted) in [
        (json!(null), "projects:read runs:write"),
        (json!("runs:write"), "runs:write"),
        (json!("runs:write  projects:read runs:write"), "projects:read runs:write"),
    ] {
        let body = json!({"audience": AUDIENCE, "scope": asked});
        let reply = exchange(&script, body).await.expect(200).json();
        let token = reply["access_token"].as_str().unwrap();
        let claims = verify_as_service(&app, &key_set(&app).await, token).unwrap();
        assert_eq!((&reply["scope"], &claims["scope"]), (&json!(granted), &json!(granted)));
    }
    for (asked, status, code) in [
        ("runs:write usage:write", 403, "INSUFFICIENT_SCOPE"),
        ("runs:write everything", 400, "INVALID_FIELD"),
        ("RUNS:WRITE", 400, "INVALID_FIELD"),
        ("", 400, "MISSING_SCOPE"),
        (" ", 400, "MISSING_SCOPE"),
    ] {
        let body = json!({"audience": AUDIENCE, "scope": asked});
        let reply = exchange(&script, body).await.expect_error(status, code);
        let named = code != "INSUFFICIENT_SCOPE" || reply.text.contains("usage:write");
        assert!(named, "{}", reply.text);
    }
}

#[tokio::test]
async fn an_audience_is_a_url_or_a_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.token("cli").await;
    let script = app.visitor().with_bearer(&token);
    for audience in ["runs", "https://runs.aius.co/v1", "urn:aius:runs", &"a".repeat(200)] {
        let reply = exchange(&script, json!({"audience": audience})).await.expect(200).json();
        let claims = read_part(reply["access_token"].as_str().unwrap(), 1);
        assert_eq!(claims["aud"], audience);
    }
    exchange(&script, json!({})).await.expect_error(400, "MISSING_AUDIENCE");
    exchange(&script, json!({"audience": ""})).await.expect_error(400, "MISSING_AUDIENCE");
    for audience in ["*", "a b", "a,b", "https://x?y", "<b>", &"a".repeat(201)] {
        let body = json!({"audience": audience});
        exchange(&script, body).await.expect_error(400, "INVALID_FIELD");
    }
    exchange(&script, json!({"audience": [AUDIENCE]})).await.expect_error(400, "INVALID_FIELD");
    // An access token for one service is none for another.
    let foreign = exchange(&script, json!({"audience": "https://other.example"})).await.json();
    let foreign = foreign["access_token"].as_str().unwrap();
    assert_eq!(verify_as_service(&app, &key_set(&app).await, foreign), None);
}

#[tokio::test]
async fn a_session_is_not_exchanged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let reply = ada.post("/v1/token/exchange", json!({"audience": AUDIENCE})).await;
    let reply = reply.expect_error(403, "TOKEN_REQUIRED");
    let why = reply.json()["detail"]["message"].as_str().unwrap().to_owned();
    assert!(why.contains("personal token or an API key") && why.contains("signing out"), "{why}");
    // A session is no bearer either.
    let bearer = app.visitor().with_bearer(ada.session.as_ref().unwrap());
    let reply = exchange(&bearer, json!({"audience": AUDIENCE})).await;
    reply.expect_error(401, "invalid token");
    ada.post("/v1/logout", json!({})).await.expect(200);
    let reply = ada.post("/v1/token/exchange", json!({"audience": AUDIENCE})).await;
    reply.expect_error(401, "invalid session");
}

#[tokio::test]
async fn an_ended_or_distant_bearer_is_not_exchanged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = || json!({"audience": AUDIENCE});
    let revoked = ada.token("ci").await;
    exchange(&app.visitor().with_bearer(&revoked), body()).await.expect(200);
    revoke_token(&ada, &json!(1)).await.expect(200);
    let revoked = app.visitor().with_bearer(&revoked);
    exchange(&revoked, body()).await.expect_error(401, "invalid token");
    // The credential is reported before the body.
    exchange(&revoked, json!({})).await.expect_error(401, "invalid token");
    let elsewhere = AllowedIps::parse(Some(vec!["203.0.113.0/24".to_owned()])).unwrap();
    let distant = app.token(&ada, |token| token.allowed_ips = elsewhere).await;
    let distant = app.visitor().with_bearer(&distant);
    exchange(&distant, body()).await.expect_error(403, "IP_NOT_ALLOWED");
    exchange(&app.visitor(), body()).await.expect_error(401, "missing bearer token");
}

#[tokio::test]
async fn exchanges_are_not_logged_one_by_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.default_client().await;
    let (_, key) = ada.key(&acme, "nightly").await;
    access_token(&app, &key).await;
    let before = app.durable_items().await.len();
    for _ in 0..3 {
        let reply = exchange(&app.visitor().with_bearer(&key), json!({"audience": AUDIENCE})).await;
        assert_eq!((reply.cost().trips, reply.cost().wcu), (1, 0.0));
    }
    assert_eq!(app.durable_items().await.len(), before);
    // The first use of a day is in the log, as that of any other call.
    assert_eq!(list_log_entries(&app, &acme, "key.used").await.len(), 1);
}
