//! Switches a feature on or off.

use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Result;
use crate::jobs::Job;
use crate::keys;
use crate::support_case::SupportCase;
use crate::switches::{Feature, StoredSwitches, SwitchedOff};

/// Switches a feature on or off. Processes follow within [`SWITCHES_TTL`](crate::switches::SWITCHES_TTL). Mail that was
/// held is sent once mail is on again. Does nothing if the feature is on or off already.
///
/// # Errors
/// `Contention` if concurrent changes kept interfering, `Unavailable` if the table cannot be reached.
pub async fn set_switch(
    ctx: &Context,
    feature: Feature,
    is_on: bool,
    case: &SupportCase,
) -> Result<StoredSwitches> {
    retry_conflicts(ctx, || attempt(ctx, feature, is_on, case)).await
}

async fn attempt(
    ctx: &Context,
    feature: Feature,
    is_on: bool,
    case: &SupportCase,
) -> Attempt<StoredSwitches> {
    let before: Option<StoredSwitches> = ctx.table.get(&keys::feature_switches()).await?;
    let unchanged = match &before {
        Some(before) => Condition::equal("version", before.version)?,
        None => Condition::Absent,
    };
    let mut switches = before.unwrap_or_default();
    if switches.is_on(feature) == is_on {
        return Ok(switches);
    }
    let mut tx = ctx.table.transaction();
    if is_on {
        switches.off.retain(|off| off.feature != feature);
        if feature == Feature::Mail {
            Job::ReleaseHeldMail.requeue(&mut tx)?;
        }
    } else {
        let SupportCase { operator, ticket, reason } = case.clone();
        switches.off.push(SwitchedOff { feature, since: ctx.now(), reason, operator, ticket });
    }
    switches.version += 1;
    tx.put(&switches, unchanged, AttemptError::Conflict)?;
    tx.commit(Log::Nothing(
        "the switches touch no customer; the item and the log line name the operator",
    ))
    .await?;
    Ok(switches)
}
