//! The stored state of the simulator, which the local stack keeps in a file.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All objects, timers and pending deliveries.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct ObjectStore {
    /// Objects of all types as the API returns them, in the order of creation.
    objects: Vec<Value>,
    /// Positions in `objects` by id. They are not stored but rebuilt after loading.
    #[serde(skip)]
    index: HashMap<String, usize>,
    pub(crate) timers: Vec<Timer>,
    /// Card numbers by payment method id.
    #[serde(rename = "cards")]
    pub(crate) card_numbers: BTreeMap<String, String>,
    /// Checkout details that the session object does not show, by session id.
    #[serde(rename = "orders")]
    pub(crate) checkout_details: BTreeMap<String, CheckoutDetails>,
    /// Lines for the next invoice, by subscription id.
    #[serde(rename = "pending")]
    pub(crate) pending_lines: BTreeMap<String, Vec<Value>>,
    /// Events to deliver, in the order of creation.
    pub(crate) deliveries: Vec<PendingDelivery>,
    /// Stored responses by idempotency key.
    #[serde(rename = "answers")]
    pub(crate) responses: BTreeMap<String, StoredResponse>,
}

/// An action at a point in time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timer {
    /// The time in seconds since 1970.
    #[serde(rename = "at")]
    pub(crate) run_at: i64,
    #[serde(rename = "due")]
    pub(crate) action: TimerAction,
}

/// An action of a timer, with the id of the object that it applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TimerAction {
    /// Expires an open checkout session.
    #[serde(rename = "Expire")]
    ExpireSession(String),
    /// Starts the next period of a subscription.
    #[serde(rename = "Renew")]
    RenewSubscription(String),
    /// Finalizes a draft invoice and collects it.
    #[serde(rename = "Finalize")]
    FinalizeInvoice(String),
    /// Collects an invoice again after a failed attempt.
    #[serde(rename = "Retry")]
    RetryInvoice(String),
    /// Discards the pending update of a subscription.
    ExpirePendingUpdate(String),
    /// Releases the subscription of a schedule after its last phase.
    EndSchedule(String),
}

/// The contents of a checkout session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CheckoutDetails {
    /// The line items as the session lists them.
    #[serde(rename = "lines")]
    pub(crate) line_items: Vec<Value>,
    /// The metadata of the subscription, payment intent or setup intent that the session creates.
    pub(crate) metadata: Value,
}

/// An event that has not been delivered yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PendingDelivery {
    pub(crate) event: String,
    /// The number of failed attempts.
    pub(crate) attempts: usize,
    /// The time of the next attempt in seconds since 1970.
    #[serde(rename = "at")]
    pub(crate) next_attempt_at: i64,
}

/// The response to a request with an idempotency key, which is returned again for the same request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredResponse {
    /// The method, path and parameters of the request.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The time of the request in seconds since 1970.
    #[serde(rename = "at")]
    pub(crate) created_at: i64,
}

impl ObjectStore {
    /// Rebuilds the index after the store was loaded.
    pub(crate) fn with_index(mut self) -> Self {
        let id = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
        self.index = self
            .objects
            .iter()
            .enumerate()
            .map(|(position, object)| (id(object), position))
            .collect();
        self
    }

    /// Returns the object of this type with this id.
    pub(crate) fn get(&self, object_type: &str, id: &str) -> Option<&Value> {
        self.get_any(id).filter(|object| object["object"] == object_type)
    }

    /// Returns the object of any type with this id.
    pub(crate) fn get_any(&self, id: &str) -> Option<&Value> {
        self.objects.get(*self.index.get(id)?)
    }

    /// Returns the object of any type with this id, to change it.
    pub(crate) fn get_any_mut(&mut self, id: &str) -> Option<&mut Value> {
        self.objects.get_mut(*self.index.get(id)?)
    }

    /// Iterates over the objects of a type that were not deleted, newest first.
    pub(crate) fn list<'s>(&'s self, object_type: &'s str) -> impl Iterator<Item = &'s Value> {
        let of_type = self.objects.iter().rev().filter(move |each| each["object"] == object_type);
        of_type.filter(|object| object["deleted"] != true)
    }

    /// Adds an object, or replaces the one with the same id.
    pub(crate) fn put(&mut self, object: Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        match self.index.get(&id).and_then(|position| self.objects.get_mut(*position)) {
            Some(existing) => *existing = object,
            None => {
                self.index.insert(id, self.objects.len());
                self.objects.push(object);
            }
        }
    }

    /// Returns the time of the next timer.
    pub(crate) fn next_timer_at(&self) -> Option<i64> {
        self.timers.iter().map(|timer| timer.run_at).min()
    }

    /// Removes and returns the earliest timer that is due by this time.
    pub(crate) fn take_due_timer(&mut self, until: i64) -> Option<Timer> {
        let (position, first) =
            self.timers.iter().enumerate().min_by_key(|(_, timer)| timer.run_at)?;
        if first.run_at > until { None } else { Some(self.timers.remove(position)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_files_keep_their_field_names() {
        let stored = json!({
            "objects": [{"id": "cus_1", "object": "customer"}],
            "timers": [
                {"at": 1, "due": {"Expire": "cs_1"}},
                {"at": 2, "due": {"Renew": "sub_1"}},
                {"at": 3, "due": {"Finalize": "in_1"}},
                {"at": 4, "due": {"Retry": "in_2"}},
            ],
            "cards": {"pm_1": "4242424242424242"},
            "orders": {"cs_1": {"lines": [{"id": "li_1"}], "metadata": {}}},
            "pending": {"sub_1": [{"id": "il_1"}]},
            "deliveries": [{"event": "evt_1", "attempts": 1, "at": 5}],
            "answers": {"key": {"request": "POST /v1/x {}", "status": 200, "body": {}, "at": 6}},
        });
        let store: ObjectStore = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(store.with_index()).unwrap(), stored);
    }
}
