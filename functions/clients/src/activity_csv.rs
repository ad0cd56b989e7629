//! `GET /v1/clients/{client_id}/activity.csv`

use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{AppendHeaders, IntoResponse, Response};
use shared::activity::ActivityFilter;
use shared::activity::csv_export::export_csv;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id};
use shared::ids::OrganizationId;

const TRUNCATED: HeaderName = HeaderName::from_static("x-truncated");

/// Export an organization's activity as CSV
///
/// Returns the audit log as a CSV file (RFC 4180, UTF-8), newest first. The Pro plan and above
/// include it. All members and the organization's keys may call this.
///
/// A file has at most the newest 10,000 events, or 5.5 MB. If older events may be missing, the
/// response has the header `x-truncated: true`. To continue, request again with `to` one second
/// after the last row's `timestamp`, and skip rows whose `id` you have.
///
/// The columns are `id`, `timestamp` (Unix seconds), `time` (RFC 3339), `action`, `user_id`,
/// `user_email`, `key_id`, `key_name`, `support`, `target`, `ip`, `user_agent`, and `details` (JSON).
///
/// Spreadsheets run no formulas from the file. An apostrophe precedes each character that could
/// start one, at the start of a cell and after a semicolon, tab or line break. It precedes each
/// apostrophe there, too.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/activity.csv",
    tag = "Activity",
    security(("session" = []), ("bearer" = ["activity:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("action" = Option<String>, Query, description = "Returns only events with this action, such as `client.renamed`"),
        ("user" = Option<String>, Query, description = "Returns only events that this user caused: an id that begins with `usr_`"),
        ("from" = Option<i64>, Query, minimum = 0, description = "The start of the period, inclusive, in Unix seconds"),
        ("to" = Option<i64>, Query, minimum = 0, description = "The end of the period, exclusive, in Unix seconds"),
    ),
    responses(
        (
            status = 200, body = String, content_type = "text/csv", description = "The CSV file",
            headers(
                ("content-disposition" = String, description = "The suggested file name"),
                ("x-truncated" = Option<String>, description = "`true` if older events may be missing"),
            )
        ),
        ListErrors,
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: the plan does not include the export; upgrade it"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn export_client_activity(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    filter: ActivityFilter,
) -> http::Result<Response> {
    let csv = export_csv(&ctx, &caller, &id, &filter).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!(r#"attachment; filename="activity-{id}.csv""#)),
    ];
    let truncated = AppendHeaders(csv.truncated.then_some((TRUNCATED, "true")));
    Ok((headers, truncated, csv.text).into_response())
}
