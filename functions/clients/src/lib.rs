//! Organizations.

mod activity;
mod activity_csv;
mod create;
mod delete;
mod list;
mod read;
mod rename;
mod usage;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_clients, create::create_client))
        .routes(routes!(read::read_client, rename::rename_client, delete::delete_client))
        .routes(routes!(activity::list_client_activity))
        .routes(routes!(activity_csv::export_client_activity))
        .routes(routes!(usage::read_client_usage))
}
