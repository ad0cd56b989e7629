//! Ceremonies: what is stored between the options and the response of an authenticator.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Options;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{CeremonyId, SessionId};
use crate::keys;

/// Lifetime of a ceremony, which is the timeout that WebAuthn Level 3, 15.1 recommends.
pub const CEREMONY_TTL: Duration = Duration::from_secs(5 * 60);

/// What a ceremony is for, and for whom. It names no user, because an erasure does not find ceremonies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// Registers a passkey of the session's user.
    Register(SessionId),
    /// Signs in to the account of any passkey.
    SignIn,
    /// Answers a challenge, which asks a user for the second factor.
    SecondFactor {
        /// Hash of the challenge's token.
        challenge: String,
    },
    /// Renews the proof of identity of a session.
    Reauthenticate(SessionId),
}

/// A ceremony as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ceremony {
    id: CeremonyId,
    pub(super) purpose: Purpose,
    /// State of the relying party.
    pub(super) state: String,
    expires_at: Timestamp,
}

impl Record for Ceremony {
    fn key(&self) -> Key {
        keys::passkey_ceremony(&self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

/// The second call of a ceremony that uses a passkey.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyResponse<'a> {
    /// Id of the ceremony.
    pub ceremony_id: &'a str,
    /// Response of the authenticator, in the JSON form of WebAuthn Level 3.
    pub response: &'a Value,
}

/// The start of a ceremony.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyOptions)]
pub struct CeremonyStart {
    /// Id of the ceremony, which the second call returns. It is valid for 5 minutes and one response.
    #[schema(example = "cer_mfrggzdfmztwq2lknnwg23tpoa")]
    pub ceremony_id: String,
    /// Options for `navigator.credentials`, in the JSON form of WebAuthn Level 3: pass `publicKey` to
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub options: Value,
}

impl Ceremony {
    /// Creates a ceremony, and the answer that starts it. The caller stores the ceremony.
    pub(super) fn new(ctx: &Context, purpose: Purpose, options: Options) -> (Self, CeremonyStart) {
        let id = CeremonyId::generate(&*ctx.random);
        let start = CeremonyStart { ceremony_id: id.to_string(), options: options.options };
        let expires_at = ctx.now().plus(CEREMONY_TTL);
        (Self { id, purpose, state: options.state, expires_at }, start)
    }

    /// Reads a ceremony and ends it, so that its challenge is answered once, even if the response is refused.
    ///
    /// # Errors
    /// [`Error::InvalidCeremony`] if it is unknown, used or expired.
    pub(super) async fn take(ctx: &Context, id: &str) -> Result<Self> {
        let id = CeremonyId::parse(id).ok_or(Error::InvalidCeremony)?;
        let ceremony: Option<Self> = retry_conflicts(ctx, || async {
            let is_open = Condition::All(vec![
                Condition::Missing("used_at"),
                Condition::greater("expires_at", ctx.now())?,
            ]);
            let update = Update::new(keys::passkey_ceremony(&id)).set("used_at", ctx.now())?;
            ctx.table.update(update.only_if(is_open)).await
        })
        .await?;
        ceremony.ok_or(Error::InvalidCeremony)
    }

    /// Requires that the ceremony has the purpose.
    ///
    /// # Errors
    /// [`Error::InvalidCeremony`] if it was started for another purpose or session.
    pub(super) fn require(&self, purpose: &Purpose) -> Result<()> {
        if self.purpose == *purpose { Ok(()) } else { Err(Error::InvalidCeremony) }
    }
}
