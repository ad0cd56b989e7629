//! The Lambda function for the dashboard, the health check, the OpenAPI document, and responses to unknown paths.

mod account;
mod assets;
mod docs;
mod filters;
mod forms;
mod health;
mod old_links;
mod openapi;
mod organizations;
mod page_routes;
mod pages;
mod signed_out;
mod unknown;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::http::{Route, Routes};
use shared::slack::SlackClient;
use shared::stripe::Stripe;
use tower::ServiceBuilder;

use page_routes::{SERVICE, page_routes};

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
    /// The client of Slack.
    pub slack: Arc<SlackClient>,
}

/// Returns the function's routes. The health check, the OpenAPI document and the API reference also answer at the
/// root, where monitors and people look for them. Pages for people are below `/account`. The catch-all answers every
/// request that matches no other route of the gateway.
pub fn routes(ctx: &Context, services: Services) -> Routes<Context> {
    let ctx = ctx.clone();
    let around_page = move |router: Router<Context>| {
        let services = services.clone();
        let layers = ServiceBuilder::new()
            .layer(Extension(services.stripe))
            .layer(Extension(services.blobs))
            .layer(Extension(services.google))
            .layer(Extension(services.slack))
            // The layer of forms has limits of its own. Those of axum are below them for files.
            .layer(DefaultBodyLimit::disable())
            .layer(middleware::from_fn_with_state(ctx.clone(), forms::form_layer));
        router.layer(layers)
    };
    page_routes().layer(around_page).merge(documented()).merge(Routes::new(SERVICE, OTHERS))
}

/// Paths that the OpenAPI document does not describe for this function.
const OTHERS: &[Route<Context>] = &[
    // Other functions serve the other methods of these paths.
    Route::new("/v1/email/undo", || any(unknown::unknown)),
    Route::new("/v1/account/not-me", || any(unknown::unknown)),
    Route::new("/v1/invitations/accept", || any(unknown::unknown)),
    Route::new("/health", || get(health::health)),
    Route::new("/openapi.json", || get(openapi::openapi)),
    Route::new("/docs", || get(docs::docs)),
    Route::new("/account/assets/{name}", || get(assets::asset)),
    Route::new("/{*path}", || any(unknown::unknown)),
];

shared::routes! {
    /// Returns the routes that the OpenAPI document describes.
    fn documented() -> Routes<Context>;

    GET "/v1/health" => health::health;
    GET "/v1/openapi.json" => openapi::openapi;
    GET "/v1/docs" => docs::docs;
    GET "/v1/email/undo" => old_links::undo_email_page;
    GET "/v1/account/not-me" => old_links::not_me_page;
    GET "/v1/invitations/accept" => old_links::accept_invitation_page;
}
