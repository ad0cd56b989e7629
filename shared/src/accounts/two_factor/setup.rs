//! Beginning to use an authenticator: a secret for the app to take in, which counts for nothing until
//! a code from the app comes back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::totp::{Authenticator, SealedSecret};
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::sessions::Authenticated;

/// How long a secret waits for its first code: time to install an app.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// A secret that waits for its first code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    user_id: UserId,
    pub(super) secret: SealedSecret,
    pub(super) expires_at: Timestamp,
}

impl Record for Waiting {
    fn key(&self) -> Key {
        keys::two_factor_setup(&self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

/// What an authenticator app takes in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TwoFactorSetup)]
pub struct Setup {
    /// Base32, to be typed in where nothing can be scanned.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// What the picture says.
    #[schema(
        example = "otpauth://totp/AIUS:dev%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=AIUS"
    )]
    pub otpauth_url: String,
    /// The picture to scan, as a `data:` URL of a PNG.
    #[schema(example = "data:image/png;base64,iVBORw0KGgo…")]
    pub qr_code: String,
}

/// Makes a secret, in place of one that waited before. [`Error::TwoFactorAlreadyEnabled`].
pub async fn set_up(ctx: &Context, signed_in: &Authenticated) -> Result<Setup> {
    let user = &signed_in.user;
    if user.second_factor.is_some() {
        return Err(Error::TwoFactorAlreadyEnabled);
    }
    let keyring = ctx.secrets.keyring().await;
    let authenticator = Authenticator::generate(ctx);
    let enrolment = authenticator.enrolment(&user.email)?;
    let waiting = &Waiting {
        user_id: user.id.clone(),
        secret: authenticator.seal(ctx, &keyring, &user.id)?,
        expires_at: ctx.now().plus(LIFETIME),
    };
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        let whatever_was_there = Condition::Any(vec![Condition::Absent, Condition::Exists]);
        tx.put(waiting, whatever_was_there, Error::Conflict)?;
        // No row for a session that has ended meanwhile.
        let alive = Condition::Exists;
        tx.check(&signed_in.session.key(), &alive, Error::InvalidSession)?;
        tx.commit(Log::Nothing("nothing has changed until the first code comes back")).await
    })
    .await?;
    Ok(Setup {
        secret: enrolment.secret,
        otpauth_url: enrolment.otpauth_url,
        qr_code: format!("data:image/png;base64,{}", enrolment.png),
    })
}
