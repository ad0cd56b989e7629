//! `/account/organizations/{client_id}/billing/plan`: previews a change of plan, and makes it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use shared::billing::plan_change::change::{PlanChangeParams, change_plan};
use shared::billing::plan_change::preview::preview_plan_change;
use shared::billing::plan_change::{
    ChangeStatus, PlanChangePreview, PlanChangeView, PlanDirection,
};
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use crate::forms::Submission;
use crate::organizations::plan_label;
use crate::pages::{
    ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult, TimeText,
    Visitor, credits_text, grouped, html, money_text, redirects,
};

#[derive(Template)]
#[template(path = "organizations/billing/change_plan.html")]
struct ChangePlanPage<'a> {
    frame: &'a Frame,
    path: String,
    back: String,
    price_id: &'a str,
    preview: Loaded<PreviewText>,
}

/// A preview in words.
struct PreviewText {
    plan: &'static str,
    new_plan: &'static str,
    is_upgrade: bool,
    is_downgrade: bool,
    due_now: String,
    credits_now: String,
    monthly_credits: String,
    monthly_price: Option<String>,
    effective: TimeText,
    period_end: TimeText,
}

/// Shows what a change of plan costs, and when it takes effect.
pub(crate) async fn preview_page(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &stripe, &organization, &visitor, query.get("price_id")).await
}

async fn show(
    ctx: &Context,
    stripe: &Stripe,
    organization: &OrganizationId,
    visitor: &Visitor,
    price_id: &str,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Billing);
    let (frame, preview) = tokio::join!(
        Frame::load(ctx, visitor, item),
        preview_plan_change(ctx, stripe, &visitor.caller, organization, price_id)
    );
    let frame = frame?.with_title("Change plan");
    let preview = Loaded::new("Stripe", preview)?.map(|preview| preview_text(&frame, &preview));
    let back = OrganizationPage::Billing.path(organization);
    let page =
        ChangePlanPage { frame: &frame, path: format!("{back}/plan"), back, price_id, preview };
    Ok((frame.page.form_state.status(), html(&page)?).into_response())
}

impl ChangePlanPage<'_> {
    /// Returns the page itself.
    fn retry_path(&self) -> String {
        format!("{}?price_id={}", self.path, self.price_id)
    }
}

fn preview_text(frame: &Frame, preview: &PlanChangePreview) -> PreviewText {
    PreviewText {
        plan: plan_label(preview.plan_name),
        new_plan: plan_label(preview.new_plan_name),
        is_upgrade: preview.direction == PlanDirection::Upgrade,
        is_downgrade: preview.direction == PlanDirection::Downgrade,
        due_now: money_text(preview.amount_due_now),
        credits_now: credits_text(preview.quota_credits_now),
        monthly_credits: grouped(preview.monthly_quota_credits.into()),
        monthly_price: preview.monthly_price.map(|price| money_text(price.into())),
        effective: frame.time(&preview.effective_at),
        period_end: frame.time(&preview.current_period_end),
    }
}

/// Changes the plan.
pub(crate) async fn change(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let (caller, key) = (&submission.visitor.caller, submission.idempotency_key());
    let price = submission.fields.get("price_id");
    let params = PlanChangeParams { price, idempotency_key: &key };
    match change_plan(&ctx, &stripe, caller, &organization, params).await {
        Ok(changed) => Ok(finish(&organization, &changed.response)),
        Err(error) => {
            let state = submission.refused(error)?;
            let path =
                format!("{}/plan?price_id={price}", OrganizationPage::Billing.path(&organization));
            let (fields, visitor) = (submission.fields, submission.visitor.with_form(&path, state));
            show(&ctx, &stripe, &organization, &visitor, fields.get("price_id")).await
        }
    }
}

/// Leads to the billing page, which says what happened.
fn finish(organization: &OrganizationId, changed: &PlanChangeView) -> Response {
    let billing = OrganizationPage::Billing.path(organization);
    let plan = plan_label(changed.new_plan_name);
    match changed.status {
        ChangeStatus::Applied => redirects::done(&billing, &format!("The plan is {plan} now")),
        ChangeStatus::Scheduled => redirects::done(
            &billing,
            &format!("The plan changes to {plan} at the end of the period"),
        ),
        // The card says what is left to do.
        ChangeStatus::AwaitingPayment => redirects::see_other(&format!("{billing}#payment")),
    }
}
