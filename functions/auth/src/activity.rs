//! `GET /v1/me/activity`

use axum::Json;
use axum::extract::State;
use shared::activity::list::{self, OwnEvent};
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{CredentialErrors, ListErrors, Unavailable};
use shared::http::{self, Paging, Person};

/// List one's own security events
///
/// What happened to the account in the last year: sign-ins, passwords, changes; newest first. What
/// happens while pages are read doesn't move them.
#[utoipa::path(
    get,
    path = "/v1/me/activity",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<OwnEvent>, description = "A page of them"),
        ListErrors,
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_activity(
    State(ctx): State<Context>,
    Person { user }: Person,
    Paging(page): Paging,
) -> http::Result<Json<Page<OwnEvent>>> {
    Ok(Json(list::own(&ctx, &user.id, &page).await?))
}
