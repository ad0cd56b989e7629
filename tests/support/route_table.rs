//! Every route with the credential that it requires.

use serde_json::{Value, json};
use shared::organizations::rights::Right;

use self::Needs::{
    Any, Bearer, Exchange, In, KeyOf, Nothing, Person, RecentSession, RecentSessionIn, Session,
    SessionIn,
};

/// The credential that a route requires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needs {
    /// No credential; a credential that is sent is ignored.
    Nothing,
    /// A session, a token or an API key.
    Any,
    /// A token or an API key.
    Bearer,
    /// A token or an API key; a session is refused as one.
    Exchange,
    /// A user: a session, or a token that is not restricted to one organization.
    Person,
    /// The session of a user.
    Session,
    /// A user or key with a right in the organization of the path.
    In(Right),
    /// A session of a user with a right in the organization of the path.
    SessionIn(Right),
    /// A session with a recent proof of identity.
    RecentSession,
    /// A session with a recent proof of identity, of a user with a right in the organization of the path.
    RecentSessionIn(Right),
    /// An API key of the organization of the path.
    KeyOf,
}

/// A route: method, path, required credential, and a body that passes the credential check.
///
/// The body changes nothing that another row needs. `{client_id}` in it is replaced as in the path.
pub type Route = (&'static str, &'static str, Needs, Option<Value>);

/// Returns all routes.
pub fn routes() -> Vec<Route> {
    [
        account_routes(),
        organization_routes(),
        credential_routes(),
        project_routes(),
        billing_routes(),
    ]
    .into_iter()
    .flatten()
    .chain([
        // Stripe authenticates with a signature.
        ("post", "/v1/webhooks/stripe", Nothing, Some(json!({}))),
        ("get", "/v1/health", Nothing, None),
        ("get", "/v1/openapi.json", Nothing, None),
        ("get", "/v1/docs", Nothing, None),
    ])
    .collect()
}

fn account_routes() -> Vec<Route> {
    let change = json!({"current_password": crate::PASSWORD, "new_password": crate::PASSWORD});
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
        ("delete", "/v1/me/email", Session, None),
        ("post", "/v1/me/email/confirm", Session, Some(json!({}))),
        ("post", "/v1/email/undo", Nothing, Some(json!({}))),
        ("get", "/v1/email/undo", Nothing, None),
        ("post", "/v1/account/not-me", Nothing, Some(json!({}))),
        ("get", "/v1/account/not-me", Nothing, None),
        ("get", "/v1/2fa/status", Session, None),
        ("post", "/v1/2fa/setup", RecentSession, None),
        ("post", "/v1/2fa/enable", RecentSession, Some(json!({"code": "123456"}))),
        ("post", "/v1/2fa/disable", Session, Some(json!({}))),
        ("post", "/v1/2fa/recovery-codes", Session, Some(json!({}))),
        ("post", "/v1/2fa/login", Nothing, Some(json!({}))),
        ("get", "/v1/passkeys", Session, None),
        // It needs a recent proof too, once the body is valid.
        ("post", "/v1/passkeys", Session, Some(json!({}))),
        ("post", "/v1/passkeys/options", RecentSession, None),
        ("post", "/v1/passkeys/login", Nothing, Some(json!({}))),
        ("post", "/v1/passkeys/login/options", Nothing, Some(json!({"challenge_token": 1}))),
        ("post", "/v1/passkeys/reauthenticate", Session, Some(json!({}))),
        ("post", "/v1/passkeys/reauthenticate/options", Session, None),
        ("patch", "/v1/passkeys/{passkey_id}", Session, Some(json!({"name": "x"}))),
        ("delete", "/v1/passkeys/{passkey_id}", RecentSession, None),
        ("get", "/v1/me/sessions", Session, None),
        ("delete", "/v1/me/sessions", Session, None),
        ("delete", "/v1/me/sessions/{id}", Session, None),
        ("post", "/v1/me/reauthenticate", Session, Some(json!({}))),
        ("get", "/v1/me/connections", Person, None),
        ("delete", "/v1/me/connections/google", RecentSession, None),
        ("get", "/v1/me/activity", Person, None),
        ("post", "/v1/me/email/retry", Session, None),
        ("get", "/v1/me/notifications", Session, None),
        ("put", "/v1/me/notifications", Session, Some(json!({"usage_alerts": "none"}))),
        ("post", "/v1/me/notifications/test", Session, None),
    ]
}

fn organization_routes() -> Vec<Route> {
    let nobody = "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    // Has the form of an invitation token.
    let unknown = "A".repeat(86);
    let transfer = json!({"user_id": nobody, "password": crate::PASSWORD});
    vec![
        ("get", "/v1/clients", Any, None),
        ("post", "/v1/clients", Person, Some(json!({"name": "Another"}))),
        ("get", "/v1/clients/{client_id}", In(Right::View), None),
        ("patch", "/v1/clients/{client_id}", In(Right::Rename), Some(json!({"name": "Engines"}))),
        (
            "delete",
            "/v1/clients/{client_id}",
            RecentSessionIn(Right::Delete),
            Some(json!({"confirm": "no"})),
        ),
        ("get", "/v1/clients/{client_id}/members", In(Right::View), None),
        (
            "patch",
            "/v1/clients/{client_id}/members/{user_id}",
            RecentSessionIn(Right::ManageMembers),
            Some(json!({"role": "admin"})),
        ),
        (
            "delete",
            "/v1/clients/{client_id}/members/{user_id}",
            RecentSessionIn(Right::ManageMembers),
            None,
        ),
        ("post", "/v1/clients/{client_id}/restore", RecentSessionIn(Right::Delete), None),
        ("post", "/v1/clients/{client_id}/leave", SessionIn(Right::Leave), None),
        ("post", "/v1/clients/{client_id}/transfer", SessionIn(Right::Transfer), Some(transfer)),
        ("get", "/v1/clients/{client_id}/invitations", In(Right::ManageMembers), None),
        (
            "post",
            "/v1/clients/{client_id}/invitations",
            RecentSessionIn(Right::ManageMembers),
            Some(json!({"email": "grace@example.com", "role": "member"})),
        ),
        (
            "delete",
            "/v1/clients/{client_id}/invitations/{invitation_id}",
            SessionIn(Right::ManageMembers),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/invitations/{invitation_id}/resend",
            RecentSessionIn(Right::ManageMembers),
            None,
        ),
        ("get", "/v1/invitations", Person, None),
        ("post", "/v1/invitations/preview", Nothing, Some(json!({}))),
        ("get", "/v1/invitations/accept", Nothing, None),
        ("post", "/v1/invitations/accept", Person, Some(json!({"token": unknown}))),
        ("post", "/v1/invitations/decline", Person, Some(json!({"token": unknown}))),
        ("get", "/v1/clients/{client_id}/activity", In(Right::ViewActivity), None),
        ("get", "/v1/clients/{client_id}/activity.csv", In(Right::ViewActivity), None),
        ("get", "/v1/clients/{client_id}/usage", In(Right::ViewUsage), None),
    ]
}

fn credential_routes() -> Vec<Route> {
    vec![
        ("get", "/v1/tokens", Session, None),
        ("post", "/v1/tokens", RecentSession, Some(json!({"token_name": "x"}))),
        ("post", "/v1/tokens/revoke", Session, Some(json!({"id": 4711}))),
        // These take a form, and answer in the same way with each credential and without one.
        ("post", "/v1/auth/device/code", Nothing, Some(json!({}))),
        ("post", "/v1/auth/device/token", Nothing, Some(json!({}))),
        ("get", "/v1/token", Bearer, None),
        ("post", "/v1/token/exchange", Exchange, Some(json!({"audience": "runs"}))),
        ("get", "/.well-known/jwks.json", Nothing, None),
        ("get", "/v1/api-keys", Session, None),
        ("get", "/v1/clients/{client_id}/api-keys", SessionIn(Right::ManageKeys), None),
        (
            "post",
            "/v1/clients/{client_id}/api-keys",
            RecentSessionIn(Right::ManageKeys),
            Some(json!({"name": "x"})),
        ),
        (
            "post",
            "/v1/clients/{client_id}/api-keys/{key_id}/rotate",
            RecentSessionIn(Right::ManageKeys),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/api-keys/{key_id}/revoke",
            SessionIn(Right::ManageKeys),
            None,
        ),
    ]
}

fn project_routes() -> Vec<Route> {
    vec![
        ("get", "/v1/projects", In(Right::ViewProjects), None),
        (
            "post",
            "/v1/projects",
            In(Right::ManageProjects),
            Some(json!({"org_id": "{client_id}", "name": "Churn"})),
        ),
        ("get", "/v1/projects/{project_id}", In(Right::ViewProjects), None),
        (
            "patch",
            "/v1/projects/{project_id}",
            In(Right::ManageProjects),
            Some(json!({"name": "Model"})),
        ),
        ("delete", "/v1/projects/{project_id}", In(Right::ManageProjects), None),
        ("get", "/v1/projects/{project_id}/brief", In(Right::ViewProjects), None),
        (
            "put",
            "/v1/projects/{project_id}/brief",
            In(Right::ManageProjects),
            Some(json!({"content": "x"})),
        ),
        ("post", "/v1/projects/{project_id}/fork", In(Right::ManageProjects), None),
        ("get", "/v1/projects/{project_id}/reports", In(Right::ViewProjects), None),
        ("get", "/v1/projects/{project_id}/runs", In(Right::ViewProjects), None),
        (
            "post",
            "/v1/projects/{project_id}/runs",
            In(Right::ManageProjects),
            Some(json!({"kind": "manual", "name": "Nightly tests"})),
        ),
        ("get", "/v1/runs/{run_id}", In(Right::ViewProjects), None),
        (
            "patch",
            "/v1/runs/{run_id}",
            In(Right::ManageProjects),
            Some(json!({"status": "succeeded"})),
        ),
        ("get", "/v1/artifacts", In(Right::ViewProjects), None),
        (
            "post",
            "/v1/artifacts",
            In(Right::ManageProjects),
            Some(json!({"org_id": "{client_id}", "path": "a", "content_base64": "eA=="})),
        ),
        ("get", "/v1/artifacts/{artifact_id}", In(Right::ViewProjects), None),
        ("delete", "/v1/artifacts/{artifact_id}", In(Right::ManageProjects), None),
        ("get", "/v1/artifacts/{artifact_id}/versions", In(Right::ViewProjects), None),
        ("post", "/v1/artifacts/{artifact_id}/complete", In(Right::ManageProjects), None),
    ]
}

fn billing_routes() -> Vec<Route> {
    vec![
        ("get", "/v1/plans", Nothing, None),
        ("get", "/v1/clients/{client_id}/subscription", In(Right::ManageBilling), None),
        (
            "post",
            "/v1/clients/{client_id}/subscription/checkout",
            SessionIn(Right::ManageBilling),
            Some(json!({"price_id": "x", "success_url": "{site}/", "cancel_url": "{site}/"})),
        ),
        (
            "get",
            "/v1/clients/{client_id}/subscription/change",
            SessionIn(Right::ManageBilling),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/subscription/change",
            SessionIn(Right::ManageBilling),
            Some(json!({"price_id": "x"})),
        ),
        (
            "post",
            "/v1/clients/{client_id}/subscription/cancel",
            SessionIn(Right::ManageBilling),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/subscription/resume",
            SessionIn(Right::ManageBilling),
            None,
        ),
        ("get", "/v1/clients/{client_id}/credits", In(Right::ViewCredits), None),
        ("get", "/v1/clients/{client_id}/credits/transactions", In(Right::ViewCredits), None),
        (
            "post",
            "/v1/clients/{client_id}/credits/topup",
            SessionIn(Right::ManageBilling),
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
            SessionIn(Right::ManageBilling),
            Some(json!({"return_url": "{site}/"})),
        ),
        ("get", "/v1/clients/{client_id}/payment-methods", In(Right::ManageBilling), None),
        (
            "post",
            "/v1/clients/{client_id}/payment-methods/setup",
            SessionIn(Right::ManageBilling),
            Some(json!({"success_url": "{site}/", "cancel_url": "{site}/"})),
        ),
        (
            "delete",
            "/v1/clients/{client_id}/payment-methods/{payment_method_id}",
            SessionIn(Right::ManageBilling),
            None,
        ),
        (
            "post",
            "/v1/clients/{client_id}/payment-methods/{payment_method_id}/default",
            SessionIn(Right::ManageBilling),
            None,
        ),
        ("get", "/v1/clients/{client_id}/invoices", In(Right::ManageBilling), None),
        (
            "get",
            "/v1/clients/{client_id}/invoices/{invoice_id}/pdf",
            In(Right::ManageBilling),
            None,
        ),
    ]
}
