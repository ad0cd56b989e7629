//! The Lambda function for passkeys.

mod begin_registration;
mod begin_renewal;
mod begin_sign_in;
mod ceremony_errors;
mod delete;
mod list;
mod register;
mod rename;
mod renew_proof;
mod response;
mod sign_in;
mod webauthn;

use shared::context::Context;

shared::routes! {
    /// Returns the function's routes.
    pub fn routes() -> Routes<Context>;

    GET "/v1/passkeys" => list::list_passkeys;
    POST "/v1/passkeys" => register::register_passkey;
    POST "/v1/passkeys/options" => begin_registration::begin_passkey_registration;
    POST "/v1/passkeys/login" => sign_in::sign_in_with_passkey;
    POST "/v1/passkeys/login/options" => begin_sign_in::begin_passkey_sign_in;
    POST "/v1/passkeys/reauthenticate" => renew_proof::reauthenticate_with_passkey;
    POST "/v1/passkeys/reauthenticate/options" => begin_renewal::begin_passkey_reauthentication;
    PATCH "/v1/passkeys/{passkey_id}" => rename::rename_passkey;
    DELETE "/v1/passkeys/{passkey_id}" => delete::delete_passkey;
}
