//! The lifetime of an invitation.

use std::time::Duration;

/// How long an invitation can be accepted.
pub const INVITATION_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long an invitation stays in the organization's list after it could last be accepted.
pub const INVITATION_HISTORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
