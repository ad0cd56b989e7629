//! Keys of mail and Slack messages that wait to be sent.

use dynamo::Key;

use crate::clock::Timestamp;
use crate::ids::{MailId, SlackMessageId};

/// The partition-key prefix of mails with a code to send. A stream filter in `template.yaml` names it.
pub const QUEUED_CODE_MAILS: &str = "CODE-MAIL#";
/// The partition-key prefix of other mails to send. A stream filter in `template.yaml` names it.
pub const QUEUED_MAILS: &str = "MAIL#";
/// The partition-key prefix of Slack messages. A stream filter in `template.yaml` names it.
pub const QUEUED_SLACK_MESSAGES: &str = "SLACK#";

/// A mail with a code to send. One recipient's codes share a partition, which is also their message group.
pub fn queued_code_mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("{QUEUED_CODE_MAILS}{recipient}"), format!("{at:0>12}#{mail}"))
}

/// A mail without a code to send. One recipient's mails share a partition, as codes do.
pub fn queued_mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("{QUEUED_MAILS}{recipient}"), format!("{at:0>12}#{mail}"))
}

/// An item that costs as much as a mail with a code. An address without an account must not respond faster.
pub fn decoy_mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("DECOY#{recipient}"), format!("{at:0>12}#{mail}"))
}

/// A Slack message to send. One recipient's messages share a partition, as mails do.
pub fn queued_slack_message(recipient: &str, at: Timestamp, message: &SlackMessageId) -> Key {
    Key::new(format!("{QUEUED_SLACK_MESSAGES}{recipient}"), format!("{at:0>12}#{message}"))
}

/// Returns when the mail or Slack message with this key was queued.
pub fn queued_at(row: &Key) -> Option<Timestamp> {
    let (seconds, _) = row.sk.split_once('#')?;
    seconds.parse().ok().map(Timestamp::from_seconds)
}

/// Returns the pseudonym of the recipient of the mail or Slack message with this key.
pub fn queued_recipient(row: &Key) -> &str {
    row.pk.split_once('#').map_or("", |(_, recipient)| recipient)
}
