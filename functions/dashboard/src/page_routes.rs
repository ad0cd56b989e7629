//! The routes of the pages.

use axum::routing::{any, get, post};
use shared::context::Context;
use shared::http::{Route, Routes};

use crate::{account, organizations, pages, signed_out};

/// The name of this crate, which its metrics have.
pub(crate) const SERVICE: &str = env!("CARGO_PKG_NAME");

/// Returns the routes of the pages, without layers.
pub(crate) fn page_routes() -> Routes<Context> {
    [HOME, PERSON, ACCOUNT, ORGANIZATION, PROJECTS, BILLING]
        .into_iter()
        .map(|routes| Routes::new(SERVICE, routes))
        .fold(Routes::new(SERVICE, SIGNED_OUT), Routes::merge)
}

/// Pages that a person sees without being signed in.
const SIGNED_OUT: &[Route<Context>] = {
    use signed_out::{
        forgot_password, invitation, moved, not_me, reset_password, restore, sign_in, sign_up,
        two_factor, undo_email, verify_email,
    };
    &[
        Route::new("/account/signin", || get(moved::sign_in)),
        Route::new("/account/signup", || get(moved::sign_up)),
        Route::new("/account/verify", || get(moved::verify_email)),
        Route::new("/account/sign-up", || get(sign_up::sign_up_page).post(sign_up::submit)),
        Route::new("/account/verify-email", || {
            get(verify_email::verify_email_page).post(verify_email::submit)
        }),
        Route::new("/account/verify-email/resend", || post(verify_email::resend)),
        Route::new("/account/sign-in", || get(sign_in::sign_in_page).post(sign_in::submit)),
        Route::new("/account/two-factor", || {
            get(two_factor::two_factor_page).post(two_factor::submit)
        }),
        Route::new("/account/forgot-password", || {
            get(forgot_password::forgot_password_page).post(forgot_password::submit)
        }),
        Route::new("/account/reset-password", || {
            get(reset_password::reset_password_page).post(reset_password::submit)
        }),
        Route::new("/account/undo-email", || {
            get(undo_email::undo_email_page).post(undo_email::submit)
        }),
        Route::new("/account/not-me", || get(not_me::not_me_page).post(not_me::submit)),
        Route::new("/account/restore", || get(restore::restore_page).post(restore::submit)),
        Route::new("/account/invitations/accept", || {
            get(invitation::invitation_page).post(invitation::submit_accept)
        }),
        Route::new("/account/invitations/decline", || post(invitation::submit_decline)),
    ]
};

/// The start page, sign-out, and the profile.
const HOME: &[Route<Context>] = &[
    Route::new("/", || get(account::home::to_dashboard)),
    Route::new("/account", || get(account::home::home)),
    Route::new("/account/sign-out", || post(account::sign_out::sign_out)),
    Route::new("/account/profile", || get(account::profile::profile_page)),
    Route::new("/account/profile/name", || post(account::profile::change_name)),
    Route::new("/account/profile/details", || post(account::profile::change_details)),
    Route::new("/account/{*page}", || any(pages::no_such_page)),
];

/// Pages about the person's own account: address, deletion, security, connections.
const PERSON: &[Route<Context>] = {
    use account::security::{
        passkeys, password, recovery_codes, sessions, stop_reset, turn_off, two_factor,
    };
    use account::{connections, profile, security};
    &[
        Route::new("/account/profile/email", || post(profile::email::request)),
        Route::new("/account/profile/email/confirm", || post(profile::email::confirm)),
        Route::new("/account/profile/email/cancel", || post(profile::email::cancel)),
        Route::new("/account/profile/email/retry", || post(profile::email::retry)),
        Route::new("/account/profile/export", || get(profile::export::export_account)),
        Route::new("/account/profile/delete", || {
            get(profile::delete::delete_page).post(profile::delete::delete)
        }),
        Route::new("/account/security", || get(security::security_page)),
        Route::new("/account/security/password", || post(password::change)),
        Route::new("/account/security/passkeys/add", || {
            get(passkeys::add::add_page).post(passkeys::add::begin)
        }),
        Route::new("/account/security/passkeys/added", || post(passkeys::add::added)),
        Route::new("/account/security/passkeys/decline-offer", || {
            post(passkeys::decline_offer::decline)
        }),
        Route::new("/account/security/passkeys/{passkey_id}/rename", || {
            post(passkeys::rename::rename)
        }),
        Route::new("/account/security/passkeys/{passkey_id}/remove", || {
            get(passkeys::remove::remove_page).post(passkeys::remove::remove)
        }),
        Route::new("/account/security/two-factor", || {
            get(two_factor::two_factor_page).post(two_factor::start)
        }),
        Route::new("/account/security/two-factor/enable", || post(two_factor::enable)),
        Route::new("/account/security/two-factor/stop-reset", || post(stop_reset::stop)),
        Route::new("/account/security/two-factor/turn-off", || {
            get(turn_off::turn_off_page).post(turn_off::turn_off)
        }),
        Route::new("/account/security/recovery-codes", || {
            get(recovery_codes::recovery_codes_page).post(recovery_codes::replace)
        }),
        Route::new("/account/security/recovery-codes.txt", || post(recovery_codes::download)),
        Route::new("/account/security/recovery-codes/saved", || post(recovery_codes::saved)),
        Route::new("/account/security/sessions/end-others", || post(sessions::end_others)),
        Route::new("/account/security/sessions/{session_id}/end", || post(sessions::end)),
        Route::new("/account/connections", || get(connections::connections_page)),
        Route::new("/account/connections/confirm", || post(connections::confirm)),
        Route::new("/account/connections/google/disconnect", || {
            get(connections::disconnect_page).post(connections::disconnect)
        }),
    ]
};

/// Pages of the account about organizations, tokens, keys, activity and notifications.
const ACCOUNT: &[Route<Context>] = {
    use account::organizations::{answer_invitation, create, page, restore};
    use account::{activity, api_keys, device, notifications, tokens};
    &[
        Route::new("/account/organizations", || {
            get(page::organizations_page).post(create::create_organization)
        }),
        Route::new("/account/organizations/invitations/accept", || {
            post(answer_invitation::accept_invitation)
        }),
        Route::new("/account/organizations/invitations/decline", || {
            post(answer_invitation::decline_invitation)
        }),
        Route::new("/account/organizations/restore", || post(restore::restore_organization)),
        Route::new("/account/tokens", || {
            get(tokens::page::tokens_page).post(tokens::create::create_token)
        }),
        Route::new("/account/tokens/{token_id}/revoke", || {
            get(tokens::revoke::revoke_page).post(tokens::revoke::revoke_token)
        }),
        Route::new("/account/device", || {
            get(device::page::device_page).post(device::look_up::look_up_code)
        }),
        Route::new("/account/device/approve", || post(device::answer::approve_request)),
        Route::new("/account/device/deny", || post(device::answer::deny_request)),
        Route::new("/account/device/approved", || get(device::answered::approved_page)),
        Route::new("/account/device/denied", || get(device::answered::denied_page)),
        Route::new("/account/api-keys", || get(api_keys::all_keys_page)),
        Route::new("/account/activity", || get(activity::activity_page)),
        Route::new("/account/notifications", || {
            get(notifications::page::notifications_page)
                .post(notifications::channels::change_channels)
        }),
        Route::new("/account/notifications/slack", || post(notifications::slack::set_webhook)),
        Route::new("/account/notifications/slack/test", || {
            post(notifications::slack::test_webhook)
        }),
        Route::new("/account/notifications/slack/remove", || {
            get(notifications::slack::remove_page).post(notifications::slack::remove_webhook)
        }),
    ]
};

/// The overview, team, API keys, activity and settings of an organization.
const ORGANIZATION: &[Route<Context>] = {
    use organizations::{activity, api_keys, overview, settings, team};
    &[
        Route::new("/account/organizations/{client_id}", || get(overview::overview_page)),
        Route::new("/account/organizations/{client_id}/team", || get(team::page::team_page)),
        Route::new("/account/organizations/{client_id}/team/invite", || {
            post(team::invite::invite_person)
        }),
        Route::new(
            "/account/organizations/{client_id}/team/invitations/{invitation_id}/resend",
            || post(team::resend::resend_invitation),
        ),
        Route::new(
            "/account/organizations/{client_id}/team/invitations/{invitation_id}/revoke",
            || get(team::revoke::revoke_page).post(team::revoke::revoke_invitation),
        ),
        Route::new("/account/organizations/{client_id}/team/members/{user_id}/role", || {
            post(team::change_role::change_member_role)
        }),
        Route::new("/account/organizations/{client_id}/team/members/{user_id}/remove", || {
            get(team::remove::remove_page).post(team::remove::remove_member)
        }),
        Route::new("/account/organizations/{client_id}/team/transfer", || {
            get(team::transfer::transfer_page).post(team::transfer::transfer_organization)
        }),
        Route::new("/account/organizations/{client_id}/team/leave", || {
            get(team::leave::leave_page).post(team::leave::leave_organization)
        }),
        Route::new("/account/organizations/{client_id}/api-keys", || {
            get(api_keys::page::keys_page).post(api_keys::create::create_key)
        }),
        Route::new("/account/organizations/{client_id}/api-keys/{key_id}/rotate", || {
            get(api_keys::rotate::rotate_page).post(api_keys::rotate::rotate_key)
        }),
        Route::new("/account/organizations/{client_id}/api-keys/{key_id}/revoke", || {
            get(api_keys::revoke::revoke_page).post(api_keys::revoke::revoke_key)
        }),
        Route::new("/account/organizations/{client_id}/activity", || get(activity::activity_page)),
        Route::new("/account/organizations/{client_id}/settings", || {
            get(settings::page::settings_page)
        }),
        Route::new("/account/organizations/{client_id}/settings/name", || {
            post(settings::rename::rename_organization)
        }),
        Route::new("/account/organizations/{client_id}/settings/two-factor", || {
            post(settings::two_factor::change_two_factor_policy)
        }),
        Route::new("/account/organizations/{client_id}/settings/delete", || {
            get(settings::delete::delete_page).post(settings::delete::delete_organization)
        }),
    ]
};

/// Pages of projects and files.
const PROJECTS: &[Route<Context>] = {
    use organizations::{artifacts, projects};
    &[
        Route::new("/account/organizations/{client_id}/projects", || {
            get(projects::list::projects_page)
        }),
        Route::new("/account/organizations/{client_id}/projects/create", || {
            post(projects::list::create_project)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}", || {
            get(projects::project::project_page)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/details", || {
            post(projects::details::change_details)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/brief", || {
            get(projects::brief::brief_page).post(projects::brief::write_brief)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/upload", || {
            post(projects::upload::upload_file)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/runs", || {
            get(projects::runs::runs_page)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/fork", || {
            post(projects::fork::fork_project)
        }),
        Route::new("/account/organizations/{client_id}/projects/{project_id}/delete", || {
            get(projects::delete::delete_page).post(projects::delete::delete_project)
        }),
        Route::new("/account/organizations/{client_id}/artifacts", || {
            get(artifacts::list::artifacts_page)
        }),
        Route::new("/account/organizations/{client_id}/artifacts/{artifact_id}", || {
            get(artifacts::artifact::artifact_page)
        }),
        Route::new("/account/organizations/{client_id}/artifacts/{artifact_id}/download", || {
            get(artifacts::download::download)
        }),
        Route::new("/account/organizations/{client_id}/artifacts/{artifact_id}/delete", || {
            get(artifacts::delete::delete_page).post(artifacts::delete::delete_version)
        }),
    ]
};

/// Pages of usage and billing.
const BILLING: &[Route<Context>] = {
    use organizations::{billing, usage};
    &[
        Route::new("/account/organizations/{client_id}/usage", || get(usage::usage_page)),
        Route::new("/account/organizations/{client_id}/usage/daily.csv", || get(usage::usage_csv)),
        Route::new("/account/organizations/{client_id}/billing", || {
            get(billing::overview::billing_page)
        }),
        Route::new("/account/organizations/{client_id}/billing/checkout", || {
            post(billing::checkout::begin_subscription)
        }),
        Route::new("/account/organizations/{client_id}/billing/plan", || {
            get(billing::change_plan::preview_page).post(billing::change_plan::change)
        }),
        Route::new("/account/organizations/{client_id}/billing/cancel", || {
            get(billing::cancel::cancel_page).post(billing::cancel::cancel)
        }),
        Route::new("/account/organizations/{client_id}/billing/resume", || {
            post(billing::cancel::resume)
        }),
        Route::new("/account/organizations/{client_id}/billing/top-up", || {
            post(billing::top_up::buy_credits)
        }),
        Route::new("/account/organizations/{client_id}/billing/card", || {
            post(billing::set_up_card::add_card)
        }),
        Route::new("/account/organizations/{client_id}/billing/pay", || get(billing::pay::pay)),
        Route::new("/account/organizations/{client_id}/billing/portal", || {
            post(billing::portal::open_portal)
        }),
        Route::new(
            "/account/organizations/{client_id}/billing/cards/{payment_method_id}/default",
            || post(billing::default_card::make_default),
        ),
        Route::new(
            "/account/organizations/{client_id}/billing/cards/{payment_method_id}/remove",
            || get(billing::remove_card::remove_page).post(billing::remove_card::remove),
        ),
        Route::new("/account/organizations/{client_id}/billing/transactions", || {
            get(billing::transactions::transactions_page)
        }),
        Route::new("/account/organizations/{client_id}/billing/transactions.csv", || {
            get(billing::transactions::transactions_csv)
        }),
        Route::new("/account/organizations/{client_id}/billing/invoices/{invoice_id}/pdf", || {
            get(billing::invoice_pdf::invoice_pdf)
        }),
    ]
};
