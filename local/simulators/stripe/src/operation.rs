//! The context of one operation: reads and changes objects, schedules timers and emits events.

use local_support::Random;
use serde_json::{Map, Value, json};

use crate::description::{API_VERSION, ApiDescription, merge_fields};
use crate::error::{ApiError, ApiResult};
use crate::store::{ObjectStore, PendingDelivery, Timer, TimerAction};

/// The ids of the API request that causes an operation. Both are `None` if there is no such request.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestIds {
    /// The id of the request, `req_…`.
    pub(crate) request_id: Option<String>,
    /// The idempotency key of the request.
    pub(crate) idempotency_key: Option<String>,
}

/// One operation of the simulator, at one point in time.
pub(crate) struct Operation<'s> {
    pub(crate) store: &'s mut ObjectStore,
    pub(crate) description: &'s ApiDescription,
    pub(crate) random: &'s dyn Random,
    /// The URL below which the hosted pages are, such as `http://localhost:8080/local/stripe`.
    pub(crate) pages_url: &'s str,
    /// The time of the operation in seconds since 1970. For a timer this is the time at which it was due.
    pub(crate) now: i64,
    /// The API request that causes the operation.
    pub(crate) request: RequestIds,
}

impl Operation<'_> {
    /// Generates an object id with a prefix such as `cus`.
    pub(crate) fn new_id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.random.identifier())
    }

    /// Creates an object with Stripe's default fields and these.
    pub(crate) fn create_object(&mut self, object_type: &str, id: &str, fields: Value) {
        let mut object = self.description.build_object(object_type, fields);
        merge_fields(&mut object, json!({"id": id, "object": object_type}));
        if object.get("created").is_some() {
            merge_fields(&mut object, json!({"created": self.now}));
        }
        if object.get("livemode").is_some() {
            merge_fields(&mut object, json!({"livemode": false}));
        }
        self.store.put(object);
    }

    /// Returns an object. `param` is the name of the parameter that names it, or `id` for the path.
    ///
    /// # Errors
    /// Fails with `resource_missing` if there is no object of this type with this id.
    pub(crate) fn get_object(&self, object_type: &str, id: &str, param: &str) -> ApiResult<&Value> {
        self.store
            .get(object_type, id)
            .ok_or_else(|| ApiError::resource_missing(object_type, id, param))
    }

    /// Returns a field of an object, or null if the object or the field does not exist.
    pub(crate) fn field(&self, id: &str, pointer: &str) -> &Value {
        self.store.get_any(id).and_then(|object| object.pointer(pointer)).unwrap_or(&Value::Null)
    }

    /// Returns the text of a field, or an empty string if the field is not a string.
    pub(crate) fn text(&self, id: &str, pointer: &str) -> String {
        self.field(id, pointer).as_str().unwrap_or_default().to_owned()
    }

    /// Returns the integer in a field, or 0 if the field is not an integer.
    pub(crate) fn number(&self, id: &str, pointer: &str) -> i64 {
        self.field(id, pointer).as_i64().unwrap_or_default()
    }

    /// Changes fields of an object. Returns the previous values of those that differ.
    pub(crate) fn update_object(&mut self, id: &str, fields: Value) -> Value {
        let Some(object) = self.store.get_any_mut(id) else { return json!({}) };
        let previous_value = |(name, value): (&String, &Value)| {
            (object[name.as_str()] != *value).then(|| (name.clone(), object[name.as_str()].clone()))
        };
        let previous: Map<String, Value> =
            fields.as_object().into_iter().flatten().filter_map(previous_value).collect();
        merge_fields(object, fields);
        Value::Object(previous)
    }

    /// Schedules a timer, and replaces the timer with the same action if there is one.
    pub(crate) fn schedule(&mut self, run_at: i64, action: TimerAction) {
        self.store.timers.retain(|timer| timer.action != action);
        self.store.timers.push(Timer { run_at, action });
    }

    /// Emits an event with the current state of an object.
    pub(crate) fn emit_event(&mut self, event_type: &str, id: &str) {
        self.emit_event_with_previous(event_type, id, None);
    }

    /// Changes fields of an object, and emits an event if any value differs.
    pub(crate) fn update_and_emit(&mut self, event_type: &str, id: &str, fields: Value) {
        let previous = self.update_object(id, fields);
        if previous.as_object().is_some_and(|previous| !previous.is_empty()) {
            self.emit_event_with_previous(event_type, id, Some(previous));
        }
    }

    /// Emits an event with the current state of an object and the previous values of changed fields.
    pub(crate) fn emit_event_with_previous(
        &mut self,
        event_type: &str,
        id: &str,
        previous: Option<Value>,
    ) {
        let Some(object) = self.store.get_any(id) else { return };
        let mut data = json!({"object": object});
        if let Some(previous) = previous {
            merge_fields(&mut data, json!({"previous_attributes": previous}));
        }
        let event = self.new_id("evt");
        let RequestIds { request_id, idempotency_key } = self.request.clone();
        self.create_object(
            "event",
            &event,
            json!({
                "api_version": API_VERSION,
                "data": data,
                "pending_webhooks": 1,
                "request": {"id": request_id, "idempotency_key": idempotency_key},
                "type": event_type,
            }),
        );
        let next_attempt_at = self.now;
        self.store.deliveries.push(PendingDelivery { event, attempts: 0, next_attempt_at });
    }
}
