//! `find`: finds an account or an organization.

use serde::Deserialize;
use serde_json::Value;
use shared::context::Context;
use shared::error::Result;
use shared::operators::record_view::record_view;
use shared::operators::subject::find_subject;
use shared::support_case::SupportCase;

use super::conversions::to_json;

/// Parameters of `find`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// An id, an email address, a customer id at Stripe, or the beginning of a token.
    query: String,
}

/// Runs the action.
///
/// # Errors
/// The errors of [`find_subject`] and [`record_view`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let subject = find_subject(ctx, params.query.trim()).await?;
    record_view(ctx, &subject, case).await?;
    to_json(subject)
}
