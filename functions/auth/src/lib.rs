//! Signing up and in, and one's own account.

mod activity;
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
mod notifications;
mod register;
mod resend_code;
mod reset_password;
mod restore_me;
mod sessions;
mod signed_in;
mod two_factor;
mod undo_email;
mod verify_email;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(resend_code::resend_code))
        .routes(routes!(login::login))
        .routes(routes!(logout::logout))
        .routes(routes!(forgot_password::forgot_password))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(google::authorize::google_authorize))
        .routes(routes!(google::callback::google_callback))
        .routes(routes!(google::connections::list_connections))
        .routes(routes!(google::connections::disconnect_google))
        .routes(routes!(me::me, change_profile::patch_me, delete_me::delete_me))
        .routes(routes!(restore_me::restore_me))
        .routes(routes!(export_me::export_me))
        .routes(routes!(change_password::change_password))
        .routes(routes!(change_email::change_email))
        .routes(routes!(confirm_email::confirm_email))
        .routes(routes!(undo_email::undo_email))
        .routes(routes!(two_factor::status::two_factor_status))
        .routes(routes!(two_factor::setup::set_up_two_factor))
        .routes(routes!(two_factor::enable::enable_two_factor))
        .routes(routes!(two_factor::disable::disable_two_factor))
        .routes(routes!(two_factor::recovery_codes::make_recovery_codes))
        .routes(routes!(two_factor::login::two_factor_login))
        .routes(routes!(sessions::list_sessions, sessions::end_other_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(activity::list_activity))
        .routes(routes!(notifications::notifications, notifications::change_notifications))
}
