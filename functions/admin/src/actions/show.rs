//! `show`: shows an account or an organization.

use serde_json::Value;
use shared::context::Context;
use shared::error::Result;
use shared::operators::record_view::record_view;
use shared::operators::show_account::show_account;
use shared::operators::show_organization::show_organization;
use shared::operators::subject::Subject;
use shared::support_case::SupportCase;

use super::conversions::to_json;
use super::subject_params::SubjectParams;

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`record_view`], [`show_account`] and
/// [`show_organization`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: SubjectParams) -> Result<Value> {
    let subject = params.subject()?;
    record_view(ctx, &subject, case).await?;
    match subject {
        Subject::User(id) => to_json(show_account(ctx, &id).await?),
        Subject::Organization(id) => to_json(show_organization(ctx, &id).await?),
    }
}
