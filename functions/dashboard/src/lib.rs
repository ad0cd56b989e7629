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
mod pages;
mod signed_out;
mod unknown;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::slack::SlackClient;
use shared::stripe::Stripe;
use tower::ServiceBuilder;

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
pub fn routes(ctx: &Context, services: Services) -> Router<Context> {
    // One layer of several parts, because a router wraps each of its hundred routes once for each layer.
    let around_pages = ServiceBuilder::new()
        .layer(Extension(services.stripe))
        .layer(Extension(services.blobs))
        .layer(Extension(services.google))
        .layer(Extension(services.slack))
        // The layer of forms has limits of its own. Those of axum are below them for files.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(ctx.clone(), forms::form_layer));
    let pages = pages().layer(around_pages);
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
    use account::security::{passkeys, password, recovery_codes, sessions, turn_off, two_factor};
    use account::{connections, profile, security};
    Router::new()
        .route("/account/profile/email", post(profile::email::request))
        .route("/account/profile/email/confirm", post(profile::email::confirm))
        .route("/account/profile/email/cancel", post(profile::email::cancel))
        .route("/account/profile/export", get(profile::export::export_account))
        .route(
            "/account/profile/delete",
            get(profile::delete::delete_page).post(profile::delete::delete),
        )
        .route("/account/security", get(security::security_page))
        .route("/account/security/password", post(password::change))
        .route(
            "/account/security/passkeys/add",
            get(passkeys::add::add_page).post(passkeys::add::begin),
        )
        .route("/account/security/passkeys/added", post(passkeys::add::added))
        .route("/account/security/passkeys/decline-offer", post(passkeys::decline_offer::decline))
        .route("/account/security/passkeys/{passkey_id}/rename", post(passkeys::rename::rename))
        .route(
            "/account/security/passkeys/{passkey_id}/remove",
            get(passkeys::remove::remove_page).post(passkeys::remove::remove),
        )
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
    let router = organization_pages(account_pages(signed_out_pages()));
    billing_pages(project_pages(router))
        .route("/", get(account::home::to_dashboard))
        .route("/account", get(account::home::home))
        .route("/account/sign-out", post(account::sign_out::sign_out))
        .route("/account/profile", get(account::profile::profile_page))
        .route("/account/profile/name", post(account::profile::change_name))
        .route("/account/profile/details", post(account::profile::change_details))
        .merge(person_pages())
        .route("/account/{*page}", any(pages::no_such_page))
}

/// Adds the pages of the account about organizations, tokens, keys, activity and notifications.
fn account_pages(pages: Router<Context>) -> Router<Context> {
    use account::organizations::{answer_invitation, create, page, restore};
    use account::{activity, api_keys, device, notifications, tokens};
    pages
        .route(
            "/account/organizations",
            get(page::organizations_page).post(create::create_organization),
        )
        .route(
            "/account/organizations/invitations/accept",
            post(answer_invitation::accept_invitation),
        )
        .route(
            "/account/organizations/invitations/decline",
            post(answer_invitation::decline_invitation),
        )
        .route("/account/organizations/restore", post(restore::restore_organization))
        .route("/account/tokens", get(tokens::page::tokens_page).post(tokens::create::create_token))
        .route(
            "/account/tokens/{token_id}/revoke",
            get(tokens::revoke::revoke_page).post(tokens::revoke::revoke_token),
        )
        .route(
            "/account/device",
            get(device::page::device_page).post(device::look_up::look_up_code),
        )
        .route("/account/device/approve", post(device::answer::approve_request))
        .route("/account/device/deny", post(device::answer::deny_request))
        .route("/account/device/approved", get(device::answered::approved_page))
        .route("/account/device/denied", get(device::answered::denied_page))
        .route("/account/api-keys", get(api_keys::all_keys_page))
        .route("/account/activity", get(activity::activity_page))
        .route(
            "/account/notifications",
            get(notifications::page::notifications_page)
                .post(notifications::channels::change_channels),
        )
        .route("/account/notifications/slack", post(notifications::slack::set_webhook))
        .route("/account/notifications/slack/test", post(notifications::slack::test_webhook))
        .route(
            "/account/notifications/slack/remove",
            get(notifications::slack::remove_page).post(notifications::slack::remove_webhook),
        )
}

/// Adds the overview, team, API keys, activity and settings of an organization.
fn organization_pages(pages: Router<Context>) -> Router<Context> {
    use organizations::{activity, api_keys, overview, settings, team};
    const ORGANIZATION: &str = "/account/organizations/{client_id}";
    let team_at = |part: &str| format!("{ORGANIZATION}/team{part}");
    let keys_at = |part: &str| format!("{ORGANIZATION}/api-keys{part}");
    let settings_at = |part: &str| format!("{ORGANIZATION}/settings{part}");
    pages
        .route(ORGANIZATION, get(overview::overview_page))
        .route(&team_at(""), get(team::page::team_page))
        .route(&team_at("/invite"), post(team::invite::invite_person))
        .route(
            &team_at("/invitations/{invitation_id}/resend"),
            post(team::resend::resend_invitation),
        )
        .route(
            &team_at("/invitations/{invitation_id}/revoke"),
            get(team::revoke::revoke_page).post(team::revoke::revoke_invitation),
        )
        .route(&team_at("/members/{user_id}/role"), post(team::change_role::change_member_role))
        .route(
            &team_at("/members/{user_id}/remove"),
            get(team::remove::remove_page).post(team::remove::remove_member),
        )
        .route(
            &team_at("/transfer"),
            get(team::transfer::transfer_page).post(team::transfer::transfer_organization),
        )
        .route(
            &team_at("/leave"),
            get(team::leave::leave_page).post(team::leave::leave_organization),
        )
        .route(&keys_at(""), get(api_keys::page::keys_page).post(api_keys::create::create_key))
        .route(
            &keys_at("/{key_id}/rotate"),
            get(api_keys::rotate::rotate_page).post(api_keys::rotate::rotate_key),
        )
        .route(
            &keys_at("/{key_id}/revoke"),
            get(api_keys::revoke::revoke_page).post(api_keys::revoke::revoke_key),
        )
        .route(&format!("{ORGANIZATION}/activity"), get(activity::activity_page))
        .route(&settings_at(""), get(settings::page::settings_page))
        .route(&settings_at("/name"), post(settings::rename::rename_organization))
        .route(&settings_at("/two-factor"), post(settings::two_factor::change_two_factor_policy))
        .route(
            &settings_at("/delete"),
            get(settings::delete::delete_page).post(settings::delete::delete_organization),
        )
}

/// Adds the pages of projects and files.
fn project_pages(pages: Router<Context>) -> Router<Context> {
    use organizations::{artifacts, projects};
    const PROJECTS: &str = "/account/organizations/{client_id}/projects";
    const ARTIFACTS: &str = "/account/organizations/{client_id}/artifacts";
    let project = |part: &str| format!("{PROJECTS}/{{project_id}}{part}");
    let artifact = |part: &str| format!("{ARTIFACTS}/{{artifact_id}}{part}");
    pages
        .route(PROJECTS, get(projects::list::projects_page))
        .route(&format!("{PROJECTS}/create"), post(projects::list::create_project))
        .route(&project(""), get(projects::project::project_page))
        .route(&project("/details"), post(projects::details::change_details))
        .route(
            &project("/brief"),
            get(projects::brief::brief_page).post(projects::brief::write_brief),
        )
        .route(&project("/upload"), post(projects::upload::upload_file))
        .route(&project("/runs"), get(projects::runs::runs_page))
        .route(&project("/fork"), post(projects::fork::fork_project))
        .route(
            &project("/delete"),
            get(projects::delete::delete_page).post(projects::delete::delete_project),
        )
        .route(ARTIFACTS, get(artifacts::list::artifacts_page))
        .route(&artifact(""), get(artifacts::artifact::artifact_page))
        .route(&artifact("/download"), get(artifacts::download::download))
        .route(
            &artifact("/delete"),
            get(artifacts::delete::delete_page).post(artifacts::delete::delete_version),
        )
}

/// Adds the pages of usage and billing.
fn billing_pages(pages: Router<Context>) -> Router<Context> {
    use organizations::{billing, usage};
    const USAGE: &str = "/account/organizations/{client_id}/usage";
    const BILLING: &str = "/account/organizations/{client_id}/billing";
    let below = |part: &str| format!("{BILLING}/{part}");
    pages
        .route(USAGE, get(usage::usage_page))
        .route(&format!("{USAGE}/daily.csv"), get(usage::usage_csv))
        .route(BILLING, get(billing::overview::billing_page))
        .route(&below("checkout"), post(billing::checkout::begin_subscription))
        .route(
            &below("plan"),
            get(billing::change_plan::preview_page).post(billing::change_plan::change),
        )
        .route(&below("cancel"), get(billing::cancel::cancel_page).post(billing::cancel::cancel))
        .route(&below("resume"), post(billing::cancel::resume))
        .route(&below("top-up"), post(billing::top_up::buy_credits))
        .route(&below("card"), post(billing::set_up_card::add_card))
        .route(&below("portal"), post(billing::portal::open_portal))
        .route(
            &below("cards/{payment_method_id}/default"),
            post(billing::default_card::make_default),
        )
        .route(
            &below("cards/{payment_method_id}/remove"),
            get(billing::remove_card::remove_page).post(billing::remove_card::remove),
        )
        .route(&below("transactions"), get(billing::transactions::transactions_page))
        .route(&below("transactions.csv"), get(billing::transactions::transactions_csv))
        .route(&below("invoices/{invoice_id}/pdf"), get(billing::invoice_pdf::invoice_pdf))
}

shared::routes! {
    /// Returns the routes that the OpenAPI document describes.
    fn documented() -> Router<Context>;

    GET "/v1/health" => health::health;
    GET "/v1/openapi.json" => openapi::openapi;
    GET "/v1/docs" => docs::docs;
    GET "/v1/email/undo" => old_links::undo_email_page;
    GET "/v1/account/not-me" => old_links::not_me_page;
    GET "/v1/invitations/accept" => old_links::accept_invitation_page;
}
