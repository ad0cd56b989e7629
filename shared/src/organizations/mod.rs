//! Clients: the organizations that own projects, billing and keys.

pub mod admit;
pub mod create;
pub mod delete;
mod end_membership;
pub mod invitations;
pub mod list;
pub mod members;
mod people;
mod places;
pub mod read;
pub mod rename;
pub mod rights;
mod store;
pub mod sweep;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use end_membership::end_membership;
pub(crate) use places::{Place, places};
pub use store::{ListedOrganization, Member, put_with_owner};
pub use view::OrganizationView;

use crate::accounts::User;
use crate::billing::Plan;
use crate::clock::Timestamp;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::values::Name;

/// What a member is. `rights.rs` says what each may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one whose organization it is.
    Owner,
    /// Who runs it.
    Admin,
    /// Who works in it.
    Member,
}

impl Role {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

/// A role that is given and taken. What an owner is can only be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GivenRole {
    /// Who runs it.
    Admin,
    /// Who works in it.
    Member,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Admin => Self::Admin,
            GivenRole::Member => Self::Member,
        }
    }
}

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it is called.
    pub name: Name,
    /// Who owns it.
    pub owner_id: UserId,
    /// What it may use.
    pub plan: Plan,
    /// Whether it is the one that its owner's account can't be without.
    pub is_default: bool,
    /// How many belong to it, its owner among them. The row that the limit is held against.
    pub members: u32,
    /// How many projects it has.
    #[serde(default)]
    pub projects: u32,
    /// How many keys were ever made; the id of the latest.
    #[serde(default)]
    pub keys_made: u32,
    /// Counts up to end all keys at once: a key holds the value it was made with, and is dead when the
    /// two part.
    #[serde(default)]
    pub keys_generation: u32,
    /// When that was last done.
    pub keys_ended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Set from when it is deleted: from then on it doesn't exist for anybody, while what lies under it
    /// is being swept.
    pub deleted_at: Option<Timestamp>,
    /// Counts every change: whoever decides on what was read makes this part of the condition.
    #[serde(default)]
    pub version: u64,
}

impl Organization {
    /// A new organization of that owner.
    pub fn new(id: OrganizationId, name: Name, owner: &UserId, now: Timestamp) -> Self {
        Self {
            id,
            name,
            owner_id: owner.clone(),
            plan: Plan::Free,
            is_default: false,
            members: 1,
            projects: 0,
            keys_made: 0,
            keys_generation: 0,
            keys_ended_at: None,
            created_at: now,
            deleted_at: None,
            version: 0,
        }
    }

    /// Whether it is the one that this person's account can't be without.
    pub(crate) fn is_default_of(&self, user: &UserId) -> bool {
        self.is_default && self.owner_id == *user
    }

    /// Whether anybody can still reach it.
    pub(crate) fn exists(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// The organization without anybody who can reach it. What lies under it is to be swept then.
    pub(crate) fn deleted(self, now: Timestamp) -> Self {
        Self { deleted_at: Some(now), ..self }
    }

    /// Whether so many more can belong to it: [`Error::PlanLimit`] otherwise.
    pub(crate) fn has_room_for_members(&self, more: u32) -> Result<()> {
        match self.plan.limits().members {
            Some(limit) if self.members.saturating_add(more) > limit => {
                Err(Error::PlanLimit { plan: self.plan.name(), what: "members", limit })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether another project can be made in it: [`Error::PlanLimit`] otherwise.
    pub(crate) fn has_room_for_projects(&self) -> Result<()> {
        match self.plan.limits().projects {
            Some(limit) if self.projects >= limit => {
                Err(Error::PlanLimit { plan: self.plan.name(), what: "projects", limit })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Adds to a change that the organization is there: [`Error::Conflict`] once it is deleted. What is new
    /// under it, and doesn't change it, is written with this, or would stay behind its sweep.
    pub(crate) fn stays(&self, tx: &mut Tx<'_>) -> Result<()> {
        let there = Condition::All(vec![Condition::Exists, Condition::Missing("deleted_at")]);
        tx.check(&self.key(), &there, Error::Conflict)
    }

    /// Adds to a change that this is the organization from now on; [`Error::Conflict`] where it has
    /// changed since it was read.
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = Condition::equal("version", self.version)?;
        let organization = Self { version: self.version + 1, ..self };
        tx.put(&organization, unchanged, Error::Conflict)?;
        Ok(organization)
    }

    /// The client that comes with an account, called like its owner.
    pub fn default_of(id: OrganizationId, owner: &User, now: Timestamp) -> Self {
        Self { is_default: true, ..Self::new(id, owner.name.clone(), &owner.id, now) }
    }
}

impl Record for Organization {
    fn key(&self) -> Key {
        keys::organization(&self.id)
    }
}
