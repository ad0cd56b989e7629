//! `/` and `/account`: redirect to the page that a person most likely needs.

use axum::extract::State;
use axum::response::Response;
use shared::context::Context;
use shared::organizations::switcher::load_page_user;

use crate::pages::{AccountPage, OrganizationPage, PageResult, Visitor, redirects};

/// Leads from the site to the dashboard.
pub(crate) async fn to_dashboard() -> Response {
    redirects::see_other("/account")
}

/// Leads to the overview of the first organization that is not suspended, or to the profile.
pub(crate) async fn home(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let organizations = user.load_switcher(&ctx).await?;
    let path = match organizations.iter().find(|entry| !entry.is_suspended) {
        Some(first) => OrganizationPage::Overview.path(&first.id),
        None => AccountPage::Profile.path().to_owned(),
    };
    Ok(redirects::see_other(&path))
}
