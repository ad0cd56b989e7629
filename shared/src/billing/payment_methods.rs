//! Lists the payment methods of an organization, which Stripe stores.

use serde::Serialize;
use utoipa::ToSchema;

use super::stored_subscription::StoredSubscription;
use super::stripe_account::authorize_billing;
use super::stripe_paging::StripePageRequest;
use super::stripe_throttle::count_stripe_call;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::Stripe;
use crate::stripe::payment_methods::StripePaymentMethod;

/// A payment method in an API response. `exp_month` and `exp_year` are null unless it is a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodView {
    /// The payment method's id at Stripe.
    #[schema(example = "pm_1PgafmB7WZ01zgkW6dKueIc5")]
    pub id: String,
    /// The type, such as `card` or `us_bank_account`.
    #[serde(rename = "type")]
    #[schema(example = "card")]
    pub kind: String,
    /// The brand of the card, or the name of the bank.
    #[schema(required, example = "visa")]
    pub brand: Option<String>,
    /// The last four digits of the card or account number.
    #[schema(required, example = "4242")]
    pub last4: Option<String>,
    /// The month in which the card expires, from 1 to 12.
    #[schema(required, example = 12)]
    pub exp_month: Option<i64>,
    /// The year in which the card expires, with four digits.
    #[schema(required, example = 2030)]
    pub exp_year: Option<i64>,
    /// Whether the plan's invoices are paid with it. The customer portal changes it.
    pub is_default: bool,
}

impl PaymentMethodView {
    fn from_stripe(method: StripePaymentMethod, default: Option<&str>) -> Self {
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

/// Lists a page of payment methods, newest first. Empty for an organization without a customer at Stripe.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner, `InvalidCursor` if the
/// cursor belongs to another list, `RateLimited` after too many calls, `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn list_payment_methods(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<PaymentMethodView>> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.require_configured(ctx).await?;
    let request =
        StripePageRequest::open(ctx, &format!("payment methods {organization_id}"), page).await?;
    let Some(customer) = account.customer else { return Ok(Page::empty()) };
    count_stripe_call(ctx, organization_id).await?;
    let customer = customer.as_str();
    let (found, default) = tokio::try_join!(
        stripe.list_payment_methods(ctx, customer, request.after(), request.limit),
        default_payment_method(ctx, stripe, customer, account.subscription.as_ref()),
    )?;
    let last = found.data.last().filter(|_| found.has_more);
    let next_cursor = request.next_cursor(ctx, last.map(|method| method.id.as_str())).await?;
    let view = |method| PaymentMethodView::from_stripe(method, default.as_deref());
    Ok(Page { data: found.data.into_iter().map(view).collect(), next_cursor })
}

/// Returns the id of the payment method that invoices are paid with. A subscription's own payment method takes
/// precedence over the customer's default.
/// <https://docs.stripe.com/api/subscriptions/object#subscription_object-default_payment_method>
async fn default_payment_method(
    ctx: &Context,
    stripe: &Stripe,
    customer: &str,
    subscription: Option<&StoredSubscription>,
) -> Result<Option<String>> {
    let live = subscription.filter(|subscription| subscription.status.is_live());
    let (subscription, payer) = tokio::try_join!(
        async {
            match live {
                Some(live) => stripe.retrieve_subscription(ctx, live.id.as_str()).await,
                None => Ok(None),
            }
        },
        stripe.retrieve_customer(ctx, customer),
    )?;
    let settings = payer.and_then(|payer| payer.invoice_settings);
    let own = subscription.and_then(|subscription| subscription.default_payment_method);
    Ok(own.or(settings.and_then(|settings| settings.default_payment_method)))
}
