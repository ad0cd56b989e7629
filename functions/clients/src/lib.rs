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
mod restore;
mod usage;

use shared::context::Context;

shared::routes! {
    /// Returns the function's routes.
    pub fn routes() -> Routes<Context>;

    GET "/v1/clients" => list::list_clients;
    POST "/v1/clients" => create::create_client;
    GET "/v1/clients/{client_id}" => read::read_client;
    PATCH "/v1/clients/{client_id}" => rename::rename_client;
    DELETE "/v1/clients/{client_id}" => delete::delete_client;
    POST "/v1/clients/{client_id}/restore" => restore::restore_client;
    GET "/v1/clients/{client_id}/activity" => activity::list_client_activity;
    GET "/v1/clients/{client_id}/activity.csv" => activity_csv::export_client_activity;
    GET "/v1/clients/{client_id}/usage" => usage::read_client_usage;
    GET "/v1/clients/{client_id}/members" => members::list::list_members;
    PATCH "/v1/clients/{client_id}/members/{user_id}" => members::change_role::change_member_role;
    DELETE "/v1/clients/{client_id}/members/{user_id}" => members::remove::remove_member;
    POST "/v1/clients/{client_id}/leave" => members::leave::leave_client;
    POST "/v1/clients/{client_id}/transfer" => members::transfer::transfer_client;
    GET "/v1/clients/{client_id}/invitations" => invitations::list::list_client_invitations;
    POST "/v1/clients/{client_id}/invitations" => invitations::invite::invite_member;
    DELETE "/v1/clients/{client_id}/invitations/{invitation_id}" => invitations::revoke::revoke_invitation;
    POST "/v1/clients/{client_id}/invitations/{invitation_id}/resend" => invitations::resend::resend_invitation;
    GET "/v1/invitations" => invitations::list_own::list_invitations;
    POST "/v1/invitations/preview" => invitations::preview::preview_invitation;
    POST "/v1/invitations/accept" => invitations::accept::accept_invitation;
    POST "/v1/invitations/decline" => invitations::decline::decline_invitation;
}
