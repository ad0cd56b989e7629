//! Runs the actions of timers.

use serde_json::json;

use crate::billing::payments::SessionUsage;
use crate::billing::{invoices, subscription_lifecycle, subscription_schedules, subscriptions};
use crate::checkout::sessions;
use crate::operation::Operation;
use crate::store::TimerAction;

/// Runs the action of a timer that is due.
pub(crate) fn run_action(op: &mut Operation<'_>, action: TimerAction) {
    match action {
        TimerAction::ExpireSession(session) => {
            // It fails only for sessions that are not open, which have no timer.
            let _ = sessions::expire(op, &session, &json!({}));
        }
        TimerAction::RenewSubscription(subscription) => {
            subscription_lifecycle::renew(op, &subscription);
        }
        TimerAction::FinalizeInvoice(invoice) => {
            invoices::finalize_with_balance(op, &invoice);
            if !invoices::is_sent(op, &invoice) {
                collect(op, &invoice);
            }
        }
        TimerAction::ExpirePendingUpdate(subscription) => {
            invoices::expire_pending_update(op, &subscription);
        }
        TimerAction::EndSchedule(schedule) => {
            // It fails only for schedules that are not active, which have no timer.
            let _ = subscription_schedules::release(op, &schedule, &json!({}));
        }
        TimerAction::RetryInvoice(invoice) => collect(op, &invoice),
    }
}

fn collect(op: &mut Operation<'_>, invoice: &str) {
    let subscription = subscriptions::find_by_invoice(op, invoice);
    let method =
        subscription.and_then(|subscription| subscriptions::find_payment_method(op, &subscription));
    invoices::collect(op, invoice, method.as_deref(), SessionUsage::OffSession);
}
