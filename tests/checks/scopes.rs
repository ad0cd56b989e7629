//! The scopes of bearer tokens, route by route.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::http::ROUTE_SCOPES;
use shared::tokens::{Scope, Scopes};
use tests::TestApp;
use tests::openapi::document;
use tests::route_credentials::Resources;
use tests::route_table::{Needs, routes};

/// A route with the scope that it requires of a bearer token, if any.
type ScopedRoute = (String, String, Option<String>);

fn table() -> BTreeSet<ScopedRoute> {
    let row = |(method, path, scope): (&str, &str, Option<Scope>)| {
        (method.to_lowercase(), path.to_owned(), scope.map(|scope| scope.name().to_owned()))
    };
    ROUTE_SCOPES.into_iter().map(row).collect()
}

#[test]
fn every_route_that_takes_a_bearer_has_a_row() {
    let takes_bearer = |needs: &Needs| {
        matches!(
            needs,
            Needs::Any
                | Needs::Bearer
                | Needs::Exchange
                | Needs::Person
                | Needs::In(_)
                | Needs::KeyOf
        )
    };
    let listed = routes().into_iter().filter(|(_, _, needs, _)| takes_bearer(needs));
    let listed: BTreeSet<_> =
        listed.map(|(method, path, ..)| (method.to_owned(), path.to_owned())).collect();
    let rows: BTreeSet<_> = table().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(rows, listed);
}

#[test]
fn the_openapi_document_shows_each_scope() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut shown = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schemes = operation["security"].as_array().into_iter().flatten();
            for scopes in schemes.filter_map(|scheme| scheme.get("bearer")) {
                let scope = scopes[0].as_str().map(str::to_owned);
                shown.insert((method.clone(), path.clone(), scope));
            }
        }
    }
    assert_eq!(shown, table());
}

#[tokio::test]
async fn a_scope_opens_its_own_routes_alone() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    app.set_plan(&client, "enterprise").await;
    let resources = Resources::create_in(&ada, &client, "Churn").await;
    for granted in Scope::ALL {
        let scopes = Scopes::parse(Some(vec![granted])).unwrap();
        let token = app.token(&ada, |token| token.scopes = scopes.clone()).await;
        let body = json!({"name": "ci", "scopes": [granted.name()]});
        let keys = format!("/v1/clients/{client}/api-keys");
        let key = ada.post(&keys, body).await.expect(200).json();
        assert_eq!(key["scopes"], json!([granted.name()]));
        let key = key["key"].as_str().unwrap();
        for bearer in [&token, key] {
            let visitor = app.visitor().with_bearer(bearer);
            let who = visitor.get("/v1/token").await.expect(200).json();
            assert_eq!(who["scopes"], json!([granted.name()]));
            for (method, path, _, body) in routes() {
                let row = ROUTE_SCOPES
                    .into_iter()
                    .find(|(of, at, _)| of.eq_ignore_ascii_case(method) && *at == path);
                // A deletion would take the resources from the rows that follow.
                let Some((_, _, Some(scope))) = row else { continue };
                if method == "delete" && scope == granted {
                    continue;
                }
                let reply = resources.send(&visitor, method, path, body.as_ref()).await;
                let is_refused = reply.text.contains("INSUFFICIENT_SCOPE");
                assert_eq!(is_refused, scope != granted, "{method} {path}: {}", reply.text);
                if is_refused {
                    assert!(reply.status == 403 && reply.text.contains(scope.name()), "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn scopes_are_shown_and_kept_on_rotation() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let all: Vec<_> = Scope::ALL.into_iter().map(Scope::name).collect();
    let created = ada.post("/v1/tokens", json!({"token_name": "all"})).await.expect(200).json();
    assert_eq!(created["scopes"], json!(all));
    let scopes = json!(["runs:write", "projects:read", "runs:write"]);
    let body = json!({"token_name": "ci", "scopes": scopes});
    let created = ada.post("/v1/tokens", body).await.expect(200).json();
    assert_eq!(created["scopes"], json!(["projects:read", "runs:write"]));
    let list = ada.get("/v1/tokens").await.expect(200).json();
    assert_eq!(list["data"][1]["scopes"], created["scopes"]);
    for invalid in [json!([]), json!(["everything"]), json!("runs:write"), json!([7])] {
        let body = json!({"token_name": "ci", "scopes": invalid});
        let reply = ada.post("/v1/tokens", body).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("scopes"), "{}", reply.text);
    }
    // A key keeps its scopes and its expiry when it is rotated.
    let keys = format!("/v1/clients/{client}/api-keys");
    let body = json!({"name": "ci", "scopes": ["usage:write"], "expires_in_days": 30});
    let key = ada.post(&keys, body).await.expect(200).json();
    let expires_at = app.now().await + 30 * 24 * 60 * 60;
    assert_eq!(key["expires_at"], expires_at);
    let rotate = format!("{keys}/{}/rotate", key["id"]);
    let rotated = ada.post(&rotate, json!({})).await.expect(200).json();
    assert_eq!((&rotated["scopes"], &rotated["expires_at"]), (&key["scopes"], &key["expires_at"]));
    let visitor = app.visitor().with_bearer(rotated["key"].as_str().unwrap());
    visitor.get("/v1/token").await.expect(200);
    app.advance_clock_only(30 * 24 * 60 * 60).await;
    visitor.get("/v1/token").await.expect_error(401, "invalid token");
}
