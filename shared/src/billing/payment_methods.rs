//! Cards: Stripe has them, and is asked.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::{Subscription, authorize_billing};
use super::pages::Asked;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::Stripe;
use crate::stripe::payment_methods::PaymentMethod;

/// A card, or what else is paid with. The last five fields but one say what is on a card, and are null of
/// what isn't one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodView {
    /// Its id at Stripe.
    #[schema(example = "pm_1PgafmB7WZ01zgkW6dKueIc5")]
    id: String,
    /// `card`, `us_bank_account`, …
    #[serde(rename = "type")]
    #[schema(example = "card")]
    kind: String,
    /// Whose card; of an account, which bank's.
    #[schema(required, example = "visa")]
    brand: Option<String>,
    /// The last four digits.
    #[schema(required, example = "4242")]
    last4: Option<String>,
    /// The month in which it ends, from 1.
    #[schema(required, example = 12)]
    exp_month: Option<i64>,
    /// The year in which it ends.
    #[schema(required, example = 2030)]
    exp_year: Option<i64>,
    /// Whether invoices are paid with it: those of the plan, while there is one. The portal changes it.
    is_default: bool,
}

impl PaymentMethodView {
    fn of(method: PaymentMethod, default: Option<&str>) -> Self {
        let bank = method.us_bank_account;
        let (brand, last4) = bank.map_or((None, None), |bank| (bank.bank_name, bank.last4));
        let (exp_month, exp_year) =
            method.card.as_ref().map(|card| (card.exp_month, card.exp_year)).unzip();
        let (card_brand, card_last4) = method.card.map(|card| (card.brand, card.last4)).unzip();
        Self {
            is_default: default == Some(method.id.as_str()),
            id: method.id,
            kind: method.kind,
            brand: card_brand.or(brand),
            last4: card_last4.or(last4),
            exp_month,
            exp_year,
        }
    }
}

/// A page of the organization's cards, the newest first; empty for one that Stripe doesn't know. Errors as
/// of [`super::checkout::checkout`].
pub async fn payment_methods(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<PaymentMethodView>> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.configured(ctx).await?;
    let asked = Asked::of(ctx, &format!("payment methods {organization_id}"), page).await?;
    let Some(customer) = account.customer else { return Ok(Page::empty()) };
    let customer = customer.as_str();
    let (found, default) = tokio::try_join!(
        stripe.payment_methods(ctx, customer, asked.after(), asked.limit),
        default(ctx, stripe, customer, account.subscription.as_ref()),
    )?;
    let last = found.data.last().filter(|_| found.has_more);
    let next_cursor = asked.next(ctx, last.map(|method| method.id.as_str())).await?;
    let view = |method| PaymentMethodView::of(method, default.as_deref());
    Ok(Page { data: found.data.into_iter().map(view).collect(), next_cursor })
}

/// What invoices are paid with: of a subscription, what was left on the page to subscribe or chosen since,
/// which Stripe takes before the customer's own default.
/// <https://docs.stripe.com/api/subscriptions/object#subscription_object-default_payment_method>
async fn default(
    ctx: &Context,
    stripe: &Stripe,
    customer: &str,
    subscription: Option<&Subscription>,
) -> Result<Option<String>> {
    let live = subscription.filter(|subscription| subscription.status.is_live());
    let (subscription, payer) = tokio::try_join!(
        async {
            match live {
                Some(live) => stripe.subscription(ctx, live.id.as_str()).await,
                None => Ok(None),
            }
        },
        stripe.customer(ctx, customer),
    )?;
    let settings = payer.and_then(|payer| payer.invoice_settings);
    let own = subscription.and_then(|subscription| subscription.default_payment_method);
    Ok(own.or(settings.and_then(|settings| settings.default_payment_method)))
}
