//! What the simulator holds, and keeps in a file where the stack keeps its data.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything, in the order of making.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Store {
    /// As they are answered; those of one kind lie among the others.
    objects: Vec<Value>,
    /// Where an object is, by its id.
    #[serde(skip)]
    places: HashMap<String, usize>,
    pub(super) timers: Vec<Timer>,
    /// The numbers of cards, by payment method.
    pub(super) cards: BTreeMap<String, String>,
    /// What checkout sessions are for and don't show.
    pub(super) orders: BTreeMap<String, Order>,
    /// Lines for the next invoice, by subscription.
    pub(super) pending: BTreeMap<String, Vec<Value>>,
    /// Events that are to be sent, in the order of making.
    pub(super) deliveries: Vec<Delivery>,
    /// Answers to requests with an idempotency key, by the key.
    pub(super) answers: BTreeMap<String, Answer>,
}

/// Something that happens by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Timer {
    /// Seconds since 1970.
    pub(super) at: i64,
    pub(super) due: Due,
}

/// What happens, to the object with an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Due {
    /// A checkout session that nobody paid.
    Expire(String),
    /// A subscription's period ends.
    Renew(String),
    /// A draft of an invoice is made final.
    Finalize(String),
    /// An invoice that couldn't be paid is tried again.
    Retry(String),
}

/// What a checkout session is for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Order {
    /// `item`s, as the session lists them.
    pub(super) lines: Vec<Value>,
    /// The metadata of what it makes: a subscription, a payment intent or a setup intent.
    pub(super) metadata: Value,
}

/// An event on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) event: String,
    pub(super) attempts: usize,
    /// When it is to be tried next, in seconds since 1970.
    pub(super) at: i64,
}

/// An answer that is given again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Method, path and parameters.
    pub(super) request: String,
    pub(super) status: u16,
    pub(super) body: Value,
    /// Seconds since 1970.
    pub(super) at: i64,
}

impl Store {
    /// The same with its places, which aren't kept.
    pub(super) fn placed(mut self) -> Self {
        let id = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
        self.places = self.objects.iter().enumerate().map(|(at, each)| (id(each), at)).collect();
        self
    }

    /// An object of a kind.
    pub(super) fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.any(id).filter(|object| object["object"] == kind)
    }

    /// An object of whatever kind.
    pub(super) fn any(&self, id: &str) -> Option<&Value> {
        self.objects.get(*self.places.get(id)?)
    }

    pub(super) fn any_mut(&mut self, id: &str) -> Option<&mut Value> {
        self.objects.get_mut(*self.places.get(id)?)
    }

    /// All of a kind that weren't deleted, newest first.
    pub(super) fn all<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Value> {
        let all = self.objects.iter().rev().filter(move |object| object["object"] == kind);
        all.filter(|object| object["deleted"] != true)
    }

    /// Puts an object, in place of the one with its id if there is one.
    pub(super) fn put(&mut self, object: Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        match self.places.get(&id).and_then(|place| self.objects.get_mut(*place)) {
            Some(place) => *place = object,
            None => {
                self.places.insert(id, self.objects.len());
                self.objects.push(object);
            }
        }
    }

    /// When the next of the timers goes off.
    pub(super) fn next_timer(&self) -> Option<i64> {
        self.timers.iter().map(|timer| timer.at).min()
    }

    /// Takes the first timer that goes off until a moment.
    pub(super) fn take_timer(&mut self, until: i64) -> Option<Timer> {
        let (place, first) = self.timers.iter().enumerate().min_by_key(|(_, timer)| timer.at)?;
        if first.at > until { None } else { Some(self.timers.remove(place)) }
    }
}
