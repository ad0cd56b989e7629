//! The stored data of a user's second factor, without its secrets, for the export of the account.

use serde::Serialize;
use utoipa::ToSchema;

use super::challenge::Challenge;
use super::setup::PendingSetup;
use super::status::TwoFactorStatus;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::sessions::SignInMethod;

/// Maximum number of pending sign-ins in an export. Each is deleted minutes after it expires.
const MAX_PENDING_SIGN_INS: usize = 100;

/// The stored data of a second factor, without secrets and codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredTwoFactor {
    /// Status of two-factor authentication.
    #[serde(flatten)]
    status: TwoFactorStatus,
    /// Time when it was enabled, or null.
    #[schema(required)]
    since: Option<Timestamp>,
    /// Time when an unconfirmed setup expires, or null.
    #[schema(required)]
    setup_expires_at: Option<Timestamp>,
    /// Sign-ins that wait for their second factor.
    sign_ins_waiting: Vec<PendingSignIn>,
}

/// A sign-in that waits for its second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingSignIn)]
struct PendingSignIn {
    /// The method of the first factor.
    #[schema(value_type = String, example = "pwd")]
    method: SignInMethod,
    /// Number of codes tried so far.
    tries: u32,
    /// The time from which the sign-in can no longer be finished.
    expires_at: Timestamp,
}

/// Reads the stored data of a user's second factor, with two parallel reads.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub(in crate::accounts) async fn read_stored_two_factor(
    ctx: &Context,
    user: &User,
) -> Result<StoredTwoFactor> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::CHALLENGES) };
    let setup = keys::two_factor_setup(&user.id);
    let (challenges, setup) = tokio::try_join!(
        ctx.table.query_first::<Challenge>(&range, MAX_PENDING_SIGN_INS),
        ctx.table.get::<PendingSetup>(&setup),
    )?;
    let waiting = challenges.items.into_iter().map(|challenge| PendingSignIn {
        method: challenge.method,
        tries: challenge.tries,
        expires_at: challenge.expires_at,
    });
    Ok(StoredTwoFactor {
        status: TwoFactorStatus::from(user),
        since: user.second_factor.as_ref().map(|factor| factor.since),
        setup_expires_at: setup.map(|setup| setup.expires_at),
        sign_ins_waiting: waiting.collect(),
    })
}
