//! How much of its plan's storage an organization uses.

use serde::{Deserialize, Serialize};

use super::Upload;
use crate::dynamo::{AttemptError, BatchResult, Condition, Key, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;

const GIB: u64 = 1024 * 1024 * 1024;

/// The contents that an organization stores, and those whose upload was requested and may still come. Equal contents
/// count once, so a fork needs no storage. Absent until the first content.
///
/// It changes in the transaction that adds or removes a content, so it is exact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StorageUsage {
    /// The organization whose storage is counted.
    pub client_id: OrganizationId,
    /// The size of all contents in bytes.
    #[serde(default)]
    pub bytes: i64,
    /// The number of contents.
    #[serde(default)]
    pub contents: i64,
}

impl Record for StorageUsage {
    fn key(&self) -> Key {
        keys::storage_usage(&self.client_id)
    }
}

/// Contents to add to the usage, or to remove from it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StorageChange {
    bytes: i64,
    contents: i64,
}

impl StorageChange {
    /// Returns the change by one content more.
    pub(super) fn added(size: u64) -> Self {
        Self { bytes: i64::try_from(size).unwrap_or(i64::MAX), contents: 1 }
    }

    /// Returns the change by one content less.
    pub(super) fn removed(size: u64) -> Self {
        let Self { bytes, contents } = Self::added(size);
        Self { bytes: -bytes, contents: -contents }
    }

    /// Returns both changes together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, contents: self.contents + other.contents }
    }

    /// Returns the update of an organization's usage.
    pub(super) fn update(self, organization_id: &OrganizationId) -> Result<Update> {
        Ok(Update::new(keys::storage_usage(organization_id))
            .set("client_id", organization_id)?
            .add("bytes", self.bytes)
            .add("contents", self.contents))
    }
}

/// Checks with the rows that were read whether a content fits the plan.
///
/// # Errors
///
/// * [`Error::PlanLimit`] if it does not.
pub(super) fn check_fits(
    organization: &Organization,
    found: &BatchResult,
    size: u64,
) -> Result<()> {
    let used: Option<StorageUsage> = found.read(&keys::storage_usage(&organization.id))?;
    let (bytes, contents) = used.map_or((0, 0), |used| (used.bytes, used.contents));
    let refuse =
        |what, limit| Err(Error::PlanLimit { plan: organization.plan.name(), what, limit });
    let limits = organization.plan.limits();
    if let Some(limit) = limits.contents
        && contents >= i64::from(limit)
    {
        return refuse("stored files", limit);
    }
    match limits.storage_gib {
        Some(limit) if bytes > max_bytes(limit) - StorageChange::added(size).bytes => {
            refuse("GiB of storage", limit)
        }
        Some(_) | None => Ok(()),
    }
}

fn max_bytes(gib: u32) -> i64 {
    i64::try_from(u64::from(gib) * GIB).unwrap_or(i64::MAX)
}

/// Counts a new content in `tx`, on condition that it fits the plan.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if it does not fit any more. The retry reads the usage again and says so.
pub(super) fn count_new(tx: &mut Tx<'_>, organization: &Organization, size: u64) -> Result<()> {
    let limits = organization.plan.limits();
    let change = StorageChange::added(size);
    let mut fits = Vec::new();
    if let Some(limit) = limits.storage_gib {
        fits.push(Condition::less("bytes", max_bytes(limit) - change.bytes + 1)?);
    }
    if let Some(limit) = limits.contents {
        fits.push(Condition::less("contents", limit)?);
    }
    let mut update = change.update(&organization.id)?;
    if !fits.is_empty() {
        let is_first = Condition::Missing("bytes");
        update = update.only_if(Condition::Any(vec![is_first, Condition::All(fits)]));
    }
    tx.update(update, AttemptError::Conflict)
}

/// Removes contents from the usage in `tx`.
///
/// # Errors
///
/// Fails if the update cannot be encoded.
pub(super) fn count_change(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    change: StorageChange,
) -> Result<()> {
    tx.update(change.update(organization_id)?, AttemptError::Conflict)
}

/// Ends the reservation of a requested upload in `tx`.
///
/// # Errors
///
/// Fails if the update cannot be encoded.
pub(super) fn release(tx: &mut Tx<'_>, upload: &Upload) -> Result<()> {
    if upload.is_reserved {
        let change = StorageChange::removed(upload.size);
        count_change(tx, &upload.id.organization(), change)?;
    }
    Ok(())
}
