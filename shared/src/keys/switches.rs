//! Keys of the feature switches, and of what waits while mail is switched off.

use dynamo::Key;

use super::shards::shard_partition;

/// The partition-key prefix of mails that are held while mail is switched off.
pub const HELD_MAILS: &str = "HELD-MAIL#";

/// The feature switches of the deployment.
pub fn feature_switches() -> Key {
    Key::new("SWITCHES", "META")
}

/// A mail of the outbox that is held. Each shard has the mail that was queued first at its beginning.
pub fn held_mail(mail: &Key) -> Key {
    Key::new(shard_partition(HELD_MAILS, &mail.pk), format!("{}#{}", mail.sk, mail.pk))
}
