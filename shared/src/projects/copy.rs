//! Copies the files of a project into its fork, as they were when the fork was created. The worker
//! does this in steps.
//!
//! The original's versions are visited path by path, the newest first. The fork gets the first
//! version of each path that existed when it was created. Later versions have a higher fork count,
//! and deletions are deferred until the copying has finished ([`super::deferred_deletions`]).
//!
//! The progress is stored in the fork's row, which changes in the transaction that copies. A
//! repeated step therefore copies nothing twice.

use std::collections::BTreeMap;

use super::{CopyProgress, Project};
use crate::activity::Log;
use crate::artifacts::{Artifact, CopyDestination, VersionByNumber, add_refs, put_copy};
use crate::blobs::BlobKey;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Chunk, Condition, Key, Range, Record, SortKeyCondition, Tx, Update,
    retry_conflicts,
};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::jobs::{Job, Progress};
use crate::keys;

/// Number of files copied per transaction, with five writes each.
const FILE_BATCH_SIZE: usize = 16;

/// Number of versions read per transaction to find these files.
const VERSION_BATCH_SIZE: usize = 48;

/// Number of transactions per step. A step takes less than a second, for which new mail has to wait.
const MAX_TRANSACTIONS: usize = 8;

/// Runs the next step, and after the last one marks the fork as complete. Each step is idempotent
/// and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The job is then repeated.
pub async fn copy(ctx: &Context, fork: &ProjectId) -> Result<Progress> {
    for _ in 0..MAX_TRANSACTIONS {
        match retry_conflicts(ctx, || attempt(ctx, fork)).await? {
            Progress::More => {}
            left @ (Progress::Done | Progress::Blocked) => return Ok(left),
        }
    }
    Ok(Progress::More)
}

async fn attempt(ctx: &Context, fork: &ProjectId) -> Attempt<Progress> {
    let stored: Option<Project> = ctx.table.get(&keys::project(fork)).await?;
    // The sweep of a deleted fork also ends its copying.
    let fork = stored.filter(Project::exists);
    let Some((fork, copying)) = fork.and_then(|fork| fork.copying.clone().map(|how| (fork, how)))
    else {
        return Ok(Progress::Done);
    };
    let Some(original) = fork.forked_from_id.clone() else {
        return Err(
            Error::internal("files are being copied into a project that is not a fork").into()
        );
    };
    let versions = versions_after(ctx, &original, copying.after.as_deref()).await?;
    let ChosenFiles { files, next, is_all } = choose_files(versions.items, copying);
    let is_end = is_all && !versions.more;
    let mut tx = ctx.table.transaction();
    put_copies(ctx, &mut tx, &fork.id, &files)?;
    let files = fork.files + u32::try_from(files.len()).map_err(Error::internal)?;
    let copying = (!is_end).then_some(next);
    Project { files, copying, ..fork }.store(&mut tx)?;
    if is_end {
        end_copy(ctx, &mut tx, &original).await?;
    }
    tx.commit(Log::Nothing("the request that forked the project was logged")).await?;
    Ok(if is_end { Progress::Done } else { Progress::More })
}

/// Reads the next versions of a project's files after this sort key, path by path, the newest first.
async fn versions_after(
    ctx: &Context,
    project: &ProjectId,
    after: Option<&str>,
) -> Result<Chunk<VersionByNumber>> {
    let pk = keys::project_partition(project);
    let range =
        Range { pk: &pk, sort_keys: SortKeyCondition::PrefixDescending(keys::VERSIONS_BY_NUMBER) };
    let after = after.map(|sk| Key { pk: pk.clone(), sk: sk.to_owned() });
    ctx.table.query_chunk_after(&range, after.as_ref(), VERSION_BATCH_SIZE).await
}

/// The files to copy next, chosen from a batch of versions.
struct ChosenFiles {
    files: Vec<Artifact>,
    /// The progress after these files.
    next: CopyProgress,
    /// Whether all versions of the batch were visited.
    is_all: bool,
}

fn choose_files(versions: Vec<VersionByNumber>, copying: CopyProgress) -> ChosenFiles {
    let (mut files, mut next) = (Vec::new(), copying);
    let mut path = next.after.as_deref().and_then(path_hash).map(ToOwned::to_owned);
    for version in versions {
        if files.len() == FILE_BATCH_SIZE {
            return ChosenFiles { files, next, is_all: false };
        }
        let sk = version.key().sk;
        let is_same = path_hash(&sk).is_some_and(|hash| path.as_deref() == Some(hash));
        next.settled &= is_same;
        if !next.settled && version.0.existed_before_fork(next.forks) {
            next.settled = true;
            files.push(version.0);
        }
        path = path_hash(&sk).map(ToOwned::to_owned);
        next.after = Some(sk);
    }
    ChosenFiles { files, next, is_all: true }
}

/// Returns the path's hash from the sort key of a version.
fn path_hash(sk: &str) -> Option<&str> {
    sk.strip_prefix(keys::VERSIONS_BY_NUMBER)?.split('#').next()
}

/// Adds copies of these files to the fork in `tx`.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if a file's content was deleted since it was read.
pub(super) fn put_copies(
    ctx: &Context,
    tx: &mut Tx<'_>,
    fork: &ProjectId,
    files: &[Artifact],
) -> Result<()> {
    let to = CopyDestination { project: fork, at: ctx.now() };
    // A transaction may write an item only once, so the references to equal content are added together.
    let mut refs: BTreeMap<&BlobKey, (&Artifact, u32)> = BTreeMap::new();
    for file in files {
        put_copy(ctx, tx, file, to)?;
        refs.entry(&file.object).or_insert((file, 0)).1 += 1;
    }
    for (object, (file, refs)) in refs {
        add_refs(tx, &fork.organization(), &file.sha256, object, refs)?;
    }
    Ok(())
}

/// Records in `tx` that one fork of the project is no longer being copied. After the last one, it
/// resumes the job that waits for this.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the number of copies changed since it was read.
pub(super) async fn end_copy(ctx: &Context, tx: &mut Tx<'_>, original: &ProjectId) -> Result<()> {
    let stored: Option<Project> = ctx.table.get(&keys::project(original)).await?;
    // The original exists until this is done, unless its whole organization is being swept.
    let Some(original) = stored else { return Ok(()) };
    if original.copies == 1 {
        let project_id = original.id.clone();
        let waiting = if original.exists() {
            Job::DeleteDeferredVersions { project_id }
        } else {
            Job::SweepProject { project_id }
        };
        waiting.requeue(tx)?;
    }
    // The condition does not include the version, because concurrent changes of files must not
    // force a retry.
    let state = if original.exists() {
        Condition::Missing("deleted_at")
    } else {
        Condition::Present("deleted_at")
    };
    let unchanged = Condition::All(vec![Condition::equal("copies", original.copies)?, state]);
    let decrement =
        Update::new(original.key()).add("copies", -1).add("version", 1).only_if(unchanged);
    tx.update(decrement, AttemptError::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifacts::{ArtifactKind, ContentType, FilePath};
    use crate::blobs::Sha256;
    use crate::clock::Timestamp;
    use crate::ids::{ArtifactId, OrganizationId};
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    /// Creates a version of a path with the fork counts at its upload and at its deletion.
    fn version(path: u8, number: u32, forks: u32, deleted: Option<u32>) -> VersionByNumber {
        let (organization, now) = (OrganizationId::from_bits(&[7; 16]), Timestamp::from_seconds(1));
        let project = ProjectId::generate(&SystemRandom, now, &organization);
        VersionByNumber(Artifact {
            id: ArtifactId::in_project(&SystemRandom, now, &project),
            path: FilePath::parse(&path.to_string()).unwrap(),
            kind: ArtifactKind::File,
            version: number,
            size: 1,
            content_type: ContentType::default(),
            sha256: Sha256::of(b""),
            object: BlobKey::for_organization(&organization, &SystemRandom),
            created_at: now,
            forks,
            deleted_after_forks: deleted,
        })
    }

    fn files(chosen: &[Artifact]) -> Vec<(String, u32)> {
        chosen.iter().map(|file| (file.path.to_string(), file.version)).collect()
    }

    proptest! {
        /// However the versions are split into batches, the fork gets the latest version of each
        /// path at its creation.
        #[test]
        fn a_fork_gets_the_latest_version_of_each_path(
            histories in proptest::collection::vec(
                proptest::collection::vec((0_u32..4, proptest::option::of(0_u32..4)), 0..6), 0..20),
            part in 1_usize..9,
        ) {
            let mut versions = Vec::new();
            let mut expected = Vec::new();
            for (path, history) in (0..).zip(&histories) {
                // Fork counts only grow, and a version is uploaded before it is deleted.
                let mut uploads: Vec<_> = history.iter().map(|(forks, _)| *forks).collect();
                uploads.sort_unstable();
                let mut latest = None;
                for ((number, forks), (_, deleted)) in (1..).zip(uploads).zip(history) {
                    let deleted = deleted.map(|deleted| deleted.max(forks));
                    if forks <= 1 && deleted.is_none_or(|deleted| deleted > 1) {
                        latest = Some(number);
                    }
                    versions.push(version(path, number, forks, deleted));
                }
                expected.extend(latest.map(|number| (path.to_string(), number)));
            }
            versions.sort_by_key(|version| std::cmp::Reverse(version.key().sk));
            // Sort keys name the project. Here all versions belong to one project.
            let mut copying = CopyProgress { forks: 1, after: None, settled: false };
            let (mut got, mut at) = (Vec::new(), 0);
            loop {
                let some: Vec<_> = versions[at..].iter().take(part).cloned().collect();
                let is_last = at + some.len() == versions.len();
                let chosen = choose_files(some, copying);
                got.extend(files(&chosen.files));
                if chosen.is_all && is_last {
                    break;
                }
                let after = chosen.next.after.clone();
                at = versions.iter().position(|v| Some(v.key().sk) == after).map_or(at, |i| i + 1);
                copying = chosen.next;
            }
            got.sort();
            expected.sort();
            prop_assert_eq!(got, expected);
        }
    }
}
