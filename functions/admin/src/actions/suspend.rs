//! `suspend`: suspends an account or an organization.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::context::Context;
use shared::error::Result;
use shared::operators::subject::Subject;
use shared::operators::suspend_account::suspend_account;
use shared::operators::suspend_organization::suspend_organization;
use shared::support_case::SupportCase;

/// Parameters of `suspend`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of an account or an organization.
    id: String,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`suspend_account`] and [`suspend_organization`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let suspension = match Subject::parse(&params.id)? {
        Subject::User(id) => suspend_account(ctx, &id, case).await?.suspension,
        Subject::Organization(id) => suspend_organization(ctx, &id, case).await?.suspension,
    };
    Ok(json!({"id": params.id, "suspension": suspension}))
}
