//! The rows of an activity log as pages show them.

use std::net::IpAddr;

use shared::activity::organization_log::OrganizationEvent;
use shared::activity::user_log::UserEvent;
use shared::activity::{Action, ActionKind};
use shared::mail::device;

use super::activity_text::activity_text;
use super::{Frame, TimeText};

/// How a row names an operator of the service.
const SUPPORT: &str = "Support";

/// Returns the sentence for an event in the person's own log.
pub(crate) fn own_activity_text(event: &UserEvent) -> String {
    let actor = if event.support { SUPPORT } else { "You" };
    activity_text(event.action, Some(actor), &event.details)
}

/// An event of a log.
#[derive(Debug)]
pub(crate) struct ActivityRow {
    pub(crate) icon: &'static str,
    /// The kind in words, for people who do not see the icon.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    pub(crate) time: TimeText,
    /// The address of the request.
    pub(crate) ip: String,
    /// The device of the request in words.
    pub(crate) device: String,
}

/// The values of a row, apart from who caused it.
struct Origin<'e> {
    action: Action,
    ip: &'e IpAddr,
    user_agent: &'e str,
}

impl ActivityRow {
    /// Creates the row of an event in the person's own log.
    pub(crate) fn of_user(frame: &Frame, event: &UserEvent) -> Self {
        let text = own_activity_text(event);
        let origin = Origin { action: event.action, ip: &event.ip, user_agent: &event.user_agent };
        Self::new(origin, text, frame.time(&event.timestamp))
    }

    /// Creates the row of an event in an organization's log.
    pub(crate) fn of_organization(frame: &Frame, event: &OrganizationEvent) -> Self {
        let own = frame.signed_in.user.id.as_str();
        let user = event.user.as_ref().map(|user| match &user.email {
            _ if user.id == own => "You".to_owned(),
            Some(email) => email.clone(),
            None => "A deleted account".to_owned(),
        });
        let key = event.key.as_ref().map(|key| match &key.name {
            Some(name) => format!("API key “{name}”"),
            None => format!("API key {}", key.id),
        });
        let actor = user.or(key).or_else(|| event.support.then(|| SUPPORT.to_owned()));
        let text = activity_text(event.action, actor.as_deref(), &event.details);
        let origin = Origin { action: event.action, ip: &event.ip, user_agent: &event.user_agent };
        Self::new(origin, text, frame.time(&event.timestamp))
    }

    fn new(origin: Origin<'_>, text: String, time: TimeText) -> Self {
        let kind = origin.action.kind();
        Self {
            icon: kind.name(),
            kind: kind_label(kind),
            text,
            time,
            ip: origin.ip.to_string(),
            device: device::describe(origin.user_agent),
        }
    }
}

/// Returns the label of a kind in filters.
pub(crate) const fn kind_label(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Account => "Account",
        ActionKind::SignIns => "Sign-ins",
        ActionKind::Credentials => "Tokens and API keys",
        ActionKind::Organization => "Organization",
        ActionKind::Billing => "Billing",
        ActionKind::Team => "Team",
        ActionKind::Projects => "Projects and files",
        ActionKind::Runs => "Runs",
    }
}
