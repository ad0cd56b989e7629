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
mod signed_out;
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
        .route("/account/assets/{name}", get(assets::asset))
        .merge(pages)
        .route("/{*path}", any(unknown::unknown))
}

/// Returns the routes of the pages that a person sees without being signed in.
fn signed_out_pages() -> Router<Context> {
    use signed_out::{
        forgot_password, invitation, moved, not_me, reset_password, restore, sign_in, sign_up,
        two_factor, undo_email, verify_email,
    };
    Router::new()
        .route("/account/signin", get(moved::sign_in))
        .route("/account/signup", get(moved::sign_up))
        .route("/account/verify", get(moved::verify_email))
        .route("/account/sign-up", get(sign_up::sign_up_page).post(sign_up::submit))
        .route(
            "/account/verify-email",
            get(verify_email::verify_email_page).post(verify_email::submit),
        )
        .route("/account/verify-email/resend", post(verify_email::resend))
        .route("/account/sign-in", get(sign_in::sign_in_page).post(sign_in::submit))
        .route("/account/two-factor", get(two_factor::two_factor_page).post(two_factor::submit))
        .route(
            "/account/forgot-password",
            get(forgot_password::forgot_password_page).post(forgot_password::submit),
        )
        .route(
            "/account/reset-password",
            get(reset_password::reset_password_page).post(reset_password::submit),
        )
        .route("/account/undo-email", get(undo_email::undo_email_page).post(undo_email::submit))
        .route("/account/not-me", get(not_me::not_me_page).post(not_me::submit))
        .route("/account/restore", get(restore::restore_page).post(restore::submit))
        .route(
            "/account/invitations/accept",
            get(invitation::invitation_page).post(invitation::submit_accept),
        )
        .route("/account/invitations/decline", post(invitation::submit_decline))
}

/// Returns the routes of the pages about the person's own account: address, deletion, security, connections.
fn person_pages() -> Router<Context> {
    use account::security::{password, recovery_codes, sessions, turn_off, two_factor};
    use account::{connections, profile, security};
    Router::new()
        .route("/account/profile/email", post(profile::email::request))
        .route("/account/profile/email/confirm", post(profile::email::confirm))
        .route("/account/profile/export", get(profile::export::export_account))
        .route(
            "/account/profile/delete",
            get(profile::delete::delete_page).post(profile::delete::delete),
        )
        .route("/account/security", get(security::security_page))
        .route("/account/security/password", post(password::change))
        .route(
            "/account/security/two-factor",
            get(two_factor::two_factor_page).post(two_factor::start),
        )
        .route("/account/security/two-factor/enable", post(two_factor::enable))
        .route(
            "/account/security/two-factor/turn-off",
            get(turn_off::turn_off_page).post(turn_off::turn_off),
        )
        .route(
            "/account/security/recovery-codes",
            get(recovery_codes::recovery_codes_page).post(recovery_codes::replace),
        )
        .route("/account/security/recovery-codes.txt", post(recovery_codes::download))
        .route("/account/security/recovery-codes/saved", post(recovery_codes::saved))
        .route("/account/security/sessions/end-others", post(sessions::end_others))
        .route("/account/security/sessions/{session_id}/end", post(sessions::end))
        .route("/account/connections", get(connections::connections_page))
        .route("/account/connections/confirm", post(connections::confirm))
        .route(
            "/account/connections/google/disconnect",
            get(connections::disconnect_page).post(connections::disconnect),
        )
}

/// Returns the routes of the pages.
fn pages() -> Router<Context> {
    Router::new()
        .merge(signed_out_pages())
        .route("/", get(account::home::to_dashboard))
        .route("/account", get(account::home::home))
        .route("/account/sign-out", post(account::sign_out::sign_out))
        .route("/account/profile", get(account::profile::profile_page))
        .route("/account/profile/name", post(account::profile::change_name))
        .route("/account/profile/details", post(account::profile::change_details))
        .merge(person_pages())
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
