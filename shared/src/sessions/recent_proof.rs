//! Recent proof of identity: how long ago the user of a session proved who they are.
//!
//! A stolen session must not be able to give its thief lasting access. Changes that would do so require
//! that the user signed in or reauthenticated a short time ago.

use std::time::Duration;

use super::{AuthenticatedSession, Session};
use crate::clock::Timestamp;
use crate::dynamo::{Condition, Record, Tx, Update};
use crate::error::{Error, Result};

/// Time for which a proof of identity counts as recent.
pub const RECENT_PROOF_TTL: Duration = Duration::from_secs(10 * 60);

impl Session {
    /// Returns when the user last proved their identity in this session: by signing in, or later by
    /// reauthenticating.
    pub fn auth_time(&self) -> Timestamp {
        self.reauthenticated_at.unwrap_or(self.created_at)
    }
}

impl AuthenticatedSession {
    /// Requires that the user proved their identity less than [`RECENT_PROOF_TTL`] ago.
    ///
    /// # Errors
    /// [`Error::ReauthRequired`] if the last proof is older.
    pub fn require_recent_proof(&self, now: Timestamp) -> Result<()> {
        if now < self.session.auth_time().plus(RECENT_PROOF_TTL) {
            Ok(())
        } else {
            Err(Error::ReauthRequired)
        }
    }
}

/// Records in `tx` that the user of the session has proved their identity at `now`, and returns the session
/// as stored. The commit fails with [`Error::InvalidSession`] if the session has ended meanwhile.
pub(crate) fn renew_proof(tx: &mut Tx<'_>, session: &Session, now: Timestamp) -> Result<Session> {
    let update = Update::new(session.key()).set("reauthenticated_at", now)?;
    tx.update(update.only_if(Condition::Exists), Error::InvalidSession)?;
    Ok(Session { reauthenticated_at: Some(now), ..session.clone() })
}
