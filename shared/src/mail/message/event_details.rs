//! Details of the event that a mail reports: the account's name, the time and the origin of the request.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::safe_text::safe_person_name;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mail::device;
use crate::requester::Requester;
use crate::values::Name;

/// The event that a mail reports.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct EventDetails {
    /// The name of the account.
    name: Name,
    origin: Origin,
}

/// When and from where the event was caused.
#[derive(Clone, Serialize, Deserialize)]
struct Origin {
    at: Timestamp,
    /// The request that caused the event; `None` if no request did.
    #[serde(flatten)]
    source: Option<Source>,
}

/// The sender of a request.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) ip: IpAddr,
    /// The description of the device.
    pub(super) device: String,
}

impl EventDetails {
    /// Describes an event that the current request causes.
    pub(super) fn new(ctx: &Context, requester: &Requester, name: &Name) -> Self {
        Self::from_request(ctx.now(), requester, name)
    }

    /// Describes an event that a request caused at `at`.
    pub(super) fn from_request(at: Timestamp, requester: &Requester, name: &Name) -> Self {
        let device = device::describe(&requester.user_agent);
        let source = Some(Source { ip: requester.ip, device });
        Self { name: name.clone(), origin: Origin { at, source } }
    }

    /// Describes an event at `at` that has no known request.
    pub(super) fn without_request(at: Timestamp, name: &Name) -> Self {
        Self { name: name.clone(), origin: Origin { at, source: None } }
    }

    /// Returns the time of the event.
    pub(super) fn occurred_at(&self) -> Timestamp {
        self.origin.at
    }

    /// Returns the sender of the request that caused the event, if it is known.
    pub(super) fn source(&self) -> Option<&Source> {
        self.origin.source.as_ref()
    }

    /// Returns the name for the greeting, if it is safe to show.
    pub(super) fn greeting_name(&self) -> Option<&str> {
        safe_person_name(&self.name)
    }
}

/// Returns the URL of the product's account page.
pub(super) fn account_link(ctx: &Context) -> String {
    format!("{}/account", ctx.config.base_url)
}
