//! The Lambda function for registration, sign-in, and the signed-in user's own account.

mod activity;
mod cancel_email_change;
mod change_email;
mod change_password;
mod change_profile;
mod confirm_email;
mod delete_me;
mod export_me;
mod forgot_password;
mod google;
mod login;
mod logout;
mod me;
mod not_me;
mod notifications;
mod reauthenticate;
mod register;
mod resend_code;
mod reset_password;
mod restore_me;
mod retry_email;
mod sessions;
mod sign_in_response;
mod test_notification;
mod two_factor;
mod undo_email;
mod verify_email;

use std::sync::Arc;

use axum::Extension;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::http::Routes;
use shared::slack::SlackClient;

/// Returns the function's routes with the OpenID provider and the client of Slack as extensions.
pub fn routes(provider: OpenIdProvider, slack: SlackClient) -> Routes<Context> {
    let (provider, slack) = (Arc::new(provider), Arc::new(slack));
    without_layers().layer(move |router| {
        router.layer(Extension(provider.clone())).layer(Extension(slack.clone()))
    })
}

shared::routes! {
    /// Returns the routes without the extensions.
    fn without_layers() -> Routes<Context>;

    POST "/v1/register" => register::register;
    POST "/v1/verify-email" => verify_email::verify_email;
    POST "/v1/verify-email/resend" => resend_code::resend_code;
    POST "/v1/login" => login::login;
    POST "/v1/logout" => logout::logout;
    POST "/v1/password/forgot" => forgot_password::forgot_password;
    POST "/v1/password/reset" => reset_password::reset_password;
    GET "/v1/auth/google" => google::authorize::google_authorize;
    GET "/v1/auth/google/callback" => google::callback::google_callback;
    GET "/v1/me/connections" => google::connections::list_connections;
    DELETE "/v1/me/connections/google" => google::connections::disconnect_google;
    GET "/v1/me" => me::me;
    PATCH "/v1/me" => change_profile::patch_me;
    DELETE "/v1/me" => delete_me::delete_me;
    POST "/v1/me/reauthenticate" => reauthenticate::reauthenticate;
    POST "/v1/me/restore" => restore_me::restore_me;
    GET "/v1/me/export" => export_me::export_me;
    POST "/v1/me/password" => change_password::change_password;
    POST "/v1/me/email" => change_email::change_email;
    DELETE "/v1/me/email" => cancel_email_change::cancel_email_change;
    POST "/v1/me/email/confirm" => confirm_email::confirm_email;
    POST "/v1/me/email/retry" => retry_email::retry_email;
    POST "/v1/email/undo" => undo_email::undo_email;
    POST "/v1/account/not-me" => not_me::not_me;
    GET "/v1/2fa/status" => two_factor::status::two_factor_status;
    POST "/v1/2fa/setup" => two_factor::setup::set_up_two_factor;
    POST "/v1/2fa/enable" => two_factor::enable::enable_two_factor;
    POST "/v1/2fa/disable" => two_factor::disable::disable_two_factor;
    POST "/v1/2fa/recovery-codes" => two_factor::recovery_codes::make_recovery_codes;
    POST "/v1/2fa/login" => two_factor::login::two_factor_login;
    GET "/v1/me/sessions" => sessions::list_sessions;
    DELETE "/v1/me/sessions" => sessions::end_other_sessions;
    DELETE "/v1/me/sessions/{id}" => sessions::end_session;
    GET "/v1/me/activity" => activity::list_activity;
    GET "/v1/me/notifications" => notifications::notifications;
    PUT "/v1/me/notifications" => notifications::change_notifications;
    POST "/v1/me/notifications/test" => test_notification::test_notification;
}
