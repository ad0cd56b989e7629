//! Requests every route with every kind of credential, and fails for a route that is missing in the
//! table.

use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::{ArtifactId, OrganizationId, ProjectId, RunId};
use shared::organizations::Role;
use shared::organizations::rights::Right;
use shared::tokens::PlainToken;
use shared::values::TokenHolder;
use tests::{Person, Reply, TestApp, Visitor};

/// The credential that a route requires.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    /// No credential; a credential that is sent is ignored.
    Nothing,
    /// A session, a token or an API key.
    Any,
    /// A token or an API key.
    Bearer,
    /// A user: a session, or a token that is not restricted to one organization.
    Person,
    /// A session.
    Session,
    /// A user or key with a right in the organization of the path.
    In(Right),
    /// A session of a user with a right in the organization of the path.
    SessionIn(Right),
    /// An API key of the organization of the path.
    KeyOf,
}

/// Lists each route's method, path, required credential and a body that passes the credential
/// check.
/// The body changes nothing that another row needs. `{client_id}` in it is replaced as in the path.
fn routes() -> Vec<(&'static str, &'static str, Needs, Option<Value>)> {
    use Needs::{Any, Bearer, In, KeyOf, Nothing, Person, Session, SessionIn};
    let change = json!({"current_password": tests::PASSWORD, "new_password": tests::PASSWORD});
    let nobody = "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    // Has the form of an invitation token.
    let unknown = "A".repeat(86);
    let transfer = json!({"user_id": nobody, "password": tests::PASSWORD});
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
        ("get", "/v1/me", Person, None),
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
        ("get", "/v1/me/connections", Person, None),
        ("delete", "/v1/me/connections/google", Session, None),
        ("get", "/v1/me/activity", Person, None),
        ("get", "/v1/me/notifications", Session, None),
        ("put", "/v1/me/notifications", Session, Some(json!({"usage_alerts": "none"}))),
        ("get", "/v1/clients", Any, None),
        ("post", "/v1/clients", Person, Some(json!({"name": "Another"}))),
        ("get", "/v1/clients/{client_id}", In(Right::View), None),
        ("patch", "/v1/clients/{client_id}", In(Right::Rename), Some(json!({"name": "Engines"}))),
        ("delete", "/v1/clients/{client_id}", In(Right::Delete), Some(json!({"confirm": "no"}))),
        ("get", "/v1/clients/{client_id}/members", In(Right::View), None),
        (
            "patch",
            "/v1/clients/{client_id}/members/{user_id}",
            In(Right::ManageMembers),
            Some(json!({"role": "admin"})),
        ),
        ("delete", "/v1/clients/{client_id}/members/{user_id}", In(Right::ManageMembers), None),
        ("post", "/v1/clients/{client_id}/leave", In(Right::Leave), None),
        ("post", "/v1/clients/{client_id}/transfer", SessionIn(Right::Transfer), Some(transfer)),
        ("get", "/v1/clients/{client_id}/invitations", In(Right::ManageMembers), None),
        (
            "post",
            "/v1/clients/{client_id}/invitations",
            In(Right::ManageMembers),
            Some(json!({"email": "grace@example.com", "role": "member"})),
        ),
        (
            "delete",
            "/v1/clients/{client_id}/invitations/{invitation_id}",
            In(Right::ManageMembers),
            None,
        ),
        ("get", "/v1/invitations", Person, None),
        ("get", "/v1/invitations/accept", Nothing, None),
        ("post", "/v1/invitations/accept", Person, Some(json!({"token": unknown}))),
        ("post", "/v1/invitations/decline", Person, Some(json!({"token": unknown}))),
        ("get", "/v1/clients/{client_id}/activity", In(Right::ViewActivity), None),
        ("get", "/v1/clients/{client_id}/activity.csv", In(Right::ViewActivity), None),
        ("get", "/v1/clients/{client_id}/usage", In(Right::ViewUsage), None),
        ("get", "/v1/tokens", Session, None),
        ("post", "/v1/tokens", Session, Some(json!({"token_name": "x"}))),
        ("post", "/v1/tokens/revoke", Session, Some(json!({"id": 4711}))),
        ("get", "/v1/token", Bearer, None),
        ("get", "/v1/api-keys", Session, None),
        ("get", "/v1/clients/{client_id}/api-keys", SessionIn(Right::ManageKeys), None),
        (
            "post",
            "/v1/clients/{client_id}/api-keys",
            SessionIn(Right::ManageKeys),
            Some(json!({"name": "x"})),
        ),
        (
            "post",
            "/v1/clients/{client_id}/api-keys/{key_id}/rotate",
            SessionIn(Right::ManageKeys),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/api-keys/{key_id}/revoke",
            SessionIn(Right::ManageKeys),
            None,
        ),
        ("get", "/v1/projects", In(Right::ManageProjects), None),
        (
            "post",
            "/v1/projects",
            In(Right::ManageProjects),
            Some(json!({"org_id": "{client_id}", "name": "Churn"})),
        ),
        ("get", "/v1/projects/{project_id}", In(Right::ManageProjects), None),
        (
            "patch",
            "/v1/projects/{project_id}",
            In(Right::ManageProjects),
            Some(json!({"name": "Model"})),
        ),
        ("delete", "/v1/projects/{project_id}", In(Right::ManageProjects), None),
        ("get", "/v1/projects/{project_id}/brief", In(Right::ManageProjects), None),
        (
            "put",
            "/v1/projects/{project_id}/brief",
            In(Right::ManageProjects),
            Some(json!({"content": "x"})),
        ),
        ("post", "/v1/projects/{project_id}/fork", In(Right::ManageProjects), None),
        ("get", "/v1/projects/{project_id}/reports", In(Right::ManageProjects), None),
        ("get", "/v1/projects/{project_id}/runs", In(Right::ManageProjects), None),
        (
            "post",
            "/v1/projects/{project_id}/runs",
            In(Right::ManageProjects),
            Some(json!({"kind": "manual", "name": "Nightly tests"})),
        ),
        ("get", "/v1/runs/{run_id}", In(Right::ManageProjects), None),
        (
            "patch",
            "/v1/runs/{run_id}",
            In(Right::ManageProjects),
            Some(json!({"status": "succeeded"})),
        ),
        ("get", "/v1/artifacts", In(Right::ManageProjects), None),
        (
            "post",
            "/v1/artifacts",
            In(Right::ManageProjects),
            Some(json!({"org_id": "{client_id}", "path": "a", "content_base64": "eA=="})),
        ),
        ("get", "/v1/artifacts/{artifact_id}", In(Right::ManageProjects), None),
        ("delete", "/v1/artifacts/{artifact_id}", In(Right::ManageProjects), None),
        ("get", "/v1/artifacts/{artifact_id}/versions", In(Right::ManageProjects), None),
        ("post", "/v1/artifacts/{artifact_id}/complete", In(Right::ManageProjects), None),
        ("get", "/v1/plans", Nothing, None),
        ("get", "/v1/clients/{client_id}/subscription", In(Right::ManageBilling), None),
        (
            "post",
            "/v1/clients/{client_id}/subscription/checkout",
            In(Right::ManageBilling),
            Some(json!({"price_id": "x", "success_url": "{site}/", "cancel_url": "{site}/"})),
        ),
        ("get", "/v1/clients/{client_id}/credits", In(Right::ViewCredits), None),
        ("get", "/v1/clients/{client_id}/credits/transactions", In(Right::ViewCredits), None),
        (
            "post",
            "/v1/clients/{client_id}/credits/topup",
            In(Right::ManageBilling),
            Some(json!({"credits": 500, "success_url": "{site}/", "cancel_url": "{site}/"})),
        ),
        (
            "post",
            "/v1/clients/{client_id}/usage",
            KeyOf,
            Some(json!({"credits": 1, "description": "x"})),
        ),
        (
            "post",
            "/v1/clients/{client_id}/portal",
            In(Right::ManageBilling),
            Some(json!({"return_url": "{site}/"})),
        ),
        ("get", "/v1/clients/{client_id}/payment-methods", In(Right::ManageBilling), None),
        (
            "post",
            "/v1/clients/{client_id}/payment-methods/setup",
            In(Right::ManageBilling),
            Some(json!({"success_url": "{site}/", "cancel_url": "{site}/"})),
        ),
        ("get", "/v1/clients/{client_id}/invoices", In(Right::ManageBilling), None),
        (
            "get",
            "/v1/clients/{client_id}/invoices/{invoice_id}/pdf",
            In(Right::ManageBilling),
            None,
        ),
        // Stripe authenticates with a signature.
        ("post", "/v1/webhooks/stripe", Nothing, Some(json!({}))),
        ("get", "/v1/health", Nothing, None),
        ("get", "/v1/openapi.json", Nothing, None),
        ("get", "/v1/docs", Nothing, None),
    ]
}

#[test]
fn every_route_is_listed() {
    let mut documented = crate::checks::openapi::operations();
    let mut listed: Vec<_> =
        routes().iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    documented.sort();
    listed.sort();
    assert_eq!(listed, documented);
}

/// The resources that a request is about: an organization and what it contains.
struct Resources {
    client: String,
    project: String,
    artifact: String,
    run: String,
}

impl Resources {
    /// Creates a project with a file and a run in an organization of `ada`.
    async fn create_in(ada: &Person, client: &str, name: &str) -> Self {
        let project = ada.create_project(client, name).await;
        let artifact = ada.visitor.upload(client, Some(&project), "a", b"x").await;
        let artifact = artifact["id"].as_str().unwrap().to_owned();
        let run = crate::routes::runs::start_run(ada, &project, "manual").await;
        Self { client: client.to_owned(), project, artifact, run }
    }

    /// Makes ids of resources that do not exist. An invalid organization id cannot be part of valid
    /// ids, so those are invalid too.
    fn unknown_in(app: &TestApp, client: &str) -> Self {
        let (ctx, id) = (app.stack().context(), OrganizationId::parse(client));
        let client = client.to_owned();
        let Some(id) = id else {
            let [project, artifact, run] = ["proj_x", "art_x", "run_x"].map(str::to_owned);
            return Self { client, project, artifact, run };
        };
        let (random, now) = (&*ctx.random, ctx.now());
        let project = ProjectId::generate(random, now, &id);
        let artifact = ArtifactId::in_project(random, now, &project).to_string();
        let run = RunId::generate(random, now, &project).to_string();
        Self { client, project: project.to_string(), artifact, run }
    }

    /// Sends a request with the ids of these resources in path and body.
    async fn send(&self, at: &Visitor, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let of_client = ["/v1/projects", "/v1/artifacts"].iter().any(|list| path.ends_with(list));
        let query = if method == "get" && of_client { "?org_id={client_id}" } else { "" };
        let path = format!("{path}{query}")
            .replace("{client_id}", &self.client)
            .replace("{project_id}", &self.project)
            .replace("{artifact_id}", &self.artifact)
            .replace("{run_id}", &self.run)
            .replace("{user_id}", "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa")
            .replace("{invitation_id}", "inv_aaaaaaaaaaaaaaaaaaaaaaaaaa")
            .replace("{invoice_id}", "in_4711")
            .replace("{key_id}", "4711");
        let method: Method = method.to_uppercase().parse().unwrap();
        let filled = |body: &Value| {
            body.to_string().replace("{client_id}", &self.client).replace("{site}", &at.site())
        };
        let body = body.map(filled);
        // The route requires an idempotency key.
        let key = if path.ends_with("/usage") { "a charge" } else { "" };
        let at = if key.is_empty() { at } else { &at.clone().with_header("idempotency-key", key) };
        let body = body.map(|body| ("application/json", body.into_bytes()));
        at.send(method, &path, body).await
    }
}

/// Kinds of credentials.
#[derive(Clone, Copy, Debug, PartialEq)]
enum CredentialKind {
    /// No credential or an invalid one, with the error code of a route that takes any credential
    /// and of a route that requires a session.
    Invalid(&'static str, &'static str),
    /// A session.
    Session,
    /// A user's token.
    Token,
    /// A user's token for one organization.
    Confined,
    /// An organization's API key.
    Key,
}

/// A credential, its kind, and its role in the organization of the path.
struct Credential {
    who: &'static str,
    visitor: Visitor,
    kind: CredentialKind,
    role: Option<Role>,
}

/// Returns the expected error for a credential on a route, or `None` if the credential passes.
fn expected_error(row: &Credential, needs: Needs) -> Option<(u16, &'static str)> {
    let session = matches!(needs, Needs::Session | Needs::SessionIn(_));
    let has_session =
        matches!(row.kind, CredentialKind::Session | CredentialKind::Invalid("invalid session", _));
    if needs == Needs::Bearer && has_session {
        return Some((401, "missing bearer token"));
    }
    if let CredentialKind::Invalid(any, of_session) = row.kind {
        return Some((401, if session { of_session } else { any }));
    }
    if session && row.kind != CredentialKind::Session {
        return Some((403, "SESSION_REQUIRED"));
    }
    let allowed = match needs {
        Needs::Nothing | Needs::Any | Needs::Bearer | Needs::Session => true,
        Needs::Person => matches!(row.kind, CredentialKind::Session | CredentialKind::Token),
        // An API key has no membership to leave.
        Needs::In(Right::Leave) if row.kind == CredentialKind::Key => false,
        Needs::KeyOf => row.kind == CredentialKind::Key && row.role.is_some(),
        Needs::In(right) | Needs::SessionIn(right) => {
            row.role.is_some_and(|role| role.has_right(right))
        }
    };
    if allowed { None } else { Some((403, "NO_ACCESS")) }
}

/// Creates a token, for one organization if given.
async fn create_token(person: &Person, client: Option<&str>) -> String {
    let body = json!({"token_name": "ci", "client_id": client});
    let made = person.post("/v1/tokens", body).await.expect(200).json();
    made["token"].as_str().unwrap().to_owned()
}

/// Creates all credentials for the organization `Engines` of `ada`.
async fn create_credentials(app: &TestApp, ada: &Person, client: &str) -> Vec<Credential> {
    use CredentialKind::{Confined, Invalid, Key, Session, Token};
    app.set_plan(client, "enterprise").await;
    let (bob, cleo, eve) =
        (app.sign_up("bob").await, app.sign_up("cleo").await, app.sign_up("eve").await);
    let dan = app.sign_up("dan").await;
    let eves_client = eve.create_client("Elsewhere").await;
    app.add_member(client, &bob, Role::Admin).await;
    app.add_member(client, &cleo, Role::Member).await;
    app.add_member(client, &dan, Role::Admin).await;
    let dans_token = create_token(&dan, None).await;
    let path = format!("/v1/clients/{client}/members/{}", dan.id().await);
    ada.delete(&path, json!({})).await.expect(200);

    let ended = ada.sign_in(app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    let now = Timestamp::from_seconds(app.now().await);
    let revoked = app.token(ada, |token| token.revoked_at = Some(now)).await;
    let expired = app.token(ada, |token| token.expires_at = Some(now)).await;
    let random = &*app.stack().context().random;
    let unknown = PlainToken::generate(random, TokenHolder::User(ada.id().await), 4711);
    let good = create_token(ada, None).await;
    let own = create_token(ada, Some(client)).await;
    let bearer = |token: &str| app.visitor().with_bearer(token);
    let invalid = Invalid("invalid token", "invalid token");
    let ended_session = Invalid("invalid session", "invalid session");
    let row = |who, visitor, kind, role| Credential { who, visitor, kind, role };
    vec![
        row("anonymous", app.visitor(), Invalid("missing bearer token", "missing session"), None),
        row("signed out", ended.visitor, ended_session, None),
        row("forged session", app.visitor().with_session("x"), ended_session, None),
        row("revoked token", bearer(&revoked), invalid, None),
        row("expired token", bearer(&expired), invalid, None),
        row("unknown token", bearer(unknown.reveal()), invalid, None),
        row("mistyped token", bearer(&good[..good.len() - 1]), invalid, None),
        row("token over session", ada.visitor.clone().with_bearer(&revoked), invalid, None),
        row("owner's token", bearer(&good), Token, Some(Role::Owner)),
        row("admin", bob.visitor.clone(), Session, Some(Role::Admin)),
        row("admin's token", bearer(&create_token(&bob, None).await), Token, Some(Role::Admin)),
        row("member", cleo.visitor.clone(), Session, Some(Role::Member)),
        row(
            "member's token for it",
            bearer(&create_token(&cleo, Some(client)).await),
            Confined,
            Some(Role::Member),
        ),
        row("owner's token for it", bearer(&own), Confined, Some(Role::Owner)),
        row(
            "owner's token for another",
            bearer(&create_token(ada, Some(&ada.default_client().await)).await),
            Confined,
            None,
        ),
        row("removed member", dan.visitor.clone(), Session, None),
        row("removed member's token", bearer(&dans_token), Token, None),
        row("other tenant", eve.visitor.clone(), Session, None),
        row("other tenant's token", bearer(&create_token(&eve, None).await), Token, None),
        row("key of it", bearer(&ada.key(client, "ci").await.1), Key, Some(Role::Member)),
        row("key of another", bearer(&eve.key(&eves_client, "ci").await.1), Key, None),
    ]
}

#[tokio::test]
async fn every_route_requires_its_credential() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let rows = create_credentials(&app, &ada, &client).await;
    for (number, (method, path, needs, body)) in routes().into_iter().enumerate() {
        // Each route gets a new session and new resources, because some routes end sessions or
        // delete resources.
        let again = ada.sign_in(&app).await;
        let resources = if needs == Needs::In(Right::ManageProjects) {
            Resources::create_in(&again, &client, &format!("Project {number}")).await
        } else {
            Resources::unknown_in(&app, &client)
        };
        let mut done = false;
        let send = async |visitor: &Visitor, prefix: &str| -> Reply {
            resources.send(visitor, method, &format!("{prefix}{path}"), body.as_ref()).await
        };
        for (number, row) in rows.iter().enumerate() {
            // template.rs checks that each route has both base paths, so alternating between them
            // is enough.
            let prefix = ["", "/api"][number % 2];
            // Routes that sign out or leave would invalidate the credentials of later rows.
            let changes = ["/v1/logout", "/v1/me/password", "/v1/me/sessions"].contains(&path)
                || path.ends_with("/leave");
            if needs == Needs::Nothing {
                // The credential must not make a difference.
                let (reply, plain) =
                    (send(&row.visitor, prefix).await, send(&app.visitor(), prefix).await);
                assert_eq!((reply.status, reply.text), (plain.status, plain.text));
                continue;
            }
            let expected = expected_error(row, needs);
            if expected.is_none() && changes {
                continue;
            }
            let reply = send(&row.visitor, prefix).await;
            let what = format!("{} {method} {path}: {} {}", row.who, reply.status, reply.text);
            match expected {
                Some((status, code)) => {
                    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{what}");
                }
                None => {
                    done |= reply.status == 200;
                    // Some ids do not exist, some resources were deleted by an earlier row, and
                    // some bodies are invalid. The credential has passed in all these cases.
                    assert!(matches!(reply.status, 200 | 400 | 402 | 404 | 409 | 429), "{what}");
                }
            }
        }
        // At least one credential got 200, so the resources exist.
        assert!(needs != Needs::In(Right::ManageProjects) || done, "{method} {path}");
        let own = send(&again.visitor, "").await;
        let passed = matches!(own.status, 200 | 400 | 404 | 409 | 429);
        let bearer_only = matches!(needs, Needs::Bearer | Needs::KeyOf);
        assert!(needs == Needs::Nothing || bearer_only || passed, "{method} {path}: {}", own.text);
    }
}

#[tokio::test]
async fn an_unknown_client_is_404_and_a_foreign_one_is_403() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let client = ada.create_client("Engines").await;
    let real = Resources::create_in(&ada, &client, "Churn").await;
    let [nowhere, short, other] = ["client_aaaaaaaaaaaaaaaaaaaaaaaaaa", "client_", "x"]
        .map(|id| Resources::unknown_in(&app, id));
    let good = create_token(&eve, None).await;
    for visitor in [eve.visitor.clone(), app.visitor().with_bearer(&good)] {
        for (method, path, needs, body) in routes() {
            let right = matches!(needs, Needs::In(_) | Needs::SessionIn(_) | Needs::KeyOf);
            let bearer = visitor.get("/v1/token").await.status == 200;
            if !right || (bearer && matches!(needs, Needs::SessionIn(_))) {
                continue;
            }
            for (resources, expected) in [
                (&real, (403, "NO_ACCESS")),
                (&Resources::unknown_in(&app, &client), (403, "NO_ACCESS")),
                (&nowhere, (404, "NOT_FOUND")),
                (&short, (404, "NOT_FOUND")),
                (&other, (404, "NOT_FOUND")),
            ] {
                let reply = resources.send(&visitor, method, path, body.as_ref()).await;
                let (got, id) = ((reply.status, reply.code()), &resources.client);
                assert_eq!((got.0, got.1.as_str()), expected, "{method} {path} {id}");
            }
        }
    }
}

#[tokio::test]
async fn verify_writes_checking_a_token_writes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let good = app.token(&ada, |_| {}).await;
    let me = app.visitor().with_bearer(&good).get("/v1/me").await.expect(200);
    assert_eq!((me.cost().calls, me.cost().trips, me.cost().wcu), (1, 1, 0.0));
    assert_eq!(me.json()["user"]["email"], "ada@example.com");
    // A token with a wrong checksum is rejected without a lookup.
    let typo = app.visitor().with_bearer(&good[..good.len() - 1]).get("/v1/me").await.expect(401);
    assert_eq!(typo.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
}
