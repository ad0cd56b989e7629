//! Every route with every kind of credential. A route that isn't in the table fails.

use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::tokens::{Holder, PlainToken};
use tests::{Visitor, World};

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    /// Nothing; the body is refused or taken whoever sends it.
    Nothing,
    /// A session or a token.
    Any,
    /// A session.
    Session,
}

/// Method, path, what it needs, and a body that gets past the credential.
fn table() -> Vec<(&'static str, &'static str, Needs, Option<Value>)> {
    use Needs::{Any, Nothing, Session};
    let change = json!({"current_password": tests::PASSWORD, "new_password": tests::PASSWORD});
    vec![
        ("post", "/v1/register", Nothing, Some(json!({}))),
        ("post", "/v1/verify-email", Nothing, Some(json!({}))),
        ("post", "/v1/verify-email/resend", Nothing, Some(json!({}))),
        ("post", "/v1/login", Nothing, Some(json!({}))),
        ("post", "/v1/logout", Session, None),
        ("post", "/v1/password/forgot", Nothing, Some(json!({}))),
        ("post", "/v1/password/reset", Nothing, Some(json!({}))),
        ("get", "/v1/auth/google", Nothing, None),
        ("get", "/v1/auth/google/callback", Nothing, None),
        ("get", "/v1/me", Any, None),
        ("patch", "/v1/me", Session, Some(json!({"company": "x"}))),
        ("delete", "/v1/me", Session, Some(json!({"confirm": "no"}))),
        ("post", "/v1/me/restore", Session, None),
        ("get", "/v1/me/export", Session, None),
        ("post", "/v1/me/password", Session, Some(change)),
        ("post", "/v1/me/email", Session, Some(json!({}))),
        ("post", "/v1/me/email/confirm", Session, Some(json!({}))),
        ("post", "/v1/email/undo", Nothing, Some(json!({}))),
        ("get", "/v1/email/undo", Nothing, None),
        ("get", "/v1/2fa/status", Session, None),
        ("post", "/v1/2fa/setup", Session, None),
        ("post", "/v1/2fa/enable", Session, Some(json!({}))),
        ("post", "/v1/2fa/disable", Session, Some(json!({}))),
        ("post", "/v1/2fa/recovery-codes", Session, Some(json!({}))),
        ("post", "/v1/2fa/login", Nothing, Some(json!({}))),
        ("get", "/v1/me/sessions", Session, None),
        ("delete", "/v1/me/sessions", Session, None),
        ("delete", "/v1/me/sessions/{id}", Session, None),
        ("get", "/v1/me/connections", Any, None),
        ("delete", "/v1/me/connections/google", Session, None),
        ("get", "/v1/me/activity", Any, None),
        ("get", "/v1/me/notifications", Session, None),
        ("put", "/v1/me/notifications", Session, Some(json!({"usage_alerts": "none"}))),
        ("get", "/v1/clients", Any, None),
        ("post", "/v1/clients", Any, Some(json!({}))),
        ("get", "/v1/health", Nothing, None),
        ("get", "/v1/openapi.json", Nothing, None),
        ("get", "/v1/docs", Nothing, None),
    ]
}

#[test]
fn every_route_is_in_the_table() {
    let mut documented = crate::openapi::operations();
    let mut tabled: Vec<_> =
        table().iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    documented.sort();
    tabled.sort();
    assert_eq!(tabled, documented);
}

/// What a credential is answered by a route that needs any, and by one that needs a session.
struct Row {
    who: &'static str,
    visitor: Visitor,
    any: (u16, &'static str),
    session: (u16, &'static str),
}

#[tokio::test]
async fn every_route_asks_for_the_credential_it_needs() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let ended = ada.sign_in(&world).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    let now = Timestamp::from_seconds(world.now().await);
    let good = world.token(&ada, |_| {}).await;
    let revoked = world.token(&ada, |token| token.revoked_at = Some(now)).await;
    let expired = world.token(&ada, |token| token.expires_at = Some(now)).await;
    let random = &*world.stack().context().random;
    let unknown = PlainToken::generate(random, Holder::User(ada.id().await), 7);
    let unknown = unknown.reveal().to_owned();
    let with_bearer = |token: &str| world.visitor().with_bearer(token);
    let ok = (200, "");
    let invalid_token = ((401, "invalid token"), (401, "invalid token"));
    let rows = [
        ("anonymous", world.visitor(), ((401, "missing bearer token"), (401, "missing session"))),
        ("signed out", ended.at, ((401, "invalid session"), (401, "invalid session"))),
        (
            "forged",
            world.visitor().with_session("x"),
            ((401, "invalid session"), (401, "invalid session")),
        ),
        ("token", with_bearer(&good), (ok, (403, "SESSION_REQUIRED"))),
        ("revoked token", with_bearer(&revoked), invalid_token),
        ("expired token", with_bearer(&expired), invalid_token),
        ("unknown token", with_bearer(&unknown), invalid_token),
        ("mistyped token", with_bearer(&good[..good.len() - 1]), invalid_token),
        ("token over session", ada.at.clone().with_bearer(&revoked), invalid_token),
    ];
    let rows = rows.map(|(who, visitor, (any, session))| Row { who, visitor, any, session });
    for (method, path, needs, body) in table() {
        for prefix in ["", "/api"] {
            let path = format!("{prefix}{path}");
            let send = async |visitor: &Visitor| {
                let method: Method = method.to_uppercase().parse().unwrap();
                let body =
                    body.clone().map(|body| ("application/json", body.to_string().into_bytes()));
                visitor.send(method, &path, body).await
            };
            for row in &rows {
                let reply = send(&row.visitor).await;
                let expected = match needs {
                    Needs::Nothing => {
                        // As without a credential, whatever it is worth.
                        let anonymous = send(&world.visitor()).await;
                        assert_eq!((reply.status, reply.text), (anonymous.status, anonymous.text));
                        continue;
                    }
                    Needs::Any => row.any,
                    Needs::Session => row.session,
                };
                let code = if reply.status == 200 { String::new() } else { reply.code() };
                assert_eq!((reply.status, code.as_str()), expected, "{} {method} {path}", row.who);
            }
            let own = send(&ada.sign_in(&world).await.at).await;
            // The id in the path is nobody's, and some bodies are refused: past the credential.
            let heard = matches!(own.status, 200 | 400 | 404 | 409);
            assert!(needs == Needs::Nothing || heard, "{method} {path}: {}", own.text);
        }
    }
}

#[tokio::test]
async fn verify_writes_checking_a_token_writes_nothing() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let good = world.token(&ada, |_| {}).await;
    let me = world.visitor().with_bearer(&good).get("/v1/me").await.expect(200);
    assert!(me.header("x-local-dynamodb").unwrap().ends_with("wcu=0"));
    assert_eq!(me.json()["user"]["email"], "ada@example.com");
    // A mistyped one isn't even looked up.
    let typo = world.visitor().with_bearer(&good[..good.len() - 1]).get("/v1/me").await.expect(401);
    assert_eq!(typo.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
}
