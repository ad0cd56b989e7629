//! Telling an organization's members how a run ended, each as they asked for it.
//!
//! Done by the worker, in parts, as any [`work`](crate::work). What each person is told is queued in a
//! transaction of its own together with the guard of that notice: a part can be done again, and by several at
//! once, and everybody is told once.

use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::audience::Way;
use super::store::channels_of;
use super::told::Told;
use crate::accounts::User;
use crate::clients::{Client, Member};
use crate::context::Context;
use crate::dynamo::partition::Bounded;
use crate::dynamo::{Condition, Found, Log, Range, Record, Update, Which, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{RunId, UserId};
use crate::mail::{self, Message};
use crate::projects::Project;
use crate::runs::{EndedRun, Run};
use crate::slack;
use crate::work::{Job, Left, Work, note};

/// How long after its end a run is told of: as long as such a mail is of use.
pub const TOLD_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Members that one part tells.
const MEMBERS: usize = 100;

/// Members that are told side by side.
const AT_ONCE: usize = 8;

/// Tells the members after that one, up to a hundred of them, and notes how far that has come.
pub async fn tell(
    ctx: &Context,
    work: &Work,
    run_id: &RunId,
    after: Option<&UserId>,
) -> Result<()> {
    let Some(ended) = ended(ctx, run_id).await? else {
        return note(ctx, work, Left::Nothing).await;
    };
    let client = run_id.client();
    let (pk, after) = (keys::client(&client).pk, after.map(|user| keys::member(&client, user)));
    let range = Range { pk: &pk, which: Which::StartingWith(keys::MEMBERS) };
    let members: Bounded<Member> = ctx.table.part_after(&range, after.as_ref(), MEMBERS).await?;
    let rows =
        |member: &Member| [keys::user(&member.user_id), keys::notifications(&member.user_id)];
    let rows: Vec<_> = members.items.iter().flat_map(rows).collect();
    let found = ctx.table.batch_get_any(&rows).await?;
    let tell = |member: &Member| tell_one(ctx, &ended, &found, member.user_id.clone());
    let told: Vec<_> = members.items.iter().map(tell).collect();
    // One who can't be told now doesn't keep the others from it.
    let told: Vec<_> = stream::iter(told).buffer_unordered(AT_ONCE).collect().await;
    told.into_iter().collect::<Result<()>>()?;
    match members.items.last().filter(|_| members.more) {
        None => note(ctx, work, Left::Nothing).await,
        Some(last) => {
            // Once, whoever else did the same part.
            let untold = Condition::equal("parts", work.parts)?;
            let after = Some(last.user_id.clone());
            let job = Job::TellOfRun { run_id: run_id.clone(), after };
            let on = Update::of(work.key()).add("parts", 1).set("job", &job)?;
            ctx.table.update::<Work>(on.only_if(untold)).await.map(|_| ())
        }
    }
}

/// The run, unless there is nothing to tell of it: it is gone, or its project or organization is, or it
/// ended too long ago.
async fn ended(ctx: &Context, id: &RunId) -> Result<Option<EndedRun>> {
    let wanted = [keys::run(id), keys::project(&id.project()), keys::client(&id.client())];
    let found = ctx.table.batch_get(&wanted).await?;
    let [run, project, client] = &wanted;
    let run: Option<Run> = found.read(run)?;
    let project: Option<Project> = found.read(project)?;
    let client: Option<Client> = found.read(client)?;
    let (project, client) = (project.filter(Project::exists), client.filter(Client::exists));
    let (Some(run), Some(project), Some(client)) = (run, project, client) else {
        return Ok(None);
    };
    let Some(at) = run.finished_at else { return Ok(None) };
    if ctx.now() >= at.plus(TOLD_FOR) {
        tracing::error!(run = %id, "a run's end came too late to be of use and was not told");
        return Ok(None);
    }
    Ok(Some(EndedRun { run, at, project: project.name, client: client.name }))
}

/// Tells one member, unless their account is gone or waits to be erased. Mail goes to proven addresses alone.
/// Whose rows can't be read is left out: nobody else is to miss the news for it.
async fn tell_one(ctx: &Context, ended: &EndedRun, found: &Found, id: UserId) -> Result<()> {
    let read = || Ok((found.read::<User>(&keys::user(&id))?, channels_of(found, &id)?));
    let (user, channels) = match read() {
        Ok((Some(user), channels)) if user.deletion.is_none() => (user, channels),
        Ok(_) => return Ok(()),
        Err(error) => {
            let error: Error = error;
            tracing::error!(cause = ?error, run = %ended.run.id, "a member can't be told of a run");
            return Ok(());
        }
    };
    for way in channels.ways(&ended.run) {
        if way == Way::Slack || user.email_verified {
            retry_conflicts(ctx, || queue(ctx, ended, &user, way)).await?;
        }
    }
    Ok(())
}

/// Queues the notice, unless that was done before.
async fn queue(ctx: &Context, ended: &EndedRun, user: &User, way: Way) -> Result<()> {
    let told = Told::of(&ended.run.id, &user.id, way, ctx.now());
    let keyring = ctx.secrets.keyring().await;
    let mut tx = ctx.table.transaction();
    tx.put(&told, Condition::Absent, Error::Conflict)?;
    match way {
        Way::Mail => {
            let message = Message::run_ended(ctx, &user.name, ended);
            mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
        }
        Way::Slack => {
            let until = ended.at.plus(TOLD_FOR);
            slack::queue(ctx, &keyring, &mut tx, &user.id, slack::run_ended(ctx, ended), until)?;
        }
    }
    match tx.commit(Log::Nothing("what it tells of is in the log")).await {
        Err(Error::Conflict) if ctx.table.get::<Told>(&told.key()).await?.is_some() => Ok(()),
        result => result,
    }
}
