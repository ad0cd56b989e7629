//! `GET /v1/clients/{client_id}/activity.csv`

use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{AppendHeaders, IntoResponse, Response};
use shared::activity::Filter;
use shared::activity::csv::csv;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id};
use shared::ids::OrganizationId;
use shared::requester::Requester;

const TRUNCATED: HeaderName = HeaderName::from_static("x-truncated");

/// Download what happened in a client
///
/// The same entries as a CSV file (RFC 4180, UTF-8), newest first; in plans that include it, from Pro up.
///
/// At most the newest 10,000 entries, or 5 MB. Where there may be more, the answer has the header
/// `x-truncated: true`: go on with `to` one second above the last row's `timestamp`, and drop the rows
/// that you have by their `id`.
///
/// Columns: `id`, `timestamp`, `time` (the same for people), `action`, `user_id`, `user_email`, `key_id`,
/// `key_name`, `target`, `ip`, `user_agent`, `details` (JSON). No cell is a formula to a spreadsheet: at
/// its beginning, and behind a semicolon, tab or line break in it, an apostrophe stands before what would
/// begin one, and before an apostrophe.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/activity.csv",
    tag = "Activity",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("action" = Option<String>, Query, description = "Only this, as `client.renamed`"),
        ("user" = Option<String>, Query, description = "Only what that person did: `usr_…`"),
        ("from" = Option<i64>, Query, minimum = 0, description = "The first second, since 1970 UTC"),
        ("to" = Option<i64>, Query, minimum = 0, description = "The second behind the last, since 1970 UTC"),
    ),
    responses(
        (
            status = 200, body = String, content_type = "text/csv", description = "The file",
            headers(
                ("content-disposition" = String, description = "A file's name"),
                ("x-truncated" = Option<String>, description = "`true` where there may be more"),
            )
        ),
        ListErrors,
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn export_client_activity(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<OrganizationId>,
    filter: Filter,
) -> http::Result<Response> {
    let csv = csv(&ctx, &requester, &credential, &id, &filter).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!(r#"attachment; filename="activity-{id}.csv""#)),
    ];
    let truncated = AppendHeaders(csv.truncated.then_some((TRUNCATED, "true")));
    Ok((headers, truncated, csv.text).into_response())
}
