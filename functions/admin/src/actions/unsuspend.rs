//! `unsuspend`: ends the suspension of an account or an organization.

use serde_json::{Value, json};
use shared::context::Context;
use shared::error::Result;
use shared::operators::subject::Subject;
use shared::operators::suspend_account::unsuspend_account;
use shared::operators::suspend_organization::unsuspend_organization;
use shared::support_case::SupportCase;

use super::subject_params::SubjectParams;

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`unsuspend_account`] and
/// [`unsuspend_organization`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: SubjectParams) -> Result<Value> {
    let subject = params.subject()?;
    let suspension = match &subject {
        Subject::User(id) => unsuspend_account(ctx, id, case).await?.suspension,
        Subject::Organization(id) => unsuspend_organization(ctx, id, case).await?.suspension,
    };
    Ok(json!({"id": subject.id(), "suspension": suspension}))
}
