//! The lifetime of a mailed code, and how many are issued.

use std::time::Duration;

/// Lifetime of a code.
pub const CODE_TTL: Duration = Duration::from_secs(10 * 60);

/// Minimum time between two requests for a code.
pub const RESEND_INTERVAL: Duration = Duration::from_secs(60);

/// Maximum codes for one purpose and owner within [`CODE_WINDOW`], except for password resets.
pub const MAX_CODES_PER_WINDOW: u32 = 5;

/// Length of the window that [`MAX_CODES_PER_WINDOW`] applies to.
pub const CODE_WINDOW: Duration = Duration::from_secs(60 * 60);

/// Maximum mails with a code and a link for a new password to one address within [`RESET_WINDOW`], from all
/// networks together.
pub const MAX_RESETS_PER_WINDOW: u32 = 10;

/// Length of the window that [`MAX_RESETS_PER_WINDOW`] applies to. It is no longer than the link is valid, so
/// that a mailbox whose limit strangers have used up holds a valid link.
pub const RESET_WINDOW: Duration = Duration::from_secs(30 * 60);
