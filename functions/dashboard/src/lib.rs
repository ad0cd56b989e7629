//! The Lambda function for the dashboard, the health check, the OpenAPI document, and responses to unknown paths.

mod accept_invitation;
mod account;
mod assets;
mod docs;
mod filters;
mod forms;
mod health;
mod not_me;
mod openapi;
mod page;
mod pages;
mod reset_password;
mod undo_email;
mod unknown;

use std::sync::Arc;

use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::stripe::Stripe;

pub use openapi::OPENAPI;

/// The services beside the table that the dashboard's operations call.
#[derive(Clone)]
pub struct Services {
    /// The client of Stripe.
    pub stripe: Stripe,
    /// The store of artifacts' contents.
    pub blobs: BlobStore,
    /// Google as an OpenID provider.
    pub google: Arc<OpenIdProvider>,
}

/// Returns the function's routes. The health check, the OpenAPI document and the API reference also answer at the
/// root, where monitors and people look for them. Pages for people are below `/account`. The catch-all answers every
/// request that matches no other route of the gateway.
pub fn routes(ctx: &Context, services: Services) -> Router<Context> {
    let pages = pages()
        .layer(middleware::from_fn_with_state(ctx.clone(), forms::form_layer))
        .layer(Extension(services.stripe))
        .layer(Extension(services.blobs))
        .layer(Extension(services.google));
    documented()
        // Other functions serve the other methods of these paths.
        .route("/v1/email/undo", any(unknown::unknown))
        .route("/v1/account/not-me", any(unknown::unknown))
        .route("/v1/invitations/accept", any(unknown::unknown))
        .route("/health", get(health::health))
        .route("/openapi.json", get(openapi::openapi))
        .route("/docs", get(docs::docs))
        .route("/account/reset-password", get(reset_password::reset_password_page))
        .route("/account/assets/{name}", get(assets::asset))
        .merge(pages)
        .route("/{*path}", any(unknown::unknown))
}

/// Returns the routes of the pages.
fn pages() -> Router<Context> {
    Router::new()
        .route("/", get(account::home::to_dashboard))
        .route("/account", get(account::home::home))
        .route("/account/sign-out", post(account::sign_out::sign_out))
        .route("/account/profile", get(account::profile::profile_page))
        .route("/account/profile/name", post(account::profile::change_name))
        .route("/account/profile/details", post(account::profile::change_details))
        .route("/account/{*page}", any(pages::no_such_page))
}

shared::routes! {
    /// Returns the routes that the OpenAPI document describes.
    fn documented() -> Router<Context>;

    GET "/v1/health" => health::health;
    GET "/v1/openapi.json" => openapi::openapi;
    GET "/v1/docs" => docs::docs;
    GET "/v1/email/undo" => undo_email::undo_email_page;
    GET "/v1/account/not-me" => not_me::not_me_page;
    GET "/v1/invitations/accept" => accept_invitation::accept_invitation_page;
}
