//! `/account/organizations/{client_id}/api-keys/{key_id}/rotate`: gives a key a new value, and shows it once.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::api_keys::KeyView;
use shared::api_keys::rotate::{KeyRotation, rotate};
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http::Ids;
use shared::ids::OrganizationId;
use shared::organizations::switcher::load_page_user;
use shared::tokens::GracePeriod;

use super::value_page::{value_frame, value_page};
use super::{keys_path, load_key};
use crate::forms::Submission;
use crate::pages::{ForPage, Frame, PageResult, Visitor, html};

/// Grace periods that the form offers: seconds and label.
const GRACE_PERIODS: [(&str, &str); 4] = [
    ("3600", "For 1 hour"),
    (DEFAULT_GRACE_PERIOD, "For 1 day"),
    ("604800", "For 7 days"),
    ("0", "Stops at once"),
];

/// The grace period that the form proposes, so that programs have time to switch.
const DEFAULT_GRACE_PERIOD: &str = "86400";

#[derive(Template)]
#[template(path = "organizations/api_keys/rotate.html")]
struct RotatePage<'a> {
    frame: &'a Frame,
    path: String,
    key: KeyView,
    grace_periods: [(&'static str, &'static str); 4],
}

/// Shows what a rotation does.
pub(crate) async fn rotate_page(
    State(ctx): State<Context>,
    ForPage(Ids(organization, number)): ForPage<Ids<OrganizationId, u32>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, number, &visitor).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    number: u32,
    visitor: &Visitor,
) -> PageResult {
    let (frame, key) = load_key(ctx, visitor, organization, number).await?;
    let frame = frame.with_title(format!("Rotate {}", key.name));
    let path = keys_path(organization);
    let page = html(&RotatePage { frame: &frame, path, key, grace_periods: GRACE_PERIODS })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

/// Rotates the key.
pub(crate) async fn rotate_key(
    State(ctx): State<Context>,
    ForPage(Ids(organization, number)): ForPage<Ids<OrganizationId, u32>>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let rotated = async {
        let grace = submission.fields.optional("grace_seconds").map(parse_seconds).transpose()?;
        let grace = GracePeriod::from_seconds(grace)?;
        let rotation = KeyRotation { organization_id: organization.clone(), number, grace };
        rotate(&ctx, &submission.visitor.caller, &submission.idempotency_key(), &rotation).await
    };
    match rotated.await {
        Ok(rotated) => {
            let frame = value_frame(&ctx, &organization, &submission.visitor.page, user).await;
            let frame = frame.with_title("API key rotated");
            value_page(&ctx, &organization, &frame, &rotated.response)
        }
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, &organization, number, &submission.visitor.with_form(&path, state)).await
        }
    }
}

impl RotatePage<'_> {
    /// Returns the path that the form posts to.
    fn form_path(&self) -> String {
        format!("{}/{}/rotate", self.path, self.key.id)
    }
}

fn parse_seconds(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::invalid_field("grace_seconds", "choose one of the periods"))
}
