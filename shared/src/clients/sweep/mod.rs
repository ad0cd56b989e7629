//! Sweeping: deleting what lies under an organization that was deleted, however much it is. Its activity
//! stays.
//!
//! In parts, each of which notes that it was done and so calls for the next through the table's stream; the
//! organization's own row goes last. Wherever it stops, the note is still there, and the daily run goes on.

mod mirrors;
mod part;

use serde::{Deserialize, Serialize};

pub(crate) use part::sweep_part;

use super::Client;
use crate::context::Context;
use crate::dynamo::partition::Bounded;
use crate::dynamo::{Condition, Key, Log, Range, Record, Update, Which, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ClientId;

/// Most organizations that one run is told of.
const MOST_WAITING: usize = 1_000;

/// What tells the worker of a deleted organization under which rows are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Which.
    pub client_id: ClientId,
    /// How many parts were swept without coming to the end.
    pub parts: u32,
}

impl Record for Sweep {
    fn key(&self) -> Key {
        keys::sweep(&self.client_id)
    }
}

/// The deleted organizations under which rows are left: no more than one run can do.
pub async fn waiting(ctx: &Context) -> Result<Bounded<Sweep>> {
    let range = Range { pk: keys::SWEEPS, which: Which::All };
    ctx.table.first(&range, MOST_WAITING).await
}

/// Sweeps a part; the last one ends it. Can be called again whenever it failed, and by several at once.
pub async fn sweep(ctx: &Context, sweep: &Sweep) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, sweep)).await
}

async fn attempt(ctx: &Context, sweep: &Sweep) -> Result<()> {
    let client: Option<Client> = ctx.table.get(&keys::client(&sweep.client_id)).await?;
    let Some(client) = client.filter(|client| !client.exists()) else {
        // It has been swept, and this is what was told last or by somebody who came late.
        return ctx.table.delete(&sweep.key()).await;
    };
    if sweep_part(ctx, &client).await? { end(ctx, &client).await } else { go_on(ctx, sweep).await }
}

/// Calls for the next part, unless that was done already: the stream may tell of one thing twice, and
/// each telling leads to one other at most.
async fn go_on(ctx: &Context, sweep: &Sweep) -> Result<()> {
    let untold = Condition::equal("parts", sweep.parts)?;
    let told = Update::of(sweep.key()).add("parts", 1).only_if(untold);
    ctx.table.update::<Sweep>(told).await.map(|_| ())
}

/// Deletes the organization itself, as it was read before what lay under it was.
///
/// Nothing is left under it, and nothing comes any more. A row that is new there is written together with a
/// change of the organization's row, or with a check that it isn't deleted. The check holds before the
/// deletion alone, and what was written then is found and swept. After a change the version is another, and
/// all of it is done again ([`Error::Conflict`]). Both fail once the row is gone. Whatever isn't new is
/// changed only if it exists.
pub(crate) async fn end(ctx: &Context, client: &Client) -> Result<()> {
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", client.version)?;
    tx.delete(&client.key(), Some(unchanged), Error::Conflict)?;
    tx.delete(&keys::sweep(&client.id), None, Error::Conflict)?;
    tx.commit(Log::Nothing("its deletion has been logged, or the log is erased with it")).await
}
