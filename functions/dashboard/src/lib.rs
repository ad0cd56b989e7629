//! The Lambda function for the health check, the OpenAPI document, HTML pages, and responses to unknown
//! paths.

mod accept_invitation;
mod docs;
mod health;
mod not_me;
mod openapi;
mod page;
mod reset_password;
mod undo_email;
mod unknown;

use axum::Router;
use axum::routing::{any, get};

pub use openapi::OPENAPI;

/// Returns the function's routes. The health check, the OpenAPI document and the API reference also answer at the
/// root, where monitors and people look for them. Pages for people are below `/account`. The catch-all answers every
/// request that matches no other route of the gateway.
pub fn routes() -> Router {
    documented()
        // Other functions serve the other methods of these paths.
        .route("/v1/email/undo", any(unknown::unknown))
        .route("/v1/account/not-me", any(unknown::unknown))
        .route("/v1/invitations/accept", any(unknown::unknown))
        .route("/health", get(health::health))
        .route("/openapi.json", get(openapi::openapi))
        .route("/docs", get(docs::docs))
        .route("/account/reset-password", get(reset_password::reset_password_page))
        .route("/", any(unknown::unknown))
        .route("/{*path}", any(unknown::unknown))
}

shared::routes! {
    /// Returns the routes that the OpenAPI document describes.
    fn documented() -> Router<()>;

    GET "/v1/health" => health::health;
    GET "/v1/openapi.json" => openapi::openapi;
    GET "/v1/docs" => docs::docs;
    GET "/v1/email/undo" => undo_email::undo_email_page;
    GET "/v1/account/not-me" => not_me::not_me_page;
    GET "/v1/invitations/accept" => accept_invitation::accept_invitation_page;
}
