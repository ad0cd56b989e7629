//! `POST /account/organizations/restore`: restores a deleted organization.

use axum::extract::State;
use shared::context::Context;
use shared::error::Error;
use shared::ids::OrganizationId;
use shared::organizations::restore::restore;

use super::PATH;
use super::page::show_first;
use crate::forms::Submission;
use crate::pages::{OrganizationPage, PageResult, redirects};

/// Restores the organization, and leads to its overview.
pub(crate) async fn restore_organization(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let restored = async {
        let id = OrganizationId::parse(submission.fields.get("client_id"));
        let id = id.ok_or(Error::NotFound)?;
        restore(&ctx, &submission.visitor.caller, &id).await
    };
    match restored.await {
        Ok(restored) => {
            let page = OrganizationPage::Overview.path(&restored.id);
            Ok(redirects::done(&page, &format!("{} restored", restored.name)))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &submission.visitor.with_form(PATH, state)).await
        }
    }
}
