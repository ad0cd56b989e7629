//! Who contains what: a content is kept as long as a version contains it, and not longer.

use super::store::Content;
use crate::content::{Object, Sha256};
use crate::dynamo::{Condition, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::work::Job;

/// Adds to a change that so many more versions contain what is there already, at that place:
/// [`Error::Conflict`] where it isn't there any more.
pub(crate) fn use_more(
    tx: &mut Tx<'_>,
    organization_id: &OrganizationId,
    sha256: &Sha256,
    object: &Object,
    uses: u32,
) -> Result<()> {
    let there = Condition::equal("object", object)?;
    let key = Content::key_of(organization_id, sha256);
    tx.update(Update::new(key).add("uses", uses.into()).only_if(there), Error::Conflict)
}

/// Adds to a change that a version contains this, which nothing has contained so far:
/// [`Error::Conflict`] where something does by now.
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

/// Adds to a change that these contents have so many uses less; those that have none left are removed by
/// the worker afterwards. [`Error::Conflict`] where one has another number of uses by now.
///
/// What is uploaded again meanwhile is kept at another place: nothing that is used is removed.
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
            let fewer = Update::new(content.key()).add("uses", -i64::from(less));
            tx.update(fewer.only_if(unchanged), Error::Conflict)?;
        } else {
            tx.delete(&content.key(), Some(unchanged), Error::Conflict)?;
            unused.push(content.object.clone());
        }
    }
    if unused.is_empty() { Ok(()) } else { Job::RemoveContents { objects: unused }.call_for(tx) }
}
