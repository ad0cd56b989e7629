//! Every key format of the table, on one screen. `docs/DATA-MODEL.md` describes the items. A function
//! returns the key of the item that it is named after. Constants are prefixes, partitions and bounds.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | user | `USER#u` | `META` |
//! | address guard | `EMAIL#address` | `META` |
//! | Google guard | `GOOGLE#issuer#subject` | `META` |
//! | session | `USER#u` | `SESSION#s` |
//! | second factor being set up | `USER#u` | `TWO-FACTOR-SETUP` |
//! | sign-in that awaits its second factor | `USER#u` | `CHALLENGE#sha256` |
//! | passkey of a user | `USER#u` | `PASSKEY#p` |
//! | passkey guard | `PASSKEY#p` | `META` |
//! | passkey ceremony | `CEREMONY#cer` | `META` |
//! | undo of a change of address | `USER#u` | `EMAIL-UNDO#sha256` |
//! | link in a mail to a user | `USER#u` | `LINK#sha256` |
//! | account due for erasure | `ERASURE#shard` | `due#u` |
//! | deleted organization, until it is due | `CLIENT-DELETION` | `due#c` |
//! | token whose expiry is near | `EXPIRY` | `due#holder#number` |
//! | notification preferences | `USER#u` | `NOTIFICATIONS` |
//! | organization in a user's list | `USER#u` | `CLIENT#since#c` |
//! | organization | `CLIENT#c` | `META` |
//! | member | `CLIENT#c` | `MEMBER#u` |
//! | invitation | `CLIENT#c` | `INVITATION#inv` |
//! | invitation that has ended | `CLIENT#c` | `INVITATION-ENDED#inv` |
//! | invitation, by address | `INVITEE#address` | `CLIENT#c` |
//! | token of a user | `USER#u` | `TOKEN#number` |
//! | key of an organization | `CLIENT#c` | `KEY#number` |
//! | usage of an organization in a month | `CLIENT#c` | `USAGE#yyyymm` |
//! | stored bytes and contents of an organization | `CLIENT#c` | `STORAGE` |
//! | customer and subscription of an organization at Stripe | `CLIENT#c` | `BILLING` |
//! | balance of an organization | `LEDGER#c` | `BALANCE` |
//! | entry of an organization's ledger | `LEDGER#c` | `ENTRY#number` |
//! | guard of a ledger entry | `LEDGER#c` | `CAUSE#source` |
//! | ledger checkpoint | `LEDGER#c` | `CHECKED` |
//! | changed ledger of a day | `MOVED#yyyymmdd#shard` | `c` |
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
//! | pending job | `WORK#shard` | `job#subject` |
//! | code | `CODE#purpose#address`, `CODE#purpose#u` | `META` |
//! | failed attempts | `SIGNIN#pseudonym` | `META` |
//! | sign-in of a command line | `DEVICE#pseudonym` | `META` |
//! | throttle | `THROTTLE#operation#pseudonym#window` | `META` |
//! | idempotency | `IDEM#sha256` | `META` |
//! | decoy of a link | `DECOY#sha256` | `LINK#` |
//! | mail with a code to send, or a decoy | `CODE-MAIL#pseudonym`, `DECOY#pseudonym` | `seconds#m` |
//! | other mail to send | `MAIL#pseudonym` | `seconds#m` |
//! | Slack message to send | `SLACK#pseudonym` | `seconds#n` |
//! | mailbox that had the free credits | `MAILBOX#pseudonym` | `META` |
//! | address that gets no mail | `SUPPRESSED#pseudonym` | `META` |
//! | where a schedule continues | `SCHEDULE#list` | `META` |
//! | feature switches | `SWITCHES` | `META` |
//! | mail that is held while mail is switched off | `HELD-MAIL#shard` | `seconds#m#pk` |
//! | delivery record | `NOTICE#sha256` | `META` |
//! | audit event | `ACTIVITY#scope#yyyymm` | `seconds#sequence#evt` |

mod audit_events;
mod device_authorizations;
mod expiry_reminders;
mod invitations;
mod mailboxes;
mod one_time_tokens;
mod organization_deletions;
mod outbox;
mod passkeys;
mod schedules;
mod shards;
mod switches;

pub use audit_events::{
    AUDIT_EVENTS_BEGIN, AUDIT_EVENTS_END, USER_AUDIT_EVENTS, audit_event, audit_event_partition,
    audit_event_prefix,
};
pub use device_authorizations::device_authorization;
pub use expiry_reminders::{EXPIRY_REMINDERS, expiry_reminder};
pub use invitations::{
    ALL_INVITATIONS, ENDED_INVITATIONS, INVITATIONS, INVITATIONS_BY_EMAIL, ended_invitation,
    invitation, invitation_by_email, invitation_by_email_partition,
};
pub use mailboxes::{free_grant, suppressed_address};
pub use one_time_tokens::{
    CHALLENGES, EMAIL_UNDOS, MAILED_LINKS, challenge, decoy_link, email_undo, mailed_link,
};
pub use organization_deletions::{ORGANIZATION_DELETIONS, organization_deletion};
pub use outbox::{
    QUEUED_CODE_MAILS, QUEUED_MAILS, QUEUED_SLACK_MESSAGES, decoy_mail, queued_at,
    queued_code_mail, queued_mail, queued_recipient, queued_slack_message,
};
pub use passkeys::{PASSKEYS, passkey, passkey_ceremony, passkey_guard};
pub use schedules::schedule_cursor;
pub use shards::{SHARDS, shard, shard_partitions};
pub use switches::{HELD_MAILS, feature_switches, held_mail};

use shards::shard_partition;

use crate::clock::Timestamp;
use crate::ids::{ArtifactId, OrganizationId, ProjectId, RunId, SessionId, UserId};
use crate::values::{ArtifactScope, CodePurpose, EmailAddress, TokenHolder};
use dynamo::Key;

/// The sort key of an item that is alone in its partition.
const META: &str = "META";
/// The partition-key prefix of accounts that are due for erasure.
pub const ERASURES: &str = "ERASURE#";
/// The sort-key prefix of a user's sessions.
pub const SESSIONS: &str = "SESSION#";
/// The sort-key prefix of a user's organizations.
pub const LISTED_ORGANIZATIONS: &str = "CLIENT#";
/// The sort-key prefix of an organization's members.
pub const MEMBERS: &str = "MEMBER#";
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
pub const VERSIONS_BY_ID: &str = "ARTIFACT#";
/// The sort-key prefix of artifact versions by number.
pub const VERSIONS_BY_NUMBER: &str = "VERSION#";
/// The sort-key prefix of deferred deletions.
pub const DEFERRED_DELETIONS: &str = "LEFTOVER#";
/// The partition-key prefix of pending uploads.
pub const PENDING_UPLOADS: &str = "UPLOADS#";
/// The partition-key prefix of pending jobs. The stream's filter in `template.yaml` names it.
pub const JOBS: &str = "WORK#";

/// The account of a user.
pub fn user(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), META)
}

/// The guard that makes an email address unique. It holds the owner's id.
pub fn email_guard(address: &EmailAddress) -> Key {
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

/// The guard that links a Google account, named by issuer and subject, to one user.
pub fn google_guard(issuer: &str, subject: &str) -> Key {
    Key::new(format!("GOOGLE#{issuer}#{subject}"), META)
}

/// An account that is due for erasure. Each shard has the next due first.
pub fn erasure(due_at: Timestamp, user: &UserId) -> Key {
    let pk = shard_partition(ERASURES, user.as_str());
    Key::new(pk, format!("{due_at:0>12}#{user}"))
}

/// The sort key that ends the due items in a partition ordered by due time.
pub fn due_end(now: Timestamp) -> String {
    format!("{:0>12}", now.seconds() + 1)
}

/// The notification preferences of a user.
pub fn notification_preferences(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "NOTIFICATIONS")
}

/// An organization in a user's list, ordered by `since`, which is 0 for the default one.
pub fn listed_organization(user: &UserId, since: Timestamp, organization: &OrganizationId) -> Key {
    Key::new(format!("USER#{user}"), format!("{LISTED_ORGANIZATIONS}{since:0>12}#{organization}"))
}

/// An item that never exists, in a partition that every function may read.
pub fn missing_item() -> Key {
    Key::new("CLIENT#", META)
}

/// An organization.
pub fn organization(organization: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization}"), META)
}

/// A user's membership in an organization. Rights are checked on this item.
pub fn member(organization: &OrganizationId, user: &UserId) -> Key {
    Key::new(format!("CLIENT#{organization}"), format!("{MEMBERS}{user}"))
}

/// A token of a user, or a key of an organization, by its number.
pub fn token(holder: &TokenHolder, number: u32) -> Key {
    let (pk, prefix) = match holder {
        TokenHolder::User(user) => (format!("USER#{user}"), TOKENS),
        TokenHolder::Organization(organization) => (format!("CLIENT#{organization}"), API_KEYS),
    };
    Key::new(pk, format!("{prefix}{number:0>10}"))
}

/// The usage of an organization in a period.
pub fn period_usage(organization: &OrganizationId, period: &str) -> Key {
    Key::new(format!("CLIENT#{organization}"), format!("USAGE#{period}"))
}

/// How much storage an organization uses.
pub fn storage_usage(organization: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization}"), "STORAGE")
}

/// The Stripe customer and subscription of an organization.
pub fn stripe_account(organization: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization}"), "BILLING")
}

/// The partition of an organization's ledger. It outlives the organization.
pub fn ledger_partition(organization: &OrganizationId) -> String {
    format!("LEDGER#{organization}")
}

/// The balance of an organization.
pub fn balance(organization: &OrganizationId) -> Key {
    Key::new(ledger_partition(organization), "BALANCE")
}

/// An entry of an organization's ledger.
pub fn ledger_entry(organization: &OrganizationId, number: u64) -> Key {
    Key::new(ledger_partition(organization), format!("{LEDGER_ENTRIES}{number:0>12}"))
}

/// The guard that allows one ledger entry per source.
pub fn entry_guard(organization: &OrganizationId, source: &str) -> Key {
    Key::new(ledger_partition(organization), format!("CAUSE#{source}"))
}

/// The last ledger entry that the audit has checked.
pub fn ledger_checkpoint(organization: &OrganizationId) -> Key {
    Key::new(ledger_partition(organization), "CHECKED")
}

/// Marks an organization's ledger as changed on a day.
pub fn changed_ledger(day: &str, organization: &OrganizationId) -> Key {
    let pk = shard_partition(&changed_ledgers_of(day), organization.as_str());
    Key::new(pk, organization.as_str())
}

/// The partition-key prefix of the ledgers that changed on a day.
pub fn changed_ledgers_of(day: &str) -> String {
    format!("MOVED#{day}#")
}

/// The record of a Stripe object, by its id.
pub fn stripe_object(id: &str) -> Key {
    Key::new(format!("STRIPE#{id}"), META)
}

/// A project.
pub fn project(project: &ProjectId) -> Key {
    Key::new(format!("CLIENT#{}", project.organization()), format!("{PROJECTS}{project}"))
}

/// The guard that makes a project's name unique in its organization, by the case-folded name.
pub fn project_name_guard(organization: &OrganizationId, folded: &str) -> Key {
    Key::new(format!("CLIENT#{organization}"), format!("PROJECT-NAME#{folded}"))
}

/// The partition of a project's items.
pub fn project_partition(project: &ProjectId) -> String {
    format!("PROJECT#{project}")
}

/// The brief of a project.
pub fn brief(project: &ProjectId) -> Key {
    Key::new(project_partition(project), "BRIEF")
}

/// A run of a project.
pub fn run(run: &RunId) -> Key {
    Key::new(project_partition(&run.project()), format!("{RUNS}{run}"))
}

/// The partition of the artifact versions of a project, or of an organization itself.
pub fn artifact_partition(scope: &ArtifactScope) -> String {
    match scope {
        ArtifactScope::Project(project) => project_partition(project),
        ArtifactScope::Organization(organization) => format!("SHELF#{organization}"),
    }
}

/// An artifact version, by its id.
pub fn version_by_id(artifact: &ArtifactId) -> Key {
    let pk = artifact_partition(&ArtifactScope::of(artifact));
    Key::new(pk, format!("{VERSIONS_BY_ID}{artifact}"))
}

/// An artifact version, by the hash of its path and its number.
pub fn version_by_number(scope: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(scope), format!("{}{number:0>10}", version_prefix(path)))
}

/// The sort-key prefix of the versions of one path, given as a hash.
pub fn version_prefix(path: &str) -> String {
    format!("{VERSIONS_BY_NUMBER}{path}#")
}

/// The version counter of a path, given as a hash.
pub fn path_versions(scope: &ArtifactScope, path: &str) -> Key {
    Key::new(artifact_partition(scope), format!("PATH#{path}"))
}

/// A deferred deletion of a version, which waits until no fork copies it.
pub fn deferred_deletion(scope: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(scope), format!("{DEFERRED_DELETIONS}{path}#{number:0>10}"))
}

/// The latest version of an artifact, as lists show it. Here `path` is the path itself.
pub fn latest_version(scope: &ArtifactScope, path: &str) -> Key {
    let pk = latest_version_partition(&scope.organization());
    Key::new(pk, format!("{}{path}", latest_version_prefix(scope)))
}

/// The partition of the latest artifact versions of an organization.
pub fn latest_version_partition(organization: &OrganizationId) -> String {
    format!("LATEST#{organization}")
}

/// The sort-key prefix of the latest artifact versions in a scope.
pub fn latest_version_prefix(scope: &ArtifactScope) -> String {
    format!("{}#", scope.project().map_or("", ProjectId::as_str))
}

/// The reference count of a stored blob.
pub fn blob(organization: &OrganizationId, sha256: &str) -> Key {
    Key::new(format!("CONTENT#{organization}"), sha256)
}

/// A pending upload. Each shard has the next due first.
pub fn pending_upload(due_at: Timestamp, artifact: &ArtifactId) -> Key {
    let pk = shard_partition(PENDING_UPLOADS, artifact.as_str());
    Key::new(pk, format!("{due_at:0>12}#{artifact}"))
}

/// A pending job, by its name.
pub fn job(job_name: &str) -> Key {
    Key::new(shard_partition(JOBS, job_name), job_name)
}

/// The last code mailed for a purpose, to an address or for a user.
pub fn mailed_code(purpose: CodePurpose, holder: &str) -> Key {
    Key::new(format!("CODE#{}#{holder}", purpose.as_str()), META)
}

/// Failed attempts at the password or second factor of one account, which may not exist.
pub fn failed_attempts(pseudonym: &str) -> Key {
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

/// The delivery record of a notification, by the hash of notification, recipient and channel.
pub fn delivery_record(hash: &str) -> Key {
    Key::new(format!("NOTICE#{hash}"), META)
}
