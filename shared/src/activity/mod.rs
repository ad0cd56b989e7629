//! The audit log: who did what, when, and from where. Events are written in the transaction of the
//! change that they record, and are stored by log and month.

mod action;
mod action_kind;
mod actor_names;
pub mod csv_export;
mod filter;
pub mod member_events;
pub mod organization_log;
mod scope;
mod timeline;
pub mod user_log;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use action::{Action, SHOWN_TO_ORGANIZATIONS};
pub use action_kind::ActionKind;
pub use filter::ActivityFilter;
pub use member_events::copy_to_organizations;
pub use scope::AuditScope;

use crate::cause;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AuditEntry, Key, Record};
use crate::event_clock::EventTime;
use crate::ids::{EventId, OrganizationId, UserId};
use crate::keys;
use crate::requester::Requester;
use crate::support_case::SupportCase;

/// How long a user's own events are kept and shown. One year, with room for a leap day.
pub const USER_EVENT_TTL: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The name of the detail that holds the only organization of a personal token.
pub(crate) const ORGANIZATION_DETAIL: &str = "client";

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A user, with any kind of credential.
    User(UserId),
    /// An API key, by its number within the organization.
    Key(u32),
    /// An operator of the service, whom customers read as "support".
    Support(SupportCase),
    /// The service itself, for example after a payment at Stripe.
    Service,
}

impl From<&UserId> for Actor {
    fn from(user: &UserId) -> Self {
        Self::User(user.clone())
    }
}

/// An event in the audit log. It holds ids only, never names or addresses of users, so that erasing
/// an account need not change events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    id: EventId,
    scope: AuditScope,
    /// The second in which the event happened.
    pub at: Timestamp,
    /// Its number within the second. Events from before it was introduced have none.
    #[serde(default)]
    sequence: u32,
    /// What was done, with its details.
    pub action: Action,
    /// The user who caused it, if a user did.
    pub user_id: Option<UserId>,
    /// The number of the organization's API key that caused it, if a key did.
    pub key: Option<u32>,
    /// The operator who caused it and why, if one did. Customers read only that support did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    support: Option<SupportCase>,
    /// The id of what the action was applied to.
    pub target: String,
    /// The IP address of the request.
    pub ip: IpAddr,
    /// The user agent of the request.
    pub user_agent: String,
    /// Further details by name. They never contain secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
    /// The id of the request that caused an event that the worker copies, for the worker's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl AuditEvent {
    /// Creates an event at the present time. Its target is the user or organization whose log it is in.
    pub fn new(
        ctx: &Context,
        requester: &Requester,
        scope: &AuditScope,
        actor: impl Into<Actor>,
        action: Action,
    ) -> Self {
        let (user_id, key, support) = match actor.into() {
            Actor::User(user) => (Some(user), None, None),
            Actor::Key(number) => (None, Some(number), None),
            Actor::Support(case) => (None, None, Some(case)),
            Actor::Service => (None, None, None),
        };
        let target = match scope {
            AuditScope::User(user) => user.to_string(),
            AuditScope::Organization(organization) => organization.to_string(),
        };
        let is_copied =
            matches!(scope, AuditScope::User(_)) && SHOWN_TO_ORGANIZATIONS.contains(&action);
        let EventTime { at, sequence } = ctx.next_event_time();
        Self {
            id: EventId::generate(&*ctx.random),
            scope: scope.clone(),
            at,
            sequence,
            action,
            user_id,
            key,
            support,
            target,
            ip: requester.ip,
            user_agent: requester.user_agent.clone(),
            details: BTreeMap::new(),
            request_id: cause::request_id().filter(|_| is_copied),
        }
    }

    /// Creates an event at the present time in an organization's log. Its target is the organization.
    pub fn for_organization(
        ctx: &Context,
        requester: &Requester,
        organization_id: &OrganizationId,
        actor: impl Into<Actor>,
        action: Action,
    ) -> Self {
        Self::new(ctx, requester, &AuditScope::Organization(organization_id.clone()), actor, action)
    }

    /// Creates an event at the present time in a user's own log, about their own account.
    pub fn for_account(
        ctx: &Context,
        requester: &Requester,
        action: Action,
        user: &UserId,
    ) -> Self {
        Self::new(ctx, requester, &AuditScope::User(user.clone()), user, action)
    }

    /// Creates an event at the present time that an operator caused. Its target is the user or organization whose log
    /// it is in.
    pub fn for_support(
        ctx: &Context,
        scope: &AuditScope,
        case: &SupportCase,
        action: Action,
    ) -> Self {
        Self::new(ctx, &Requester::support(), scope, Actor::Support(case.clone()), action)
    }

    /// Returns whether support of the service caused the event.
    pub const fn is_by_support(&self) -> bool {
        self.support.is_some()
    }

    /// Returns the id of the request that caused an event that the worker copies.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Replaces the target by the id of the resource that the action changed.
    #[must_use]
    pub fn with_target(mut self, target: impl ToString) -> Self {
        self.target = target.to_string();
        self
    }

    /// Adds a detail to the event.
    #[must_use]
    pub fn with_detail(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// The audit events of a transaction, or the reason why it has none.
pub type Log = ::dynamo::Log<AuditEvent>;

impl AuditEntry for AuditEvent {}

impl Record for AuditEvent {
    fn key(&self) -> Key {
        keys::audit_event(&self.scope.to_string(), self.at, self.sequence, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        match self.scope {
            AuditScope::User(_) => Some(self.at.plus(USER_EVENT_TTL).seconds()),
            AuditScope::Organization(_) => None,
        }
    }
}
