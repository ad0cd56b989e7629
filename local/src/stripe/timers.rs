//! What happens by itself, at its time.

use serde_json::json;

use super::cards::Session;
use super::store::Due;
use super::work::Work;
use super::{checkout, invoices, subscriptions};

/// Does what is due.
pub(super) fn run(work: &mut Work<'_>, due: Due) {
    match due {
        Due::Expire(session) => {
            // Only open ones have a timer.
            let _ = checkout::expire(work, &session, &json!({}));
        }
        Due::Renew(subscription) => subscriptions::renew(work, &subscription),
        Due::Finalize(invoice) => {
            invoices::finalize(work, &invoice);
            collect(work, &invoice);
        }
        Due::Retry(invoice) => collect(work, &invoice),
    }
}

fn collect(work: &mut Work<'_>, invoice: &str) {
    let subscription = subscriptions::of_invoice(work, invoice);
    let method = subscription.and_then(|subscription| subscriptions::method(work, &subscription));
    invoices::collect(work, invoice, method.as_deref(), Session::Off);
}
