//! What is stored about somebody's second factor, but for what proves it.

use serde::Serialize;
use utoipa::ToSchema;

use super::challenge::Challenge;
use super::setup::Waiting;
use super::status::Status;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::sessions::Method;

/// Most sign-ins that are shown: each is deleted minutes after its end.
const MOST_SIGN_INS: usize = 100;

/// A second factor as its owner gets to see it. Never a secret or a code.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredTwoFactor {
    /// Whether signing in asks for it, and what is left for when it is lost.
    #[serde(flatten)]
    status: Status,
    /// Since when signing in asks for it, or null.
    #[schema(required)]
    since: Option<Timestamp>,
    /// Until when an authenticator that is being set up can be confirmed, or null.
    #[schema(required)]
    setup_expires_at: Option<Timestamp>,
    /// Sign-ins whose first factor was right and whose second never came.
    sign_ins_waiting: Vec<WaitingSignIn>,
}

/// A sign-in that waits for its second factor.
#[derive(Debug, Serialize, ToSchema)]
struct WaitingSignIn {
    /// How the first was proven.
    #[schema(value_type = String, example = "pwd")]
    method: Method,
    /// Codes tried so far.
    tries: u32,
    /// Until when it waits.
    expires_at: Timestamp,
}

/// What is stored about a user's second factor: two reads side by side.
pub(in crate::accounts) async fn stored(ctx: &Context, user: &User) -> Result<StoredTwoFactor> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::CHALLENGES) };
    let setup = keys::two_factor_setup(&user.id);
    let (challenges, setup) = tokio::try_join!(
        ctx.table.first::<Challenge>(&range, MOST_SIGN_INS),
        ctx.table.get::<Waiting>(&setup),
    )?;
    let waiting = challenges.items.into_iter().map(|challenge| WaitingSignIn {
        method: challenge.method,
        tries: challenge.tries,
        expires_at: challenge.expires_at,
    });
    Ok(StoredTwoFactor {
        status: Status::from(user),
        since: user.second_factor.as_ref().map(|factor| factor.since),
        setup_expires_at: setup.map(|setup| setup.expires_at),
        sign_ins_waiting: waiting.collect(),
    })
}
