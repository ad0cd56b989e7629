//! Mail in the [outbox](crate::outbox).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ActionLink, Message, Recipient};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Record, Tx};
use crate::error::Result;
use crate::ids::MailId;
use crate::keys;
use crate::outbox::{self, DeliveryOutcome, OutboxContent, OutboxRow};
use crate::random::Random;
use crate::requester::Requester;
use crate::secrets::Keyring;
use crate::values::{EmailAddress, Timezone};

/// Time after expiry that a decoy is kept. It needs none because nobody delivers it.
const DECOY_RETENTION: Duration = Duration::ZERO;

/// A mail to one address.
#[derive(Serialize, Deserialize)]
pub(super) struct QueuedMail {
    pub(super) to: EmailAddress,
    pub(super) message: Message,
    /// The link for an owner who did not make the change that the mail reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) not_me: Option<ActionLink>,
    /// The time zone of the times in the mail; `None` for UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timezone: Option<Timezone>,
}

impl QueuedMail {
    fn new(to: Recipient<'_>, message: Message, not_me: Option<ActionLink>) -> Self {
        Self { to: to.email.clone(), message, not_me, timezone: to.timezone.cloned() }
    }

    /// Returns the recipient with the time zone.
    pub(super) fn addressee(&self) -> Recipient<'_> {
        Recipient { email: &self.to, timezone: self.timezone.as_ref() }
    }
}

/// A mail about the security of an account.
pub(crate) struct SecurityNotice<'a> {
    /// The owner of the account.
    pub(crate) to: Recipient<'a>,
    pub(crate) message: Message,
    /// The link for an owner who did not make the change that the mail reports.
    pub(crate) link: ActionLink,
}

impl OutboxContent for QueuedMail {
    type Id = MailId;

    const CHANNEL: &'static str = "mail";

    fn generate_id(random: &dyn Random) -> MailId {
        MailId::generate(random)
    }

    fn recipient(&self) -> &str {
        self.to.as_str()
    }

    fn key(recipient: &str, queued_at: Timestamp, id: &MailId) -> Key {
        keys::queued_mail(recipient, queued_at, id)
    }

    fn log_outcome(mail: &MailId, outcome: &DeliveryOutcome) {
        match outcome {
            DeliveryOutcome::Accepted => tracing::info!(%mail, "mail sent"),
            DeliveryOutcome::Refused(why) => {
                tracing::error!(%mail, why, "a mail was refused for good")
            }
            DeliveryOutcome::Suppressed(reason) => {
                tracing::info!(%mail, ?reason, "a mail was withheld, because an earlier one came back")
            }
            DeliveryOutcome::Unwanted => tracing::info!(%mail, "a mail was dropped"),
            DeliveryOutcome::Expired => tracing::error!(%mail, "a mail expired before it was sent"),
        }
    }
}

/// A mail with a code. It has partitions and a queue of its own, so that no other mail delays it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct QueuedCodeMail(pub(super) QueuedMail);

impl OutboxContent for QueuedCodeMail {
    type Id = MailId;

    const CHANNEL: &'static str = "code mail";
    const RECIPIENTS: &'static str = QueuedMail::RECIPIENTS;

    fn generate_id(random: &dyn Random) -> MailId {
        MailId::generate(random)
    }

    fn recipient(&self) -> &str {
        self.0.recipient()
    }

    fn key(recipient: &str, queued_at: Timestamp, id: &MailId) -> Key {
        keys::queued_code_mail(recipient, queued_at, id)
    }

    fn log_outcome(mail: &MailId, outcome: &DeliveryOutcome) {
        QueuedMail::log_outcome(mail, outcome);
    }
}

impl From<QueuedCodeMail> for QueuedMail {
    fn from(QueuedCodeMail(mail): QueuedCodeMail) -> Self {
        mail
    }
}

/// Returns the pseudonym of an address in the keys of mails to it.
pub(super) fn recipient_pseudonym(keyring: &Keyring, address: &EmailAddress) -> String {
    keyring.pseudonym(&[QueuedMail::RECIPIENTS, address.as_str()])
}

/// A row of the same size as a queued mail with a code, which is never delivered.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Decoy(OutboxRow<QueuedCodeMail>);

impl Record for Decoy {
    fn key(&self) -> Key {
        keys::decoy_mail(&self.0.recipient, self.0.queued_at, &self.0.id)
    }

    fn expires_at(&self) -> Option<i64> {
        self.0.expires_at()
    }
}

/// Queues a mail in `tx`. It is sent if the transaction succeeds.
///
/// # Errors
///
/// * An internal error if the mail cannot be serialized or encrypted.
pub fn queue(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    to: Recipient<'_>,
    message: Message,
) -> Result<()> {
    let deliver_before = message.expires_at();
    let has_code = message.has_code();
    let mail = QueuedMail::new(to, message, None);
    if has_code {
        outbox::queue(ctx, keyring, tx, &QueuedCodeMail(mail), deliver_before)
    } else {
        outbox::queue(ctx, keyring, tx, &mail, deliver_before)
    }
}

/// Queues a mail in `tx` as [`queue`] does, with a link for an owner who did not make the change that the mail
/// reports.
///
/// # Errors
///
/// * An internal error if the mail cannot be serialized or encrypted.
pub(crate) fn queue_with_not_me_link(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    notice: SecurityNotice<'_>,
) -> Result<()> {
    let SecurityNotice { to, message, link } = notice;
    let deliver_before = message.expires_at();
    let mail = QueuedMail::new(to, message, Some(link));
    outbox::queue(ctx, keyring, tx, &mail, deliver_before)
}

/// Puts a decoy into `tx`, for an address that gets no mail. It costs the same time as a mail with a code, so that
/// the response time does not show whether the address has an account.
///
/// # Errors
///
/// * An internal error if the decoy cannot be serialized or encrypted.
pub fn queue_decoy(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    requester: &Requester,
    to: &EmailAddress,
) -> Result<()> {
    let message = Message::decoy(ctx, requester)?;
    let deliver_before = message.expires_at();
    let mail = QueuedCodeMail(QueuedMail::new(Recipient::without_account(to), message, None));
    tx.put_new(&Decoy(OutboxRow::new(ctx, keyring, &mail, deliver_before, DECOY_RETENTION)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_stored_row_is_read_and_written_unchanged() {
        let id = MailId::from_bits(&[7; 16]);
        let stored = json!({
            "id": id, "recipient": "pseudonym", "queued_at": 1, "useful_until": 2, "sealed": "v1.x", "ttl_at": 3,
        });
        let row: OutboxRow<QueuedMail> = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(row.key(), keys::queued_mail("pseudonym", Timestamp::from_seconds(1), &id));
        assert_eq!(serde_json::to_value(&row).unwrap(), stored);
        let row: OutboxRow<QueuedCodeMail> = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(row.key(), keys::queued_code_mail("pseudonym", Timestamp::from_seconds(1), &id));
        assert_eq!(serde_json::to_value(Decoy(row)).unwrap(), stored);
    }
}
