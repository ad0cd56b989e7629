//! `/account/organizations/{client_id}/billing/cancel` and `…/resume`: cancels a subscription, and takes that back.

use axum::Extension;
use axum::extract::State;
use shared::billing::Plan;
use shared::billing::plan_change::cancel::cancel_subscription;
use shared::billing::plan_change::resume::resume_subscription;
use shared::billing::read_subscription::read_subscription;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::switcher::load_page_user;
use shared::stripe::Stripe;

use super::overview::{BillingContext, show_again};
use crate::forms::Submission;
use crate::organizations::plan_label;
use crate::pages::{
    Confirmation, ForPage, Frame, NavigationItem, OrganizationPage, PageResult, TimeText, Visitor,
    confirm_page, redirects,
};

/// Shows what ends with the subscription.
pub(crate) async fn cancel_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &visitor).await
}

async fn show(ctx: &Context, organization: &OrganizationId, visitor: &Visitor) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Billing);
    let (frame, subscription) = tokio::join!(
        Frame::load(ctx, visitor, item),
        read_subscription(ctx, &visitor.caller, organization)
    );
    let (frame, subscription) = (frame?, subscription?);
    let end = subscription.current_period_end.ok_or(Error::NotSubscribed)?;
    let (plan, end) = (plan_label(subscription.plan_name), frame.time(&end).day);
    let free = Plan::Free.limits();
    let back = OrganizationPage::Billing.path(organization);
    let confirmation = Confirmation {
        heading: "The subscription ends with its period",
        lead: format!(
            "{plan} stays in force until {end}. Then the organization is on the Free plan:"
        ),
        consequences: vec![
            "The rest of the quota expires. Credits that you bought stay.".to_owned(),
            format!(
                "No project, member or file is deleted. Above the limits of Free ({} projects, {} member, {} GiB) none can be added.",
                free.projects.unwrap_or_default(),
                free.members.unwrap_or_default(),
                free.storage_gib.unwrap_or_default(),
            ),
            format!("Until {end} you can take the cancellation back."),
        ],
        action: format!("{back}/cancel"),
        back,
        back_label: format!("Keep {plan}").into(),
        button: format!("Cancel {plan}"),
    };
    confirm_page(&frame.with_title("Cancel subscription"), &confirmation)
}

/// Cancels the subscription at the end of its period.
pub(crate) async fn cancel(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    let billing = OrganizationPage::Billing.path(&organization);
    let (canceled, user) = tokio::join!(
        cancel_subscription(&ctx, &stripe, caller, &organization),
        load_page_user(&ctx, caller)
    );
    match canceled {
        Ok(view) => {
            // The subscription is canceled, also if the time zone cannot be read.
            let zone = user.ok().and_then(|user| user.signed_in.user.timezone).unwrap_or_default();
            let plan = plan_label(view.plan_name);
            let message = match view.current_period_end {
                Some(end) => {
                    let day = TimeText::new(end, submission.visitor.page.now, &zone).day;
                    format!("{plan} is canceled and stays until {day}")
                }
                None => format!("{plan} is canceled"),
            };
            Ok(redirects::done(&billing, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let path = format!("{billing}/cancel");
            show(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}

/// Takes back a cancellation, or a change to a smaller plan.
pub(crate) async fn resume(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    match resume_subscription(&ctx, &stripe, caller, &organization).await {
        Ok(view) => {
            let billing = OrganizationPage::Billing.path(&organization);
            let message = format!("{} is kept", plan_label(view.plan_name));
            Ok(redirects::done(&billing, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let context =
                BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization };
            show_again(context, submission, state).await
        }
    }
}
