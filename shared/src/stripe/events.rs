//! What happened at Stripe.
//! <https://docs.stripe.com/api/events>

use stripe_core::event::ListEvent;
use stripe_types::RangeQueryTs;

use super::{List, Stripe};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;

/// Most entries of one answer.
const MOST: i64 = 100;

/// Something happened: of what Stripe says, only what it happened to. How that stands now is asked.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// What happened: `invoice.paid`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// To what.
    pub data: EventData,
}

/// What something happened to.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct EventData {
    /// The thing.
    pub object: EventObject,
    /// What it was before, of what changed.
    pub previous_attributes: Option<EventObject>,
}

/// A thing, by its ids.
#[derive(Clone, Debug, serde::Deserialize, miniserde::Deserialize)]
pub struct EventObject {
    /// Its id.
    pub id: Option<String>,
    /// Whose it is.
    pub customer: Option<String>,
    /// The charge that it is of.
    pub charge: Option<String>,
}

impl Stripe {
    /// Events of those kinds since then, behind that one, the newest first: up to a hundred. Stripe keeps
    /// them for thirty days.
    pub async fn events(
        &self,
        ctx: &Context,
        kinds: &[&str],
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<List<Event>> {
        let created = RangeQueryTs::gte(since.seconds());
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let list = ListEvent::new().created(created).types(kinds).limit(MOST);
        let list = match after {
            Some(after) => list.starting_after(after),
            None => list,
        };
        self.read(ctx, list).await
    }
}
