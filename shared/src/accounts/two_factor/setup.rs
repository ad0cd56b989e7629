//! Setting up an authenticator. Its secret takes effect only when a code from the app confirms it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::totp::{Authenticator, Enrollment, SealedSecret};
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Key, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::sessions::AuthenticatedSession;

/// Lifetime of a setup, which leaves enough time to install an app.
pub const SETUP_TTL: Duration = Duration::from_secs(60 * 60);

/// A setup that is not confirmed yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PendingSetup {
    user_id: UserId,
    pub(super) secret: SealedSecret,
    pub(super) expires_at: Timestamp,
}

impl Record for PendingSetup {
    fn key(&self) -> Key {
        keys::two_factor_setup(&self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

/// Secret of an authenticator, in the forms that apps accept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TwoFactorSetup)]
pub struct TwoFactorSetup {
    /// The secret in base32, for typing.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The content of the QR code.
    #[schema(
        example = "otpauth://totp/AIUS:dev%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=AIUS"
    )]
    pub otpauth_url: String,
    /// The QR code, as a `data:` URL of a PNG image.
    #[schema(example = "data:image/png;base64,iVBORw0KGgo…")]
    pub qr_code: String,
}

/// Returns the setup that waits for its first code, so that a page can show it again. Returns `None` if there is none,
/// it has expired, or the session's proof of identity is not recent: the thief of a session must not learn the secret.
///
/// # Errors
/// [`Error::Unavailable`] if the table cannot be read.
pub async fn pending_setup(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
) -> Result<Option<TwoFactorSetup>> {
    let user = &signed_in.user;
    if user.second_factor.is_some() || signed_in.require_recent_proof(ctx.now()).is_err() {
        return Ok(None);
    }
    let setup: Option<PendingSetup> = ctx.table.get(&keys::two_factor_setup(&user.id)).await?;
    let Some(setup) = setup.filter(|setup| ctx.now() < setup.expires_at) else { return Ok(None) };
    let keyring = ctx.secrets.keyring().await;
    let authenticator = Authenticator::open(keyring.account()?, &user.id, &setup.secret)?;
    Ok(Some(TwoFactorSetup::from(authenticator.enrollment(&user.email)?)))
}

impl From<Enrollment> for TwoFactorSetup {
    fn from(enrollment: Enrollment) -> Self {
        Self {
            secret: enrollment.secret,
            otpauth_url: enrollment.otpauth_url,
            qr_code: format!("data:image/png;base64,{}", enrollment.png),
        }
    }
}

/// Generates a secret for an authenticator, which replaces that of an earlier setup. Requires a recent proof
/// of identity.
///
/// # Errors
/// - [`Error::TwoFactorAlreadyEnabled`] if the account has a second factor.
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn start_setup(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
) -> Result<TwoFactorSetup> {
    let user = &signed_in.user;
    if user.second_factor.is_some() {
        return Err(Error::TwoFactorAlreadyEnabled);
    }
    signed_in.require_recent_proof(ctx.now())?;
    let keyring = ctx.secrets.keyring().await;
    let authenticator = Authenticator::generate(ctx);
    let enrollment = authenticator.enrollment(&user.email)?;
    let setup = &PendingSetup {
        user_id: user.id.clone(),
        secret: authenticator.seal(ctx, keyring.account()?, &user.id)?,
        expires_at: ctx.now().plus(SETUP_TTL),
    };
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        let always = Condition::Any(vec![Condition::Absent, Condition::Exists]);
        tx.put(setup, always, AttemptError::Conflict)?;
        // A session that has ended meanwhile must leave no row behind.
        tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
        tx.commit(Log::Nothing("nothing has changed until the first code comes back")).await
    })
    .await?;
    Ok(TwoFactorSetup::from(enrollment))
}
