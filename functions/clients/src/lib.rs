//! Organizations.

mod create;
mod delete;
mod list;
mod read;
mod rename;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list::list_clients, create::create_client)).routes(routes!(
        read::read_client,
        rename::rename_client,
        delete::delete_client
    ))
}
