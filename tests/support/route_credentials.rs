//! A credential of each kind, and the resources that the routes are called with.

use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::{ArtifactId, OrganizationId, ProjectId, RunId};
use shared::organizations::Role;
use shared::sessions::SESSION_IDLE_TIMEOUT;
use shared::tokens::{AllowedIps, PlainToken};
use shared::values::TokenHolder;

use crate::route_table::Needs;
use crate::runs::start_run;
use crate::{Person, Reply, TestApp, Visitor};

/// The resources that a request is about: an organization and what it contains.
pub struct Resources {
    /// The id of the organization.
    pub client: String,
    /// The id of a project.
    pub project: String,
    /// The id of an artifact.
    pub artifact: String,
    /// The id of a run.
    pub run: String,
}

impl Resources {
    /// Creates a project with a file and a run in an organization of `ada`.
    pub async fn create_in(ada: &Person, client: &str, name: &str) -> Self {
        let project = ada.create_project(client, name).await;
        let artifact = ada.visitor.upload(client, Some(&project), "a", b"x").await;
        let artifact = artifact["id"].as_str().unwrap().to_owned();
        let run = start_run(ada, &project, "manual").await;
        Self { client: client.to_owned(), project, artifact, run }
    }

    /// Makes ids of resources that do not exist. An invalid organization id cannot be part of valid
    /// ids, so those are invalid too.
    pub fn unknown_in(app: &TestApp, client: &str) -> Self {
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
    pub async fn send(
        &self,
        at: &Visitor,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let of_client = ["/v1/projects", "/v1/artifacts"].iter().any(|list| path.ends_with(list));
        let reads = ["get", "head"].contains(&method);
        let query = if reads && of_client { "?org_id={client_id}" } else { "" };
        let path = format!("{path}{query}")
            .replace("{client_id}", &self.client)
            .replace("{project_id}", &self.project)
            .replace("{artifact_id}", &self.artifact)
            .replace("{run_id}", &self.run)
            .replace("{user_id}", "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa")
            .replace("{invitation_id}", "inv_aaaaaaaaaaaaaaaaaaaaaaaaaa")
            .replace("{invoice_id}", "in_4711")
            .replace("{passkey_id}", "psk_aaaaaaaaaaaaaaaaaaaaaaaaaa")
            .replace("{payment_method_id}", "pm_4711")
            .replace("{key_id}", "4711");
        let method: Method = method.to_uppercase().parse().unwrap();
        let filled = |body: &Value| {
            body.to_string().replace("{client_id}", &self.client).replace("{site}", &at.site())
        };
        let body = body.map(filled);
        // The route requires an idempotency key.
        let key = if path.ends_with("/usage") { "a debit" } else { "" };
        let at = if key.is_empty() { at } else { &at.clone().with_header("idempotency-key", key) };
        let body = body.map(|body| ("application/json", body.into_bytes()));
        at.send(method, &path, body).await
    }
}

/// The kinds of credentials that a route may accept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CredentialKind {
    /// No credential or an invalid one, with the error code of a route that takes any credential
    /// and of a route that requires a session.
    Invalid(&'static str, &'static str),
    /// The session of a user.
    Session,
    /// A session whose last proof of identity is more than 10 minutes old.
    StaleSession,
    /// A valid bearer that may not be used from the address of the request.
    WrongAddress,
    /// A personal token of a user.
    Token,
    /// A user's token for one organization.
    Confined,
    /// An organization's API key.
    Key,
}

/// A credential, its kind, and its role in the organization of the path.
pub struct Credential {
    /// Describes the credential in the message of a failed assertion.
    pub who: &'static str,
    /// A visitor that sends the credential.
    pub visitor: Visitor,
    /// What kind of credential this is.
    pub kind: CredentialKind,
    /// The role in the organization of the path, if any.
    pub role: Option<Role>,
}

/// Returns the expected error for a credential on a route, or `None` if the credential passes.
pub fn expected_error(row: &Credential, needs: Needs) -> Option<(u16, &'static str)> {
    let recent = matches!(needs, Needs::RecentSession | Needs::RecentSessionIn(_));
    let session = recent || matches!(needs, Needs::Session | Needs::SessionIn(_));
    let is_session = matches!(row.kind, CredentialKind::Session | CredentialKind::StaleSession);
    let has_session =
        is_session || matches!(row.kind, CredentialKind::Invalid("invalid session", _));
    if needs == Needs::Bearer && has_session {
        return Some((401, "missing bearer token"));
    }
    if let CredentialKind::Invalid(any, of_session) = row.kind {
        return Some((401, if session { of_session } else { any }));
    }
    if row.kind == CredentialKind::WrongAddress {
        return Some((403, "IP_NOT_ALLOWED"));
    }
    if session && !is_session {
        return Some((403, "SESSION_REQUIRED"));
    }
    if needs == Needs::Exchange && is_session {
        return Some((403, "TOKEN_REQUIRED"));
    }
    let allowed = match needs {
        Needs::Nothing
        | Needs::Any
        | Needs::Bearer
        | Needs::Exchange
        | Needs::Session
        | Needs::RecentSession => true,
        Needs::Person => is_session || row.kind == CredentialKind::Token,
        Needs::KeyOf => row.kind == CredentialKind::Key && row.role.is_some(),
        Needs::In(right) | Needs::SessionIn(right) | Needs::RecentSessionIn(right) => {
            row.role.is_some_and(|role| role.has_right(right))
        }
    };
    if !allowed {
        let is_member_without_key = needs == Needs::KeyOf && row.role.is_some();
        return Some((403, if is_member_without_key { "KEY_REQUIRED" } else { "NO_ACCESS" }));
    }
    let is_stale = row.kind == CredentialKind::StaleSession;
    (recent && is_stale).then_some((401, "REAUTH_REQUIRED"))
}

/// Creates a token, for one organization if given.
pub async fn create_token(person: &Person, client: Option<&str>) -> String {
    let body = json!({"token_name": "ci", "client_id": client});
    let made = person.post("/v1/tokens", body).await.expect(200).json();
    made["token"].as_str().unwrap().to_owned()
}

/// Creates all credentials for the organization `Engines` of `ada`.
pub async fn create_credentials(app: &TestApp, ada: &Person, client: &str) -> Vec<Credential> {
    use CredentialKind::{Confined, Invalid, Key, Session, StaleSession, Token, WrongAddress};
    app.set_plan(client, "enterprise").await;
    let gina = app.sign_up("gina").await;
    app.advance_clock_only(SESSION_IDLE_TIMEOUT.as_secs()).await;
    let fay = app.sign_up("fay").await;
    app.add_member(client, &fay, Role::Admin).await;
    app.expire_proof().await;
    let ada = &ada.sign_in(app).await;
    let (bob, cleo, eve) =
        (app.sign_up("bob").await, app.sign_up("cleo").await, app.sign_up("eve").await);
    let (dan, vera) = (app.sign_up("dan").await, app.sign_up("vera").await);
    let eves_client = eve.create_client("Elsewhere").await;
    app.add_member(client, &bob, Role::Admin).await;
    app.add_member(client, &cleo, Role::Member).await;
    app.add_member(client, &dan, Role::Admin).await;
    app.add_member(client, &vera, Role::Viewer).await;
    let dans_token = create_token(&dan, None).await;
    let path = format!("/v1/clients/{client}/members/{}", dan.id().await);
    ada.delete(&path, json!({})).await.expect(200);

    let ended = ada.sign_in(app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    let now = Timestamp::from_seconds(app.now().await);
    let revoked = app.token(ada, |token| token.revoked_at = Some(now)).await;
    let expired = app.token(ada, |token| token.expires_at = Some(now)).await;
    let random = &*app.stack().context().random;
    let addresses = |listed: &str| AllowedIps::parse(Some(vec![listed.to_owned()])).unwrap();
    let away = app.token(ada, |token| token.allowed_ips = addresses("203.0.113.0/24")).await;
    let here = app.token(ada, |token| token.allowed_ips = addresses("127.0.0.0/8")).await;
    let expired_key = app.key(ada, client, |key| key.expires_at = Some(now)).await;
    let away_of_key = addresses("2001:db8::/32");
    let key_away = app.key(ada, client, |key| key.allowed_ips = away_of_key).await;
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
        row("expired session", gina.visitor, ended_session, None),
        row("forged session", app.visitor().with_session("x"), ended_session, None),
        row("revoked token", bearer(&revoked), invalid, None),
        row("expired token", bearer(&expired), invalid, None),
        row("expired key", bearer(&expired_key), invalid, None),
        row("token elsewhere", bearer(&away), WrongAddress, Some(Role::Owner)),
        row("key elsewhere", bearer(&key_away), WrongAddress, Some(Role::Member)),
        row("token at its address", bearer(&here), Token, Some(Role::Owner)),
        row("unknown token", bearer(unknown.reveal()), invalid, None),
        row("mistyped token", bearer(&good[..good.len() - 1]), invalid, None),
        row("token over session", ada.visitor.clone().with_bearer(&revoked), invalid, None),
        row("admin with an old proof", fay.visitor, StaleSession, Some(Role::Admin)),
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
        row("viewer", vera.visitor.clone(), Session, Some(Role::Viewer)),
        row("viewer's token", bearer(&create_token(&vera, None).await), Token, Some(Role::Viewer)),
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
