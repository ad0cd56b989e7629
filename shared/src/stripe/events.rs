//! Events.
//! <https://docs.stripe.com/api/events>

use stripe_core::event::ListEvent;
use stripe_types::RangeQueryTs;

use super::{List, Stripe};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;

/// Entries of one page, the maximum of Stripe's API.
const MAX_PAGE_SIZE: i64 = 100;

/// An event. Only the ids of its object are read; the object itself is read from Stripe.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct StripeEvent {
    /// Id of the event, `evt_…`. Deliveries of the same event have the same id.
    pub id: String,
    /// The event's type, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object that changed.
    pub data: EventData,
}

/// The data of an event.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct EventData {
    /// The object that changed.
    pub object: EventObject,
    /// The former values of the attributes that changed.
    pub previous_attributes: Option<EventObject>,
}

/// The ids of an event's object.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct EventObject {
    /// Id of the object, whose prefix depends on its type.
    pub id: Option<String>,
    /// The id of its customer.
    pub customer: Option<String>,
    /// The id of its charge.
    pub charge: Option<String>,
    /// The id of its subscription.
    pub subscription: Option<String>,
}

impl Stripe {
    /// Lists up to a hundred events of the given types since a time, newest first, after the event `after`. Stripe
    /// keeps events for thirty days.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn list_events(
        &self,
        ctx: &Context,
        kinds: &[&str],
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<List<StripeEvent>> {
        let created = RangeQueryTs::gte(since.seconds());
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let list = ListEvent::new().created(created).types(kinds).limit(MAX_PAGE_SIZE);
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
