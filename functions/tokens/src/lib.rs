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
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tokens, create::create_token))
        .routes(routes!(revoke::revoke_token))
        .routes(routes!(whoami::read_token))
        .routes(routes!(list_all_keys::list_all_keys))
        .routes(routes!(list_keys::list_keys, create_key::create_key))
        .routes(routes!(rotate_key::rotate_key))
        .routes(routes!(revoke_key::revoke_key))
}
