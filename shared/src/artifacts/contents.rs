//! Reference counts of stored content, which is kept until no version refers to it.

use super::store::Content;
use crate::content::{Object, Sha256};
use crate::dynamo::{Condition, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::work::Job;

/// Adds references to existing content in `tx`.
///
/// # Errors
///
/// * [`Error::Conflict`] on commit if the content was deleted or stored elsewhere since it was
///   read.
pub(crate) fn use_more(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    sha256: &Sha256,
    object: &Object,
    uses: u32,
) -> Result<()> {
    let there = Condition::equal("object", object)?;
    let key = Content::key_of(organization_id, sha256);
    tx.update(Update::of(key).add("uses", uses.into()).only_if(there), Error::Conflict)
}

/// Stores new content in `tx` with one reference.
///
/// # Errors
///
/// * [`Error::Conflict`] on commit if the organization has the same content by now.
pub(super) fn use_first(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    sha256: &Sha256,
    object: &Object,
) -> Result<()> {
    let content = Content {
        client_id: organization_id.clone(),
        sha256: *sha256,
        object: object.clone(),
        uses: 1,
    };
    tx.put(&content, Condition::Absent, Error::Conflict)
}

/// Removes references to content in `tx`. Content without references is deleted, and its object is
/// removed by the worker afterwards. If the same content is uploaded again meanwhile, it gets
/// another object, so no object in use is removed.
///
/// # Errors
///
/// * [`Error::Conflict`] on commit if a reference count changed since it was read.
pub(crate) fn release<'c>(
    tx: &mut Tx<'_>,
    contents: impl IntoIterator<Item = (&'c Content, u32)>,
) -> Result<()> {
    let mut unused = Vec::new();
    for (content, less) in contents {
        let unchanged = Condition::All(vec![
            Condition::equal("object", &content.object)?,
            Condition::equal("uses", content.uses)?,
        ]);
        if content.uses > less {
            let fewer = Update::of(content.key()).add("uses", -i64::from(less));
            tx.update(fewer.only_if(unchanged), Error::Conflict)?;
        } else {
            tx.delete(&content.key(), Some(unchanged), Error::Conflict)?;
            unused.push(content.object.clone());
        }
    }
    if unused.is_empty() { Ok(()) } else { Job::RemoveContents { objects: unused }.enqueue(tx) }
}
