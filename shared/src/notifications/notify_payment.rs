//! Notification of an organization's owner about an invoice.

use super::channels::{Channel, ChannelChoices};
use super::notification::{Notification, is_recent, notify_user, recipient_keys};
use crate::billing::PaymentNotification;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::jobs::{JobRecord, Progress, complete_step};
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::values::Name;

/// The notification of an invoice.
struct InvoiceNotification<'a> {
    payment: &'a PaymentNotification,
    organization: Name,
}

impl Notification for InvoiceNotification<'_> {
    fn unique_name(&self) -> String {
        format!("payment {}", self.payment.name())
    }

    fn occurred_at(&self) -> Timestamp {
        self.payment.at
    }

    fn channels(&self, choices: ChannelChoices) -> Vec<Channel> {
        choices.billing_alerts.channels()
    }

    // A payment costs more than its mail, and its payer must see it.
    fn is_limited(&self) -> bool {
        false
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::payment(ctx, name, &self.organization, self.payment)
    }
}

/// Notifies the current owner of an organization about an invoice. Sends nothing if the organization is deleted or
/// the event is older than [`NOTICE_TTL`](crate::mail::NOTICE_TTL).
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
pub async fn notify_payment(
    ctx: &Context,
    record: &JobRecord,
    payment: &PaymentNotification,
) -> Result<()> {
    let organization =
        ctx.table.get::<Organization>(&keys::organization(&payment.client_id)).await?;
    if let Some(organization) = organization.filter(Organization::exists) {
        let notification = InvoiceNotification { payment, organization: organization.name };
        if is_recent(ctx, &notification) {
            let found = ctx.table.batch_get_any(&recipient_keys(&organization.owner_id)).await?;
            notify_user(ctx, &notification, &found, organization.owner_id).await?;
        }
    }
    complete_step(ctx, record, Progress::Done).await
}
