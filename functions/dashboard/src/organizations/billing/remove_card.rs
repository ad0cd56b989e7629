//! `/account/organizations/{client_id}/billing/cards/{payment_method_id}/remove`: confirms and removes a card.

use axum::Extension;
use axum::extract::State;
use shared::billing::payment_methods::list::list_payment_methods;
use shared::billing::payment_methods::remove::remove_payment_method;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;
use shared::http::Ids;
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};

use super::method_rows::MethodRow;
use super::overview::BillingContext;
use crate::forms::Submission;
use crate::pages::{
    Confirmation, ForPage, Frame, NavigationItem, OrganizationPage, PageResult, Visitor,
    confirm_page, redirects,
};

/// Shows which payment method is removed.
pub(crate) async fn remove_page(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Ids(organization, method)): ForPage<Ids<OrganizationId, StripeId>>,
    visitor: Visitor,
) -> PageResult {
    let context = BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization };
    show(context, &method, &visitor).await
}

async fn show(context: BillingContext<'_>, method: &StripeId, visitor: &Visitor) -> PageResult {
    let BillingContext { ctx, stripe, organization } = context;
    let item = NavigationItem::Organization(organization, OrganizationPage::Billing);
    let all = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, methods) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list_payment_methods(ctx, stripe, &visitor.caller, organization, &all)
    );
    let (frame, methods) = (frame?, methods?);
    let found = methods.data.iter().find(|found| found.id == method.as_str());
    let row = MethodRow::new(found.ok_or(Error::NotFound)?);
    let back = OrganizationPage::Billing.path(organization);
    let confirmation = Confirmation {
        heading: "The payment method is removed at once",
        lead: format!("Removes {} from the organization.", row.name),
        consequences: vec![
            "No invoice can be paid with it any more. To use it again, add it again.".to_owned(),
        ],
        action: format!("{back}/cards/{}/remove", row.id),
        button: format!("Remove {}", row.name),
        back,
        back_label: Confirmation::CANCEL,
    };
    confirm_page(&frame.with_title("Remove payment method"), &confirmation)
}

/// Removes the payment method.
pub(crate) async fn remove(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Ids(organization, method)): ForPage<Ids<OrganizationId, StripeId>>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    match remove_payment_method(&ctx, &stripe, caller, &organization, &method).await {
        Ok(()) => {
            let card = format!("{}#methods", OrganizationPage::Billing.path(&organization));
            Ok(redirects::done(&card, "Payment method removed"))
        }
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            let context =
                BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization };
            show(context, &method, &submission.visitor.with_form(&path, state)).await
        }
    }
}
