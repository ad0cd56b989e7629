//! `GET /v1/clients/{client_id}/credits/transactions`

use axum::Json;
use axum::extract::State;
use shared::billing::ledger::TransactionView;
use shared::billing::list_transactions;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging};
use shared::ids::OrganizationId;

/// List credit transactions
///
/// Returns the changes of the credit balance, newest first. All members and API keys of the
/// organization may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/credits/transactions",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<TransactionView>, description = "A page of transactions"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_transactions(
    State(ctx): State<Context>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<TransactionView>>> {
    Ok(Json(list_transactions::list_transactions(&ctx, &caller, &organization_id, &page).await?))
}
