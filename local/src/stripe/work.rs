//! One thing that the simulator does, at one moment.

use serde_json::{Map, Value, json};
use shared::random::Random;

use super::public::{Public, VERSION, merge};
use super::refusal::Refusal;
use super::store::{Delivery, Due, Store, Timer};

pub(super) type Result<T> = std::result::Result<T, Refusal>;

/// What something is done with.
pub(super) struct Work<'w> {
    pub(super) store: &'w mut Store,
    pub(super) public: &'w Public,
    pub(super) random: &'w dyn Random,
    /// Where pages are, such as `http://localhost:8080/local/stripe`.
    pub(super) pages: &'w str,
    /// Seconds since 1970. Of what falls due, the moment at which it does.
    pub(super) now: i64,
    /// The request that it is done for: its id and its idempotency key. Nothing where it happens by itself.
    pub(super) request: (Option<String>, Option<String>),
}

impl Work<'_> {
    /// A new id.
    pub(super) fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.random.identifier())
    }

    /// Makes an object of a kind, with Stripe's fields and these.
    pub(super) fn make(&mut self, kind: &str, id: &str, fields: Value) {
        let mut object = self.public.object(kind, fields);
        merge(&mut object, json!({"id": id, "object": kind}));
        if object.get("created").is_some() {
            merge(&mut object, json!({"created": self.now}));
        }
        if object.get("livemode").is_some() {
            merge(&mut object, json!({"livemode": false}));
        }
        self.store.put(object);
    }

    /// An object, which `param` names.
    pub(super) fn get(&self, kind: &str, id: &str, param: &str) -> Result<&Value> {
        self.store.get(kind, id).ok_or_else(|| Refusal::missing(kind, id, param))
    }

    /// A field of an object; null where there is none.
    pub(super) fn field(&self, id: &str, pointer: &str) -> &Value {
        self.store.any(id).and_then(|object| object.pointer(pointer)).unwrap_or(&Value::Null)
    }

    /// A field's text; empty where it is no text.
    pub(super) fn text(&self, id: &str, pointer: &str) -> String {
        self.field(id, pointer).as_str().unwrap_or_default().to_owned()
    }

    /// A field's whole number; 0 where it is none.
    pub(super) fn number(&self, id: &str, pointer: &str) -> i64 {
        self.field(id, pointer).as_i64().unwrap_or_default()
    }

    /// Changes fields of an object; returns what those that differ were before.
    pub(super) fn change(&mut self, id: &str, fields: Value) -> Value {
        let Some(object) = self.store.any_mut(id) else { return json!({}) };
        let differs = |(name, value): (&String, &Value)| {
            (object[name.as_str()] != *value).then(|| (name.clone(), object[name.as_str()].clone()))
        };
        let before: Map<String, Value> =
            fields.as_object().into_iter().flatten().filter_map(differs).collect();
        merge(object, fields);
        Value::Object(before)
    }

    /// Something happens at a moment, in place of when it was to happen.
    pub(super) fn at(&mut self, at: i64, due: Due) {
        self.store.timers.retain(|timer| timer.due != due);
        self.store.timers.push(Timer { at, due });
    }

    /// An event about an object as it is now.
    pub(super) fn tell(&mut self, kind: &str, id: &str) {
        self.event(kind, id, None);
    }

    /// Changes fields of an object; an event says so, unless nothing is different.
    pub(super) fn change_and_tell(&mut self, kind: &str, id: &str, fields: Value) {
        let before = self.change(id, fields);
        if before.as_object().is_some_and(|before| !before.is_empty()) {
            self.event(kind, id, Some(before));
        }
    }

    /// An event about an object with what some of its fields were before.
    pub(super) fn event(&mut self, kind: &str, id: &str, before: Option<Value>) {
        let Some(object) = self.store.any(id) else { return };
        let mut data = json!({"object": object});
        if let Some(before) = before {
            merge(&mut data, json!({"previous_attributes": before}));
        }
        let event = self.id("evt");
        let (request, idempotency_key) = self.request.clone();
        self.make(
            "event",
            &event,
            json!({
                "api_version": VERSION,
                "data": data,
                "pending_webhooks": 1,
                "request": {"id": request, "idempotency_key": idempotency_key},
                "type": kind,
            }),
        );
        let at = self.now;
        self.store.deliveries.push(Delivery { event, attempts: 0, at });
    }
}
