//! `POST /account/organizations`: creates an organization.

use axum::extract::State;
use shared::context::Context;
use shared::organizations::create::create;
use shared::values::Name;

use super::PATH;
use super::page::show_first;
use crate::forms::Submission;
use crate::pages::{OrganizationPage, PageResult, redirects};

/// Creates an organization, and leads to its overview.
pub(crate) async fn create_organization(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let created = async {
        let name = Name::parse(submission.fields.get("name"))?;
        create(&ctx, &submission.visitor.caller, &submission.idempotency_key(), &name).await
    };
    match created.await {
        Ok(created) => {
            let page = OrganizationPage::Overview.path(&created.response.id);
            Ok(redirects::done(&page, "Organization created"))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &submission.visitor.with_form(PATH, state)).await
        }
    }
}
