//! The activity log: who did what to what, when, from where. Entries are written in the transaction
//! of the change that they tell of, and kept by scope and month.

pub mod csv;
mod filter;
pub mod list;
mod names;
pub mod of_client;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use filter::Filter;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AuditEntry, Key, Record};
use crate::ids::{EventId, NotAnId, OrganizationId, UserId};
use crate::keys;
use crate::requester::Requester;

/// How long a person's own events are kept, and shown: a year, whichever it is.
pub const OWN_KEPT: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Whose log an entry stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// A person's own security events.
    User(UserId),
    /// An organization's events.
    Organization(OrganizationId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "USER#{user}"),
            Self::Organization(organization) => write!(f, "CLIENT#{organization}"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        match text.split_once('#') {
            Some(("USER", user)) => user.parse().map(Self::User),
            Some(("CLIENT", organization)) => organization.parse().map(Self::Organization),
            Some(_) | None => Err(NotAnId),
        }
    }
}

/// What happened: `thing.verb_in_the_past`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// An account was made, or an unproven one made anew.
    #[serde(rename = "account.registered")]
    AccountRegistered,
    /// Somebody proved that the address is theirs.
    #[serde(rename = "account.email_verified")]
    EmailVerified,
    /// Somebody changed what they say of themselves.
    #[serde(rename = "account.profile_changed")]
    ProfileChanged,
    /// A password was set by somebody who was signed in.
    #[serde(rename = "account.password_changed")]
    PasswordChanged,
    /// The account has another address.
    #[serde(rename = "account.email_changed")]
    EmailChanged,
    /// The account has its address from before again.
    #[serde(rename = "account.email_change_undone")]
    EmailChangeUndone,
    /// Signing in asks for a second factor from now on.
    #[serde(rename = "account.two_factor_enabled")]
    TwoFactorEnabled,
    /// Signing in asks for one factor from now on.
    #[serde(rename = "account.two_factor_disabled")]
    TwoFactorDisabled,
    /// The recovery codes were replaced.
    #[serde(rename = "account.recovery_codes_replaced")]
    RecoveryCodesReplaced,
    /// An account at Google signs in from now on.
    #[serde(rename = "account.google_connected")]
    GoogleConnected,
    /// No account at Google signs in any more.
    #[serde(rename = "account.google_disconnected")]
    GoogleDisconnected,
    /// The account waits to be erased.
    #[serde(rename = "account.deletion_scheduled")]
    DeletionScheduled,
    /// The account waits no more to be erased.
    #[serde(rename = "account.restored")]
    Restored,
    /// A password was set with a mailed code.
    #[serde(rename = "account.password_reset")]
    PasswordReset,
    /// Somebody changed what they are told of, or where.
    #[serde(rename = "notifications.changed")]
    NotificationsChanged,
    /// Somebody proved the first factor, and was asked for the second.
    #[serde(rename = "session.second_factor_asked")]
    SecondFactorAsked,
    /// A session began.
    #[serde(rename = "session.started")]
    SessionStarted,
    /// A session was ended by its user.
    #[serde(rename = "session.ended")]
    SessionEnded,
    /// All sessions but one were ended from that one.
    #[serde(rename = "session.others_ended")]
    OtherSessionsEnded,
    /// Somebody made a token of their own.
    #[serde(rename = "token.created")]
    TokenCreated,
    /// Somebody revoked a token of their own.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// An organization was made.
    #[serde(rename = "client.created")]
    OrganizationCreated,
    /// An organization has another name.
    #[serde(rename = "client.renamed")]
    OrganizationRenamed,
    /// An organization has another owner.
    #[serde(rename = "client.transferred")]
    OrganizationTransferred,
    /// An organization has another plan.
    #[serde(rename = "client.plan_changed")]
    PlanChanged,
    /// Whoever pays for an organization was sent to Stripe to subscribe.
    #[serde(rename = "subscription.checkout_started")]
    SubscriptionCheckoutStarted,
    /// A subscription began.
    #[serde(rename = "subscription.started")]
    SubscriptionStarted,
    /// A subscription has another status, or is to end or not.
    #[serde(rename = "subscription.changed")]
    SubscriptionChanged,
    /// A subscription ended.
    #[serde(rename = "subscription.ended")]
    SubscriptionEnded,
    /// Credits were bought.
    #[serde(rename = "credits.topped_up")]
    CreditsToppedUp,
    /// Credits went back with the money that had paid for them.
    #[serde(rename = "credits.taken_back")]
    CreditsTakenBack,
    /// Credits came back with the money that had gone back.
    #[serde(rename = "credits.given_back")]
    CreditsGivenBack,
    /// A payment didn't succeed.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// A card or the like was added.
    #[serde(rename = "payment_method.added")]
    PaymentMethodAdded,
    /// A card or the like was removed.
    #[serde(rename = "payment_method.removed")]
    PaymentMethodRemoved,
    /// All that Stripe kept of an organization was removed there.
    #[serde(rename = "billing.removed")]
    BillingRemoved,
    /// An organization was deleted.
    #[serde(rename = "client.deleted")]
    OrganizationDeleted,
    /// Somebody was invited.
    #[serde(rename = "invitation.created")]
    InvitationCreated,
    /// An invitation was taken back.
    #[serde(rename = "invitation.revoked")]
    InvitationRevoked,
    /// Somebody who was invited doesn't want to join.
    #[serde(rename = "invitation.declined")]
    InvitationDeclined,
    /// Somebody who was invited joined.
    #[serde(rename = "member.joined")]
    MemberJoined,
    /// A member has another role.
    #[serde(rename = "member.role_changed")]
    MemberRoleChanged,
    /// A member was removed.
    #[serde(rename = "member.removed")]
    MemberRemoved,
    /// A member left.
    #[serde(rename = "member.left")]
    MemberLeft,
    /// A key was made.
    #[serde(rename = "key.created")]
    KeyCreated,
    /// A key got another value.
    #[serde(rename = "key.rotated")]
    KeyRotated,
    /// A key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
    /// A key was used for the first time that day (UTC).
    #[serde(rename = "key.used")]
    KeyUsed,
    /// A project was made.
    #[serde(rename = "project.created")]
    ProjectCreated,
    /// A project has another name or description.
    #[serde(rename = "project.changed")]
    ProjectChanged,
    /// A project was copied.
    #[serde(rename = "project.forked")]
    ProjectForked,
    /// A project was deleted.
    #[serde(rename = "project.deleted")]
    ProjectDeleted,
    /// A project has another brief.
    #[serde(rename = "project.brief_changed")]
    BriefChanged,
    /// A version of a file was uploaded.
    #[serde(rename = "artifact.uploaded")]
    ArtifactUploaded,
    /// A version of a file was deleted.
    #[serde(rename = "artifact.deleted")]
    ArtifactDeleted,
    /// A run began.
    #[serde(rename = "run.started")]
    RunStarted,
    /// A run ended.
    #[serde(rename = "run.finished")]
    RunFinished,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, whatever they proved it by.
    User(UserId),
    /// A key of the organization in whose log it stands.
    Key(u32),
    /// The service itself, on what it was told by somebody else's: a payment went through.
    Service,
}

impl From<&UserId> for Actor {
    fn from(user: &UserId) -> Self {
        Self::User(user.clone())
    }
}

/// One entry. Holds ids, never names or addresses of people: what erasing a person has to find
/// stays in one place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    id: EventId,
    scope: Scope,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub action: Action,
    /// Who did it, where that was a person.
    pub user_id: Option<UserId>,
    /// Which of the organization's keys did it, where that was none.
    pub key: Option<u32>,
    /// What it was done to, as an id.
    pub target: String,
    /// From where.
    pub ip: IpAddr,
    /// With what.
    pub user_agent: String,
    /// What else is worth knowing; never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl Entry {
    /// An entry of now.
    pub fn new(
        ctx: &Context,
        requester: &Requester,
        scope: &Scope,
        action: Action,
        actor: impl Into<Actor>,
        target: impl ToString,
    ) -> Self {
        let (user_id, key) = match actor.into() {
            Actor::User(user) => (Some(user), None),
            Actor::Key(number) => (None, Some(number)),
            Actor::Service => (None, None),
        };
        Self {
            id: EventId::generate(&*ctx.random),
            scope: scope.clone(),
            at: ctx.now(),
            action,
            user_id,
            key,
            target: target.to_string(),
            ip: requester.ip,
            user_agent: requester.user_agent.clone(),
            details: BTreeMap::new(),
        }
    }

    /// An entry of now in an organization's log.
    pub fn of_client(
        ctx: &Context,
        requester: &Requester,
        organization_id: &OrganizationId,
        actor: impl Into<Actor>,
        action: Action,
        target: impl ToString,
    ) -> Self {
        Self::new(
            ctx,
            requester,
            &Scope::Organization(organization_id.clone()),
            action,
            actor,
            target,
        )
    }

    /// An entry of now in a person's own log, of what they did to their account.
    pub fn of_account(ctx: &Context, requester: &Requester, action: Action, user: &UserId) -> Self {
        Self::new(ctx, requester, &Scope::User(user.clone()), action, user, user)
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// The activity-log entries of a transaction, or the reason why it has none.
pub type Log = ::dynamo::Log<Entry>;

impl AuditEntry for Entry {}

impl Record for Entry {
    fn key(&self) -> Key {
        keys::activity(&self.scope.to_string(), self.at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        match self.scope {
            Scope::User(_) => Some(self.at.plus(OWN_KEPT).seconds()),
            Scope::Organization(_) => None,
        }
    }
}
