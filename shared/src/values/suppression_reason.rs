//! Why an address gets no mail.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Time for which an address that bounced gets no codes. A user who cannot sign in cannot ask to try again.
pub const CODE_PAUSE_AFTER_BOUNCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Time for which an address that complained gets no codes. A stranger may have entered it.
pub const CODE_PAUSE_AFTER_COMPLAINT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why an address gets no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// The mail server refused a mail for good: the mailbox or its domain does not exist.
    Bounce,
    /// The recipient reported a mail as spam.
    Complaint,
}

impl SuppressionReason {
    /// Returns the time for which the address gets no codes.
    pub const fn code_pause(self) -> Duration {
        match self {
            Self::Bounce => CODE_PAUSE_AFTER_BOUNCE,
            Self::Complaint => CODE_PAUSE_AFTER_COMPLAINT,
        }
    }
}
