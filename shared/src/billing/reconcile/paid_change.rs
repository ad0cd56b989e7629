//! Grants the credits of an upgrade within a period, when its invoice is paid.

use super::paid_grant::PaidGrant;
use crate::billing::billing_state::BillingState;
use crate::billing::ledger::{EntryGuard, EntryKind, EntrySource, Posting, retry_ledger_change};
use crate::billing::stored_payment::StoredPayment;
use crate::billing::upgrade_credits::upgrade_credits;
use crate::context::Context;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::invoices::StripeInvoice;
use crate::stripe::{Stripe, StripeId};

/// A paid invoice of a change within a period.
pub(super) struct PaidChange<'a> {
    pub(super) stripe: &'a Stripe,
    pub(super) organization: &'a OrganizationId,
    pub(super) id: &'a StripeId,
    pub(super) invoice: &'a StripeInvoice,
}

impl PaidChange<'_> {
    /// Adds the credits of an upgrade to the quota of its period, once. If that quota is not the current one any more,
    /// they become top-up credits, because they are paid. Does nothing for a change that is no upgrade, or a
    /// subscription that has ended.
    ///
    /// # Errors
    /// `Contention` if other changes of the ledger kept interfering, `Internal` if the balance overflows,
    /// `Unavailable` if DynamoDB cannot be reached.
    pub(super) async fn grant(&self, ctx: &Context, subscription: &StripeId) -> Result<()> {
        let Self { stripe, organization, id, invoice } = *self;
        let Some((plan, credits)) = upgrade_credits(stripe, invoice) else { return Ok(()) };
        let description = &format!("Upgrade to {}, rest of the period", plan.label());
        if credits == Credits::default() {
            return Ok(());
        }
        let period_end = invoice.lines.data.iter().map(|line| line.period.end).max();
        let source = EntrySource::PlanChange(id.clone());
        let guard = keys::entry_guard(organization, &source.to_string());
        retry_ledger_change(ctx, organization, || async {
            if ctx.table.get::<EntryGuard>(&guard).await?.is_some() {
                return Ok(());
            }
            let BillingState { organization: found, account, balance } =
                BillingState::read(ctx, organization).await?;
            let known = account.subscription.as_ref().filter(|known| known.id == *subscription);
            let (Some(found), Some(known)) = (found, known) else { return Ok(()) };
            if !known.status.is_live() {
                return Ok(());
            }
            let is_current = balance.period().is_some_and(|period| {
                period.subscription == *subscription && Some(period.end.seconds()) == period_end
            });
            let grant = balance.granted.as_ref().map(|quota| quota.entry).filter(|_| is_current);
            let mut update = balance.begin_update();
            if is_current {
                update.raise_quota(ctx, credits, id, description)?;
            } else {
                let kind = EntryKind::QuotaGrant;
                update.post(ctx, Posting::topups(kind, credits, source.clone(), description))?;
            }
            let payment = StoredPayment::of_invoice(invoice, organization, credits, grant);
            PaidGrant { organization: found, account, update, payment }.commit(ctx).await
        })
        .await
    }
}
