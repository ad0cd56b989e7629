//! Signing up and in, and one's own account.

mod activity;
mod change_password;
mod change_profile;
mod forgot_password;
mod login;
mod logout;
mod me;
mod register;
mod resend_code;
mod reset_password;
mod sessions;
mod signed_in;
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
        .routes(routes!(me::me, change_profile::patch_me))
        .routes(routes!(change_password::change_password))
        .routes(routes!(sessions::list_sessions, sessions::end_other_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(activity::list_activity))
}
