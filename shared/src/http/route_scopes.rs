//! The scope that each route requires of a bearer token.

use axum::extract::MatchedPath;
use axum::http::Method;
use axum::http::request::Parts;

use crate::tokens::Scope;
use crate::tokens::Scope::{
    ActivityRead, ArtifactsRead, ArtifactsWrite, BillingRead, ClientsRead, ClientsWrite,
    ProjectsRead, ProjectsWrite, RunsWrite, UsageWrite,
};

/// Every route that accepts a bearer token, with the scope that it requires. `None` means that any token may
/// call it. All other routes are public or need a session.
///
/// `tests/checks/scopes.rs` compares the table with the routes and with the OpenAPI document.
pub const ROUTE_SCOPES: [(&str, &str, Option<Scope>); 43] = [
    ("GET", "/v1/me", None),
    ("GET", "/v1/me/connections", None),
    ("GET", "/v1/me/activity", Some(ActivityRead)),
    ("GET", "/v1/token", None),
    ("POST", "/v1/token/exchange", None),
    ("GET", "/v1/clients", Some(ClientsRead)),
    ("POST", "/v1/clients", Some(ClientsWrite)),
    ("GET", "/v1/clients/{client_id}", Some(ClientsRead)),
    ("PATCH", "/v1/clients/{client_id}", Some(ClientsWrite)),
    ("GET", "/v1/clients/{client_id}/members", Some(ClientsRead)),
    ("GET", "/v1/clients/{client_id}/invitations", Some(ClientsRead)),
    ("GET", "/v1/clients/{client_id}/usage", Some(ClientsRead)),
    ("GET", "/v1/clients/{client_id}/activity", Some(ActivityRead)),
    ("GET", "/v1/clients/{client_id}/activity.csv", Some(ActivityRead)),
    ("GET", "/v1/invitations", Some(ClientsRead)),
    ("POST", "/v1/invitations/accept", Some(ClientsWrite)),
    ("POST", "/v1/invitations/decline", Some(ClientsWrite)),
    ("GET", "/v1/projects", Some(ProjectsRead)),
    ("POST", "/v1/projects", Some(ProjectsWrite)),
    ("GET", "/v1/projects/{project_id}", Some(ProjectsRead)),
    ("PATCH", "/v1/projects/{project_id}", Some(ProjectsWrite)),
    ("DELETE", "/v1/projects/{project_id}", Some(ProjectsWrite)),
    ("POST", "/v1/projects/{project_id}/fork", Some(ProjectsWrite)),
    ("GET", "/v1/projects/{project_id}/brief", Some(ProjectsRead)),
    ("PUT", "/v1/projects/{project_id}/brief", Some(ProjectsWrite)),
    ("GET", "/v1/projects/{project_id}/reports", Some(ArtifactsRead)),
    ("GET", "/v1/projects/{project_id}/runs", Some(ProjectsRead)),
    ("POST", "/v1/projects/{project_id}/runs", Some(RunsWrite)),
    ("GET", "/v1/runs/{run_id}", Some(ProjectsRead)),
    ("PATCH", "/v1/runs/{run_id}", Some(RunsWrite)),
    ("GET", "/v1/artifacts", Some(ArtifactsRead)),
    ("POST", "/v1/artifacts", Some(ArtifactsWrite)),
    ("GET", "/v1/artifacts/{artifact_id}", Some(ArtifactsRead)),
    ("DELETE", "/v1/artifacts/{artifact_id}", Some(ArtifactsWrite)),
    ("GET", "/v1/artifacts/{artifact_id}/versions", Some(ArtifactsRead)),
    ("POST", "/v1/artifacts/{artifact_id}/complete", Some(ArtifactsWrite)),
    ("POST", "/v1/clients/{client_id}/usage", Some(UsageWrite)),
    ("GET", "/v1/clients/{client_id}/credits", Some(BillingRead)),
    ("GET", "/v1/clients/{client_id}/credits/transactions", Some(BillingRead)),
    ("GET", "/v1/clients/{client_id}/subscription", Some(BillingRead)),
    ("GET", "/v1/clients/{client_id}/payment-methods", Some(BillingRead)),
    ("GET", "/v1/clients/{client_id}/invoices", Some(BillingRead)),
    ("GET", "/v1/clients/{client_id}/invoices/{invoice_id}/pdf", Some(BillingRead)),
];

/// Returns the scope that the route of a request requires. `HEAD` requires the scope of `GET`.
pub(super) fn required_scope(parts: &Parts) -> Option<Scope> {
    let path = parts.extensions.get::<MatchedPath>()?.as_str();
    let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
    let row = ROUTE_SCOPES.iter().find(|(of, at, _)| *of == method.as_str() && *at == path);
    row.and_then(|(_, _, scope)| *scope)
}
