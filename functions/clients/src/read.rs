//! `GET /v1/clients/{client_id}`

use axum::Json;
use axum::extract::State;
use shared::clients::ClientView;
use shared::clients::read::read;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{ClientErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::ClientId;
use shared::requester::Requester;

/// Look at a client
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}",
    tag = "Clients",
    security(("session" = []), ("bearer" = [])),
    params(("client_id" = String, Path, description = "The client's id")),
    responses(
        (status = 200, body = ClientView, description = "The client"),
        ClientErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_client(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<ClientId>,
) -> http::Result<Json<ClientView>> {
    read(&ctx, &requester, &credential, &id).await.map(Json)
}
