//! The Lambda function for personal tokens, API keys, the sign-in of command lines, and access tokens.

mod create;
mod create_key;
mod device_client;
mod device_code;
mod device_token;
mod exchange;
mod key_set;
mod list;
mod list_all_keys;
mod list_keys;
mod revoke;
mod revoke_key;
mod rotate_key;
mod whoami;

use shared::context::Context;

shared::routes! {
    /// Returns the function's routes.
    pub fn routes() -> Routes<Context>;

    GET "/v1/tokens" => list::list_tokens;
    POST "/v1/tokens" => create::create_token;
    POST "/v1/tokens/revoke" => revoke::revoke_token;
    POST "/v1/auth/device/code" => device_code::start_device_sign_in;
    POST "/v1/auth/device/token" => device_token::fetch_device_token;
    GET "/v1/token" => whoami::read_token;
    POST "/v1/token/exchange" => exchange::exchange_token;
    GET "/.well-known/jwks.json" => key_set::read_key_set;
    GET "/v1/api-keys" => list_all_keys::list_all_keys;
    GET "/v1/clients/{client_id}/api-keys" => list_keys::list_keys;
    POST "/v1/clients/{client_id}/api-keys" => create_key::create_key;
    POST "/v1/clients/{client_id}/api-keys/{key_id}/rotate" => rotate_key::rotate_key;
    POST "/v1/clients/{client_id}/api-keys/{key_id}/revoke" => revoke_key::revoke_key;
}
