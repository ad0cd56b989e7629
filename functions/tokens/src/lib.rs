//! The Lambda function for personal tokens and API keys.

mod create;
mod create_key;
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
    pub fn routes() -> Router<Context>;

    GET "/v1/tokens" => list::list_tokens;
    POST "/v1/tokens" => create::create_token;
    POST "/v1/tokens/revoke" => revoke::revoke_token;
    GET "/v1/token" => whoami::read_token;
    GET "/v1/api-keys" => list_all_keys::list_all_keys;
    GET "/v1/clients/{client_id}/api-keys" => list_keys::list_keys;
    POST "/v1/clients/{client_id}/api-keys" => create_key::create_key;
    POST "/v1/clients/{client_id}/api-keys/{key_id}/rotate" => rotate_key::rotate_key;
    POST "/v1/clients/{client_id}/api-keys/{key_id}/revoke" => revoke_key::revoke_key;
}
