//! Organizations, which own projects, billing and API keys. The HTTP API and stored keys call them clients.

pub mod authorize;
pub mod create;
pub mod delete;
mod end_membership;
mod end_owned_keys;
pub mod erase_now;
pub mod import;
pub mod invitations;
pub mod list;
pub mod members;
mod membership_notices;
mod membership_rows;
mod memberships;
mod owner_deletion;
pub mod read;
pub mod rename;
pub mod restore;
pub mod rights;
mod role;
pub mod scheduled_deletion;
pub mod sweep;
pub mod switcher;
pub mod two_factor_policy;
mod user_lookup;
mod view;

use serde::{Deserialize, Serialize};

pub(crate) use end_membership::end_membership;
pub use end_owned_keys::end_owned_keys;
pub use membership_rows::{ListedOrganization, Member, put_organization_with_owner};
pub(crate) use memberships::{Membership, list_memberships};
pub(crate) use owner_deletion::mark_owner_deleted;
pub use owner_deletion::{MARK_BATCH_SIZE, sync_owner_deletion};
pub use role::{AssignableRole, Role};
pub(crate) use user_lookup::{load_notice_recipients, load_users};
pub use view::OrganizationView;

use crate::accounts::User;
use crate::billing::{AgreedQuota, Plan};
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::suspension::Suspension;
use crate::values::Name;

/// An organization as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name.
    pub name: Name,
    /// The owner's user id.
    pub owner_id: UserId,
    /// Plan in force, which sets the limits.
    pub plan: Plan,
    /// The credits per month that an operator has agreed on with the organization, for one plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_quota: Option<AgreedQuota>,
    /// Whether it is its owner's default organization. Every account has one, which cannot be deleted.
    pub is_default: bool,
    /// Whether members without a second factor have no access.
    #[serde(default)]
    pub require_two_factor: bool,
    /// The number of members, including the owner. The plan's limit is checked against this number.
    pub members: u32,
    /// The number of projects.
    #[serde(default)]
    pub projects: u32,
    /// The number of API keys ever created, which is also the id of the latest.
    #[serde(default)]
    pub keys_made: u32,
    /// The current generation of API keys. Each key stores the generation at its creation and is
    /// revoked once this number is higher.
    #[serde(default)]
    pub keys_generation: u32,
    /// When all API keys were last revoked at once.
    pub keys_ended_at: Option<Timestamp>,
    /// When the owner requested the deletion of their account. API keys are refused until the account is
    /// restored.
    pub owner_deleted_at: Option<Timestamp>,
    /// Set while an operator has suspended the organization.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// When the organization was created.
    pub created_at: Timestamp,
    /// When the organization was deleted. From then on it is treated as missing. The worker deletes
    /// what it owns once it can no longer be restored.
    pub deleted_at: Option<Timestamp>,
    /// Until when a deleted organization can be restored. Missing once the worker has begun to delete
    /// what it owns.
    pub deletion_due_at: Option<Timestamp>,
    /// A version that every change increments, for optimistic locking.
    #[serde(default)]
    pub version: u64,
}

impl Organization {
    /// Returns whether an API key was ever created in it, also one that has ended. Until then its page offers to
    /// create the first.
    pub const fn has_api_keys(&self) -> bool {
        self.keys_made > 0
    }

    /// Creates an organization on the free plan with its owner as the only member.
    pub fn new(id: OrganizationId, name: Name, owner: &UserId, now: Timestamp) -> Self {
        Self {
            id,
            name,
            owner_id: owner.clone(),
            plan: Plan::Free,
            agreed_quota: None,
            is_default: false,
            require_two_factor: false,
            members: 1,
            projects: 0,
            keys_made: 0,
            keys_generation: 0,
            keys_ended_at: None,
            owner_deleted_at: None,
            suspension: None,
            created_at: now,
            deleted_at: None,
            deletion_due_at: None,
            version: 0,
        }
    }

    /// Returns the credits per month that are agreed on for `plan`, in place of those of the plan, if there are any.
    pub(crate) fn agreed_credits(&self, plan: Plan) -> Option<u32> {
        self.agreed_quota.filter(|agreed| agreed.plan == plan).map(|agreed| agreed.credits)
    }

    /// Returns whether it is the default organization of `user`.
    pub(crate) fn is_default_of(&self, user: &UserId) -> bool {
        self.is_default && self.owner_id == *user
    }

    /// Returns whether the organization has not been deleted.
    pub(crate) fn exists(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// Returns whether API keys of the present generation work: the organization exists, and its owner is not
    /// deleting their account.
    pub(crate) fn accepts_keys(&self) -> bool {
        self.exists() && self.owner_deleted_at.is_none()
    }

    /// Requires that the organization is not suspended.
    ///
    /// # Errors
    ///
    /// * [`Error::OrganizationSuspended`] otherwise.
    pub(crate) const fn require_not_suspended(&self) -> Result<()> {
        if self.suspension.is_some() { Err(Error::OrganizationSuspended) } else { Ok(()) }
    }

    /// Marks the organization as deleted for good. The caller must then delete what it owns.
    pub(crate) fn mark_deleted(self, now: Timestamp) -> Self {
        Self { deleted_at: Some(now), deletion_due_at: None, ..self }
    }

    /// Checks that `more` members fit the plan.
    ///
    /// # Errors
    ///
    /// * [`Error::PlanLimit`] if the plan allows fewer members.
    pub(crate) fn check_member_limit(&self, more: u32) -> Result<()> {
        match self.plan.limits().members {
            Some(limit) if self.members.saturating_add(more) > limit => {
                Err(Error::PlanLimit { plan: self.plan.name(), what: "members", limit })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that one more project fits the plan.
    ///
    /// # Errors
    ///
    /// * [`Error::PlanLimit`] if the plan allows no more projects.
    pub(crate) fn check_project_limit(&self) -> Result<()> {
        match self.plan.limits().projects {
            Some(limit) if self.projects >= limit => {
                Err(Error::PlanLimit { plan: self.plan.name(), what: "projects", limit })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Adds a check to `tx` that the organization is not deleted. Every new row under it that does
    /// not change its version needs this check, or the deletion might miss the row.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the organization was deleted.
    pub(crate) fn require_exists(&self, tx: &mut Tx<'_>) -> Result<()> {
        let not_deleted = Condition::All(vec![Condition::Exists, Condition::Missing("deleted_at")]);
        tx.check(&self.key(), &not_deleted, AttemptError::Conflict)
    }

    /// Stores the organization in `tx` with the next version, and returns it.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the organization changed since it was read.
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = Condition::equal("version", self.version)?;
        let organization = Self { version: self.version + 1, ..self };
        tx.put(&organization, unchanged, AttemptError::Conflict)?;
        Ok(organization)
    }

    /// Creates the default organization of an account, named after its owner.
    pub fn new_default(id: OrganizationId, owner: &User, now: Timestamp) -> Self {
        Self { is_default: true, ..Self::new(id, owner.name.clone(), &owner.id, now) }
    }
}

impl Record for Organization {
    fn key(&self) -> Key {
        keys::organization(&self.id)
    }
}
