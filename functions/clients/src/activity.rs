//! `GET /v1/clients/{client_id}/activity`

use axum::Json;
use axum::extract::State;
use shared::activity::ActivityFilter;
use shared::activity::organization_log::{OrganizationEvent, list_organization_events};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, PageBody, Paging};
use shared::ids::OrganizationId;

/// List an organization's activity
///
/// Returns the organization's audit log, newest first, as far back as its plan shows. All members
/// and the organization's keys may call this.
///
/// It includes what members do with their accounts, with the user as `target` and empty `details`: sign-ins, failed
/// sign-ins, changes of password, second factor or passkeys, and the daily first use of personal tokens. They appear
/// seconds after the event, or up to a quarter of an hour in a disturbance, at its time. A program that reads new
/// events should ask again from a quarter of an hour before the newest one that it has.
///
/// A page may have fewer events than `limit`, or none, especially with a filter; continue while
/// `next_cursor` is set. A cursor is valid only with the filters of its first request. New events
/// do not shift the pages that follow.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/activity",
    tag = "Activity",
    security(("session" = []), ("bearer" = ["activity:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("action" = Option<String>, Query, description = "Returns only events with this action, such as `client.renamed`"),
        ("user" = Option<String>, Query, description = "Returns only events that this user caused: an id that begins with `usr_`"),
        ("from" = Option<i64>, Query, minimum = 0, description = "The start of the period, inclusive, in Unix seconds"),
        ("to" = Option<i64>, Query, minimum = 0, description = "The end of the period, exclusive, in Unix seconds"),
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<OrganizationEvent>, description = "A page of events"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_client_activity(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    filter: ActivityFilter,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<OrganizationEvent>>> {
    Ok(Json(list_organization_events(&ctx, &caller, &id, &filter, &page).await?.into()))
}
