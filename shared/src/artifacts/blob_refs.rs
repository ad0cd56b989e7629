//! Reference counts of stored content, which is kept until no version refers to it.

use super::storage_usage::{StorageChange, count_change};
use super::store::Blob;
use crate::blobs::{BlobKey, Sha256};
use crate::dynamo::{AttemptError, Condition, Record, Tx, Update};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::jobs::Job;

/// Adds references to existing content in `tx`.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the content was deleted or stored elsewhere since it was
///   read.
pub(crate) fn add_refs(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    sha256: &Sha256,
    object: &BlobKey,
    added: u32,
) -> Result<()> {
    let same_object = Condition::equal("object", object)?;
    let key = Blob::key_of(organization_id, sha256);
    tx.update(
        Update::new(key).add("uses", added.into()).only_if(same_object),
        AttemptError::Conflict,
    )
}

/// Stores new content of `size` bytes in `tx` with one reference. The caller counts it in the organization's storage.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the organization has the same content by now.
pub(super) fn put_first_ref(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    sha256: &Sha256,
    object: &BlobKey,
    size: u64,
) -> Result<()> {
    let blob = Blob {
        client_id: organization_id.clone(),
        sha256: *sha256,
        object: object.clone(),
        ref_count: 1,
        size,
    };
    tx.put(&blob, Condition::Absent, AttemptError::Conflict)
}

/// Removes references to content of one organization in `tx`. Content without references is deleted, and its object is
/// removed by the worker afterwards. If the same content is uploaded again meanwhile, it gets
/// another object, so no object in use is removed.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if a reference count changed since it was read.
pub(crate) fn drop_refs<'c>(
    tx: &mut Tx<'_>,
    blobs: impl IntoIterator<Item = (&'c Blob, u32)>,
) -> Result<()> {
    let mut unreferenced = Vec::new();
    let mut freed: Option<(&OrganizationId, StorageChange)> = None;
    for (blob, dropped) in blobs {
        let unchanged = Condition::All(vec![
            Condition::equal("object", &blob.object)?,
            Condition::equal("uses", blob.ref_count)?,
        ]);
        if blob.ref_count > dropped {
            let decrement = Update::new(blob.key()).add("uses", -i64::from(dropped));
            tx.update(decrement.only_if(unchanged), AttemptError::Conflict)?;
        } else {
            tx.delete(&blob.key(), Some(unchanged), AttemptError::Conflict)?;
            unreferenced.push(blob.object.clone());
            let so_far = freed.map_or_else(StorageChange::default, |(_, so_far)| so_far);
            freed = Some((&blob.client_id, so_far.plus(StorageChange::removed(blob.size))));
        }
    }
    if let Some((organization_id, change)) = freed {
        count_change(tx, organization_id, change)?;
    }
    if unreferenced.is_empty() {
        Ok(())
    } else {
        Job::RemoveBlobs { objects: unreferenced }.enqueue(tx)
    }
}
