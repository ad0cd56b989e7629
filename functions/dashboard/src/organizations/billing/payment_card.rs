//! The card of a payment that failed or waits, with the one button that fixes it.

use shared::billing::invoices::InvoiceView;
use shared::billing::read_subscription::SubscriptionView;
use shared::dynamo::Page;

use crate::organizations::plan_label;
use crate::pages::{Frame, Loaded, money_text};

/// A payment that failed or waits.
pub(super) struct PaymentCard {
    pub(super) title: &'static str,
    /// What happened, and what happens next.
    pub(super) text: String,
    /// The label of the button.
    pub(super) button: String,
    /// The page of the invoice at Stripe. Without one, the button leads to the customer portal.
    pub(super) url: Option<String>,
}

impl PaymentCard {
    /// Returns the card, or `None` if nothing is due.
    pub(super) fn new(
        frame: &Frame,
        subscription: &SubscriptionView,
        invoices: &Loaded<Page<InvoiceView>>,
    ) -> Option<Self> {
        if let Some(change) = &subscription.unpaid_change {
            let (plan, expires) = (plan_label(change.plan_name), frame.time(&change.expires_at));
            return Some(Self {
                title: "The change of plan is not paid yet",
                text: format!(
                    "The payment failed or waits for your confirmation. The plan changes to {plan} as soon as it is paid. \
                     The change is withdrawn on {} if it is not paid.",
                    expires.day
                ),
                button: format!("Pay for {plan}"),
                url: payment_url(subscription, invoices.ready()),
            });
        }
        if !is_payment_failed(subscription) {
            return None;
        }
        let open = invoices.ready().and_then(open_invoice);
        let amount = open.map(|invoice| money_text(invoice.amount_due));
        Some(Self {
            title: "The last payment failed",
            text: "Pay the open invoice, or save another card. Without a payment the plan ends and no new quota is \
                   granted."
                .to_owned(),
            button: amount.map_or("Fix the payment".to_owned(), |amount| format!("Pay {amount}")),
            url: payment_url(subscription, invoices.ready()),
        })
    }
}

/// Returns the page at Stripe where a payment is made that failed or waits; `None` if there is none. `invoices` is
/// `None` if Stripe cannot be reached.
pub(super) fn payment_url(
    subscription: &SubscriptionView,
    invoices: Option<&Page<InvoiceView>>,
) -> Option<String> {
    match &subscription.unpaid_change {
        Some(change) => change.payment_url.clone(),
        None if is_payment_failed(subscription) => open_invoice(invoices?)?.hosted_url.clone(),
        None => None,
    }
}

fn is_payment_failed(subscription: &SubscriptionView) -> bool {
    matches!(subscription.status.as_ref(), "past_due" | "unpaid" | "incomplete")
}

fn open_invoice(invoices: &Page<InvoiceView>) -> Option<&InvoiceView> {
    invoices.data.iter().find(|invoice| invoice.status == "open" && invoice.hosted_url.is_some())
}
