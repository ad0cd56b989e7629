//! Every key format of the table, on one screen. `docs/DATA-MODEL.md` describes the items.
//!
//! Functions named after an item return its key; constants are prefixes, partitions and bounds.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | user | `USER#u` | `META` |
//! | address guard | `EMAIL#address` | `META` |
//! | Google guard | `GOOGLE#issuer#subject` | `META` |
//! | session | `USER#u` | `SESSION#s` |
//! | second factor being set up | `USER#u` | `TWO-FACTOR-SETUP` |
//! | sign-in that awaits its second factor | `USER#u` | `CHALLENGE#sha256` |
//! | undo of a change of address | `USER#u` | `EMAIL-UNDO#sha256` |
//! | account due for erasure | `ERASURE` | `due#u` |
//! | notification preferences | `USER#u` | `NOTIFICATIONS` |
//! | organization in a user's list | `USER#u` | `CLIENT#since#c` |
//! | organization | `CLIENT#c` | `META` |
//! | member | `CLIENT#c` | `MEMBER#u` |
//! | invitation | `CLIENT#c` | `INVITATION#inv` |
//! | invitation, by address | `INVITEE#address` | `CLIENT#c` |
//! | token of a user | `USER#u` | `TOKEN#number` |
//! | key of an organization | `CLIENT#c` | `KEY#number` |
//! | usage of an organization in a month | `CLIENT#c` | `USAGE#yyyymm` |
//! | customer and subscription of an organization at Stripe | `CLIENT#c` | `BILLING` |
//! | balance of an organization | `LEDGER#c` | `BALANCE` |
//! | entry of an organization's ledger | `LEDGER#c` | `ENTRY#number` |
//! | guard of a ledger entry, by cause | `LEDGER#c` | `CAUSE#cause` |
//! | last checked ledger entry | `LEDGER#c` | `CHECKED` |
//! | ledger that changed on a day | `MOVED#yyyymmdd` | `c` |
//! | Stripe customer or payment | `STRIPE#id` | `META` |
//! | handled Stripe event | `STRIPE#evt` | `META` |
//! | project | `CLIENT#c` | `PROJECT#p` |
//! | guard of a project's name | `CLIENT#c` | `PROJECT-NAME#name` |
//! | brief of a project | `PROJECT#p` | `BRIEF` |
//! | run of a project | `PROJECT#p` | `RUN#r` |
//! | artifact version, by id | `PROJECT#p`, `SHELF#c` | `ARTIFACT#a` |
//! | artifact version, by number | `PROJECT#p`, `SHELF#c` | `VERSION#sha256#number` |
//! | version counter of a path | `PROJECT#p`, `SHELF#c` | `PATH#sha256` |
//! | deferred deletion | `PROJECT#p` | `LEFTOVER#sha256#number` |
//! | latest artifact version | `LATEST#c` | `p#path` |
//! | blob reference count | `CONTENT#c` | `sha256` |
//! | pending upload | `UPLOADS#shard` | `due#a` |
//! | pending job | `WORK` | `job#subject` |
//! | code | `CODE#purpose#address`, `CODE#purpose#u` | `META` |
//! | failed attempts | `SIGNIN#pseudonym` | `META` |
//! | throttle | `THROTTLE#operation#pseudonym#window` | `META` |
//! | idempotency | `IDEM#sha256` | `META` |
//! | mail to send, or a decoy | `MAIL#pseudonym`, `DECOY#pseudonym` | `seconds#m` |
//! | Slack message to send | `SLACK#pseudonym` | `seconds#n` |
//! | delivery record | `NOTICE#sha256` | `META` |
//! | audit event | `ACTIVITY#scope#yyyymm` | `seconds#evt` |

use std::time::Duration;

use dynamo::Key;

use crate::clock::Timestamp;
use crate::ids::{
    ArtifactId, EventId, InvitationId, MailId, OrganizationId, ProjectId, RunId, SessionId,
    SlackMessageId, UserId,
};
use crate::values::{ArtifactScope, CodePurpose, EmailAddress, TokenHolder};

/// The sort key of an item that is alone in its partition.
const META: &str = "META";
/// The sort-key prefix of the records that undo a user's changes of address.
pub const EMAIL_UNDOS: &str = "EMAIL-UNDO#";
/// The sort-key prefix of a user's sign-ins that await their second factor.
pub const CHALLENGES: &str = "CHALLENGE#";
/// The partition of accounts that are due for erasure.
pub const ERASURES: &str = "ERASURE";
/// The sort-key prefix of a user's sessions.
pub const SESSIONS: &str = "SESSION#";
/// The sort-key prefix of a user's organizations.
pub const LISTED_CLIENTS: &str = "CLIENT#";
/// The sort-key prefix of an organization's members.
pub const MEMBERS: &str = "MEMBER#";
/// The sort-key prefix of an organization's invitations.
pub const INVITATIONS: &str = "INVITATION#";
/// The sort-key prefix of an address's invitations.
pub const INVITED_TO: &str = "CLIENT#";
/// The sort-key prefix of a user's tokens.
pub const TOKENS: &str = "TOKEN#";
/// A sort key above every token of a user.
pub const TOKENS_END: &str = "TOKEN#~";
/// The sort-key prefix of an organization's keys.
pub const API_KEYS: &str = "KEY#";
/// The sort-key prefix of a ledger's entries.
pub const LEDGER_ENTRIES: &str = "ENTRY#";
/// The sort-key prefix of an organization's projects.
pub const PROJECTS: &str = "PROJECT#";
/// The sort-key prefix of a project's runs.
pub const RUNS: &str = "RUN#";
/// The sort-key prefix of artifact versions by id.
pub const ARTIFACTS: &str = "ARTIFACT#";
/// The sort-key prefix of artifact versions by number.
pub const VERSIONS: &str = "VERSION#";
/// The sort-key prefix of deferred deletions.
pub const LEFTOVERS: &str = "LEFTOVER#";
/// The number of partitions of pending uploads.
pub const UPLOAD_SHARDS: u8 = 4;
/// The partition of pending jobs. The stream's filter in `template.yaml` names it.
pub const WORK: &str = "WORK";
/// The partition-key prefix of mails to send. The stream's filter in `template.yaml` names it.
pub const MAIL: &str = "MAIL#";
/// The partition-key prefix of Slack messages. A stream filter in `template.yaml` names it.
pub const SLACK: &str = "SLACK#";
/// A sort key below every audit event.
pub const ACTIVITY_BEGIN: &str = "0";
/// A sort key above every audit event.
pub const ACTIVITY_END: &str = "~";

/// The account of a user.
pub fn user(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), META)
}

/// The guard that makes an email address unique. It holds the owner's id.
pub fn email(address: &EmailAddress) -> Key {
    Key::new(format!("EMAIL#{address}"), META)
}

/// A session of a user.
pub fn session(user: &UserId, session: &SessionId) -> Key {
    Key::new(format!("USER#{user}"), format!("{SESSIONS}{session}"))
}

/// The authenticator secret that awaits its first code.
pub fn two_factor_setup(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "TWO-FACTOR-SETUP")
}

/// A sign-in that awaits its second factor, by the hash of its token.
pub fn challenge(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{CHALLENGES}{hash}"))
}

/// The record that can undo a change of address, by the hash of its token.
pub fn email_undo(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{EMAIL_UNDOS}{hash}"))
}

/// The guard that links a Google account, named by issuer and subject, to one user.
pub fn google(issuer: &str, subject: &str) -> Key {
    Key::new(format!("GOOGLE#{issuer}#{subject}"), META)
}

/// An account that is due for erasure. All are in one partition, the next due first.
pub fn erasure(due_at: Timestamp, user: &UserId) -> Key {
    Key::new(ERASURES.to_owned(), format!("{due_at:0>12}#{user}"))
}

/// The sort key before which everything is due, in a partition ordered by due time.
pub fn due_after(now: Timestamp) -> String {
    format!("{:0>12}", now.plus(Duration::from_secs(1)))
}

/// The notification preferences of a user.
pub fn notifications(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "NOTIFICATIONS")
}

/// An organization in a user's list, ordered by `since`, which is 0 for the default one.
pub fn listed_client(user: &UserId, since: Timestamp, organization_id: &OrganizationId) -> Key {
    Key::new(format!("USER#{user}"), format!("{LISTED_CLIENTS}{since:0>12}#{organization_id}"))
}

/// An organization.
pub fn organization(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), META)
}

/// A user's membership in an organization. Rights are checked on this item.
pub fn member(organization_id: &OrganizationId, user: &UserId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("{MEMBERS}{user}"))
}

/// An invitation to an organization.
pub fn invitation(organization_id: &OrganizationId, invitation: &InvitationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("{INVITATIONS}{invitation}"))
}

/// A key below every invitation, where a list of invitations begins.
pub fn before_invitations(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), INVITATIONS)
}

/// The invitation of an address to an organization. The key allows only one.
pub fn invitee(address: &EmailAddress, organization_id: &OrganizationId) -> Key {
    Key::new(invitee_partition(address), format!("{INVITED_TO}{organization_id}"))
}

/// The partition of the invitations of an address.
pub fn invitee_partition(address: &EmailAddress) -> String {
    format!("INVITEE#{address}")
}

/// A token of a user, or a key of an organization, by its number.
pub fn token(holder: &TokenHolder, number: u32) -> Key {
    match holder {
        TokenHolder::User(user) => {
            Key::new(format!("USER#{user}"), format!("{TOKENS}{number:0>10}"))
        }
        TokenHolder::Organization(organization) => {
            Key::new(format!("CLIENT#{organization}"), format!("{API_KEYS}{number:0>10}"))
        }
    }
}

/// The usage of an organization in a month.
pub fn usage(organization_id: &OrganizationId, month: &str) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("USAGE#{month}"))
}

/// The Stripe customer and subscription of an organization.
pub fn billing(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), "BILLING")
}

/// The partition of an organization's ledger. It outlives the organization.
pub fn ledger(organization_id: &OrganizationId) -> String {
    format!("LEDGER#{organization_id}")
}

/// The balance of an organization.
pub fn balance(organization_id: &OrganizationId) -> Key {
    Key::new(ledger(organization_id), "BALANCE")
}

/// An entry of an organization's ledger.
pub fn ledger_entry(organization_id: &OrganizationId, number: u64) -> Key {
    Key::new(ledger(organization_id), format!("{LEDGER_ENTRIES}{number:0>12}"))
}

/// The guard that allows one ledger entry per cause.
pub fn cause(organization_id: &OrganizationId, cause: &str) -> Key {
    Key::new(ledger(organization_id), format!("CAUSE#{cause}"))
}

/// The last ledger entry that the audit has checked.
pub fn checked(organization_id: &OrganizationId) -> Key {
    Key::new(ledger(organization_id), "CHECKED")
}

/// Marks an organization's ledger as changed on a day.
pub fn moved(day: &str, organization_id: &OrganizationId) -> Key {
    Key::new(moved_partition(day), organization_id.as_str())
}

/// The partition of the ledgers that changed on a day.
pub fn moved_partition(day: &str) -> String {
    format!("MOVED#{day}")
}

/// The record of a Stripe object, by its id.
pub fn stripe(id: &str) -> Key {
    Key::new(format!("STRIPE#{id}"), META)
}

/// A project.
pub fn project(project: &ProjectId) -> Key {
    Key::new(format!("CLIENT#{}", project.client()), format!("{PROJECTS}{project}"))
}

/// The guard that makes a project's name unique in its organization, by the case-folded name.
pub fn project_name(organization_id: &OrganizationId, folded: &str) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("PROJECT-NAME#{folded}"))
}

/// The partition of a project's items.
pub fn in_project(project: &ProjectId) -> String {
    format!("PROJECT#{project}")
}

/// The brief of a project.
pub fn brief(project: &ProjectId) -> Key {
    Key::new(in_project(project), "BRIEF")
}

/// A run of a project.
pub fn run(run: &RunId) -> Key {
    Key::new(in_project(&run.project()), format!("{RUNS}{run}"))
}

/// The partition of the artifact versions of a project, or of an organization itself.
pub fn artifact_partition(scope: &ArtifactScope) -> String {
    match scope {
        ArtifactScope::Project(project) => in_project(project),
        ArtifactScope::Organization(organization) => format!("SHELF#{organization}"),
    }
}

/// An artifact version, by its id.
pub fn artifact(artifact: &ArtifactId) -> Key {
    Key::new(artifact_partition(&ArtifactScope::of(artifact)), format!("{ARTIFACTS}{artifact}"))
}

/// An artifact version, by the hash of its path and its number.
pub fn version(shelf: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(shelf), format!("{}{number:0>10}", versions_of(path)))
}

/// The sort-key prefix of the versions of one path, given as a hash.
pub fn versions_of(path: &str) -> String {
    format!("{VERSIONS}{path}#")
}

/// The version counter of a path, given as a hash.
pub fn path(shelf: &ArtifactScope, path: &str) -> Key {
    Key::new(artifact_partition(shelf), format!("PATH#{path}"))
}

/// A deferred deletion of a version, which waits until no fork copies it.
pub fn leftover(shelf: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(shelf), format!("{LEFTOVERS}{path}#{number:0>10}"))
}

/// The latest version of an artifact, as lists show it. Here `path` is the path itself.
pub fn latest(shelf: &ArtifactScope, path: &str) -> Key {
    Key::new(latest_partition(&shelf.client()), format!("{}{path}", latest_of(shelf)))
}

/// The partition of the latest artifact versions of an organization.
pub fn latest_partition(organization_id: &OrganizationId) -> String {
    format!("LATEST#{organization_id}")
}

/// The sort-key prefix of the latest artifact versions in a scope.
pub fn latest_of(shelf: &ArtifactScope) -> String {
    format!("{}#", shelf.project().map_or("", ProjectId::as_str))
}

/// The reference count of a stored blob.
pub fn content(organization_id: &OrganizationId, sha256: &str) -> Key {
    Key::new(content_partition(organization_id), sha256)
}

/// The partition of an organization's blobs.
pub fn content_partition(organization_id: &OrganizationId) -> String {
    format!("CONTENT#{organization_id}")
}

/// A pending upload. Uploads are spread over [`UPLOAD_SHARDS`] partitions, each by due time.
pub fn upload(due_at: Timestamp, artifact: &ArtifactId) -> Key {
    Key::new(uploads(artifact.shard(UPLOAD_SHARDS)), format!("{due_at:0>12}#{artifact}"))
}

/// The partition of one shard of the pending uploads.
pub fn uploads(shard: u8) -> String {
    format!("UPLOADS#{shard:0>2}")
}

/// A pending job, by its name. All are in one partition.
pub fn work(job_name: &str) -> Key {
    Key::new(WORK.to_owned(), job_name)
}

/// The last code mailed for a purpose, to an address or for a user.
pub fn code(purpose: CodePurpose, holder: &str) -> Key {
    Key::new(format!("CODE#{}#{holder}", purpose.as_str()), META)
}

/// Failed attempts at the password or second factor of one account, which may not exist.
pub fn failed_guesses(pseudonym: &str) -> Key {
    Key::new(format!("SIGNIN#{pseudonym}"), META)
}

/// The number of calls of an operation by one caller within a window.
pub fn throttle(operation: &str, pseudonym: &str, window: i64) -> Key {
    Key::new(format!("THROTTLE#{operation}#{pseudonym}#{window}"), META)
}

/// A stored response, by the hash of caller and idempotency key.
pub fn idempotency(hash: &str) -> Key {
    Key::new(format!("IDEM#{hash}"), META)
}

/// A mail to send. One recipient's mails share a partition, so that the stream keeps their order.
pub fn mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("{MAIL}{recipient}"), format!("{at:0>12}#{mail}"))
}

/// An item that costs as much as a mail. An address without an account must not respond faster.
pub fn decoy_mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("DECOY#{recipient}"), format!("{at:0>12}#{mail}"))
}

/// A Slack message to send. One recipient's messages share a partition, as mails do.
pub fn slack(recipient: &str, at: Timestamp, message: &SlackMessageId) -> Key {
    Key::new(format!("{SLACK}{recipient}"), format!("{at:0>12}#{message}"))
}

/// The delivery record of a notification, by the hash of notification, recipient and channel.
pub fn delivery_record(hash: &str) -> Key {
    Key::new(format!("NOTICE#{hash}"), META)
}

/// The partition of one scope's audit events in one month.
pub fn activity_month(scope: &str, month: &str) -> String {
    format!("ACTIVITY#{scope}#{month}")
}

/// An audit event.
pub fn activity(scope: &str, at: Timestamp, event: &EventId) -> Key {
    Key::new(activity_month(scope, &at.month()), format!("{}#{event}", activity_from(at)))
}

/// The sort-key prefix of the audit events of one second. Lesser keys are earlier.
pub fn activity_from(at: Timestamp) -> String {
    format!("{at:0>12}")
}
