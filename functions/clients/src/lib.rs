//! The Lambda function for organizations, which the API calls clients.

mod activity;
mod activity_csv;
mod create;
mod delete;
mod invitations;
mod list;
mod members;
mod read;
mod rename;
mod usage;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_clients, create::create_client))
        .routes(routes!(read::read_client, rename::rename_client, delete::delete_client))
        .routes(routes!(activity::list_client_activity))
        .routes(routes!(activity_csv::export_client_activity))
        .routes(routes!(usage::read_client_usage))
        .routes(routes!(members::list::list_members))
        .routes(routes!(members::change_role::change_member_role, members::remove::remove_member))
        .routes(routes!(members::leave::leave_client))
        .routes(routes!(members::transfer::transfer_client))
        .routes(routes!(
            invitations::list::list_client_invitations,
            invitations::invite::invite_member
        ))
        .routes(routes!(invitations::revoke::revoke_invitation))
        .routes(routes!(invitations::mine::list_invitations))
        .routes(routes!(invitations::accept::accept_invitation))
        .routes(routes!(invitations::decline::decline_invitation))
}
