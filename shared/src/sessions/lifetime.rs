//! The lifetime of a session.

use std::time::Duration;

use super::Session;
use crate::accounts::User;
use crate::clock::Timestamp;

/// Maximum lifetime of a session.
pub const SESSION_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Time after which an unused session ends.
pub const SESSION_IDLE_TIMEOUT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Minimum time between two updates of `last_seen_at`, so that most requests do not write.
pub const LAST_SEEN_UPDATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

impl Session {
    /// Returns whether the session is valid for its user at the given time.
    pub(crate) fn is_active(&self, user: &User, now: Timestamp) -> bool {
        now < self.expires_at
            && now < self.last_seen_at.plus(SESSION_IDLE_TIMEOUT)
            && self.generation == user.session_generation
            && !user.is_past_grace_period(now)
    }
}
