//! Addresses that get no mail, because a mail to them came back for good or was reported as spam.
//!
//! The record of an address only grows: it has the time of the latest mail that came back, and the time at which the
//! owner last asked to try again. So events of SES may arrive in any order and more than once.

mod read;
mod retry;
mod suppress;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::keys;
use crate::values::SuppressionReason;

pub use read::read_suppression;
pub use retry::retry_address;
pub use suppress::suppress_address;

/// Time after which an address gets mail again. A mailbox that was missing may exist by then.
pub const SUPPRESSION_TTL: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// Minimum time between two requests of an owner to try an address again. An address that bounces then costs the
/// sender's reputation at most one bounce a day.
pub const RETRY_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The record of an address to which a mail came back. It has the address as a pseudonym, so that it names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SuppressedAddress {
    recipient: String,
    reason: SuppressionReason,
    /// The time at which the latest mail that came back was sent.
    sent_at: Timestamp,
    /// The time at which the owner last asked to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retried_at: Option<Timestamp>,
}

impl Record for SuppressedAddress {
    fn key(&self) -> Key {
        keys::suppressed_address(&self.recipient)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.sent_at.plus(SUPPRESSION_TTL).seconds())
    }
}

impl SuppressedAddress {
    /// Returns why a mail must not be sent to the address; `None` if it may be sent.
    pub(super) fn reason_to_withhold(
        &self,
        now: Timestamp,
        is_code: bool,
    ) -> Option<SuppressionReason> {
        let is_paused = now < self.sent_at.plus(self.reason.code_pause());
        (self.is_active(now) && (!is_code || is_paused)).then_some(self.reason)
    }

    /// Returns whether the latest mail that came back was sent after the owner last asked to try again, and not too
    /// long ago.
    fn is_active(&self, now: Timestamp) -> bool {
        let is_retried = self.retried_at.is_some_and(|retried_at| retried_at >= self.sent_at);
        !is_retried && now < self.sent_at.plus(SUPPRESSION_TTL)
    }

    /// Returns the time from which the owner may ask to try again.
    fn can_retry_at(&self) -> Timestamp {
        self.retried_at.map_or(self.sent_at, |retried_at| retried_at.plus(RETRY_INTERVAL))
    }
}

/// What the owner of an address that gets no mail sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmailSuppression)]
pub struct Suppression {
    /// `bounce`: the mail server refused a mail for good. `complaint`: a mail was reported as spam.
    pub reason: SuppressionReason,
    /// When the mail that came back was sent.
    pub since: Timestamp,
    /// When `POST /v1/me/email/retry` is possible again.
    pub can_retry_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::values::{CODE_PAUSE_AFTER_BOUNCE, CODE_PAUSE_AFTER_COMPLAINT};

    const SENT_AT: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn record(reason: SuppressionReason, retried_at: Option<Timestamp>) -> SuppressedAddress {
        SuppressedAddress { recipient: "r".to_owned(), reason, sent_at: SENT_AT, retried_at }
    }

    #[test]
    fn codes_wait_for_a_while_and_other_mail_for_long() {
        use SuppressionReason::{Bounce, Complaint};
        for (reason, pause) in
            [(Bounce, CODE_PAUSE_AFTER_BOUNCE), (Complaint, CODE_PAUSE_AFTER_COMPLAINT)]
        {
            let withheld = |now: Timestamp| {
                [true, false].map(|is_code| record(reason, None).reason_to_withhold(now, is_code))
            };
            assert_eq!(withheld(SENT_AT), [Some(reason); 2]);
            let last = SENT_AT.plus(pause).minus(Duration::from_secs(1));
            assert_eq!(withheld(last), [Some(reason); 2]);
            assert_eq!(withheld(SENT_AT.plus(pause)), [None, Some(reason)]);
            let last = SENT_AT.plus(SUPPRESSION_TTL).minus(Duration::from_secs(1));
            assert_eq!(withheld(last), [None, Some(reason)]);
            assert_eq!(withheld(SENT_AT.plus(SUPPRESSION_TTL)), [None, None]);
        }
    }

    #[test]
    fn a_mail_that_was_sent_after_the_retry_counts_again() {
        let second = Duration::from_secs(1);
        for (retried_at, is_active) in
            [(SENT_AT.minus(second), true), (SENT_AT, false), (SENT_AT.plus(second), false)]
        {
            let record = record(SuppressionReason::Bounce, Some(retried_at));
            assert_eq!(record.is_active(SENT_AT.plus(second)), is_active, "{retried_at}");
        }
    }
}
