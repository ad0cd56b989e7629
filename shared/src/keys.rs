//! Every key format of the table, on one screen. `docs/DATA-MODEL.md` says what each item holds.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | user | `USER#u` | `META` |
//! | address guard | `EMAIL#address` | `META` |
//! | Google guard | `GOOGLE#issuer#subject` | `META` |
//! | session | `USER#u` | `SESSION#s` |
//! | second factor being set up | `USER#u` | `TWO-FACTOR-SETUP` |
//! | sign-in that waits for its second factor | `USER#u` | `CHALLENGE#sha256` |
//! | way back from a change of address | `USER#u` | `EMAIL-UNDO#sha256` |
//! | account to be erased | `ERASURE` | `due#u` |
//! | notification preferences | `USER#u` | `NOTIFICATIONS` |
//! | client, as listed for a user | `USER#u` | `CLIENT#since#c` |
//! | client | `CLIENT#c` | `META` |
//! | member | `CLIENT#c` | `MEMBER#u` |
//! | invitation | `CLIENT#c` | `INVITATION#inv` |
//! | invitation, by whom it is for | `INVITEE#address` | `CLIENT#c` |
//! | token of a user | `USER#u` | `TOKEN#number` |
//! | key of a client | `CLIENT#c` | `KEY#number` |
//! | usage of a client in a month | `CLIENT#c` | `USAGE#yyyymm` |
//! | customer and subscription of a client at Stripe | `CLIENT#c` | `BILLING` |
//! | balance of a client | `LEDGER#c` | `BALANCE` |
//! | entry of a client's ledger | `LEDGER#c` | `ENTRY#number` |
//! | guard of an entry, by what it is for | `LEDGER#c` | `CAUSE#cause` |
//! | how far a ledger was checked | `LEDGER#c` | `CHECKED` |
//! | ledger that was written to on a day | `MOVED#yyyymmdd` | `c` |
//! | whose customer or payment at Stripe that is | `STRIPE#id` | `META` |
//! | event of Stripe's that was handled | `STRIPE#evt` | `META` |
//! | project | `CLIENT#c` | `PROJECT#p` |
//! | guard of a project's name | `CLIENT#c` | `PROJECT-NAME#name` |
//! | brief of a project | `PROJECT#p` | `BRIEF` |
//! | run of a project | `PROJECT#p` | `RUN#r` |
//! | version of a file, by its id | `PROJECT#p`, `SHELF#c` | `ARTIFACT#a` |
//! | version of a file, by its number | `PROJECT#p`, `SHELF#c` | `VERSION#sha256#number` |
//! | versions of a file | `PROJECT#p`, `SHELF#c` | `PATH#sha256` |
//! | deleted version that a fork needs | `PROJECT#p` | `LEFTOVER#sha256#number` |
//! | latest version of a file | `LATEST#c` | `p#path` |
//! | content of files | `CONTENT#c` | `sha256` |
//! | upload that is not complete | `UPLOADS#shard` | `due#a` |
//! | work that outlasts its request | `WORK` | `job#subject` |
//! | code | `CODE#purpose#address`, `CODE#purpose#u` | `META` |
//! | failed guesses | `SIGNIN#pseudonym` | `META` |
//! | throttle | `THROTTLE#operation#pseudonym#window` | `META` |
//! | idempotency | `IDEM#sha256` | `META` |
//! | mail to send, or a row like one | `MAIL#pseudonym`, `DECOY#pseudonym` | `seconds#m` |
//! | Slack message to send | `SLACK#pseudonym` | `seconds#n` |
//! | delivery record | `NOTICE#sha256` | `META` |
//! | activity | `ACTIVITY#scope#yyyymm` | `seconds#evt` |

use std::time::Duration;

use dynamo::Key;

use crate::clock::Timestamp;
use crate::ids::{
    ArtifactId, EventId, InvitationId, MailId, OrganizationId, ProjectId, RunId, SessionId,
    SlackMessageId, UserId,
};
use crate::values::{ArtifactScope, CodePurpose, EmailAddress, TokenHolder};

/// The sort key of a thing that is alone in its partition.
const META: &str = "META";

/// A user.
pub fn user(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), META)
}

/// The guard that makes an address unique; holds whose it is.
pub fn email(address: &EmailAddress) -> Key {
    Key::new(format!("EMAIL#{address}"), META)
}

/// A session of a user.
pub fn session(user: &UserId, session: &SessionId) -> Key {
    Key::new(format!("USER#{user}"), format!("{SESSIONS}{session}"))
}

/// An authenticator's secret that waits for its first code.
pub fn two_factor_setup(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "TWO-FACTOR-SETUP")
}

/// A sign-in that waits for its second factor, by the hash of its token.
pub fn challenge(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{CHALLENGES}{hash}"))
}

/// What undoes a change of address, by the hash of its token.
pub fn email_undo(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{EMAIL_UNDOS}{hash}"))
}

/// How the sort keys of what undoes a user's changes of address start.
pub const EMAIL_UNDOS: &str = "EMAIL-UNDO#";

/// How the sort keys of a user's sign-ins that wait for their second factor start.
pub const CHALLENGES: &str = "CHALLENGE#";

/// The guard that connects an account at Google to one of ours; holds whose it is. Google identifies
/// an account by issuer and subject.
pub fn google(issuer: &str, subject: &str) -> Key {
    Key::new(format!("GOOGLE#{issuer}#{subject}"), META)
}

/// An account that waits to be erased; all of them are in one partition, the next due first.
pub fn erasure(due_at: Timestamp, user: &UserId) -> Key {
    Key::new(ERASURES.to_owned(), format!("{due_at:0>12}#{user}"))
}

/// The partition of accounts that wait to be erased.
pub const ERASURES: &str = "ERASURE";

/// The sort key before which everything is due by `now`, where the next due comes first.
pub fn due_after(now: Timestamp) -> String {
    format!("{:0>12}", now.plus(Duration::from_secs(1)))
}

/// How the sort keys of a user's sessions start.
pub const SESSIONS: &str = "SESSION#";

/// What a user is told of, and where.
pub fn notifications(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "NOTIFICATIONS")
}

/// A client in a user's list; `since` orders the list, and is zero for the default client.
pub fn listed_client(user: &UserId, since: Timestamp, organization_id: &OrganizationId) -> Key {
    Key::new(format!("USER#{user}"), format!("{LISTED_CLIENTS}{since:0>12}#{organization_id}"))
}

/// How the sort keys of a user's clients start.
pub const LISTED_CLIENTS: &str = "CLIENT#";

/// A client.
pub fn organization(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), META)
}

/// A user's membership in a client: the row that rights hang on.
pub fn member(organization_id: &OrganizationId, user: &UserId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("{MEMBERS}{user}"))
}

/// How the sort keys of a client's members start.
pub const MEMBERS: &str = "MEMBER#";

/// An invitation to a client.
pub fn invitation(organization_id: &OrganizationId, invitation: &InvitationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("{INVITATIONS}{invitation}"))
}

/// How the sort keys of a client's invitations start.
pub const INVITATIONS: &str = "INVITATION#";

/// Less than the sort key of any invitation, and where a list of them begins.
pub fn before_invitations(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), INVITATIONS)
}

/// The invitation to a client that an address has; the key makes it the only one.
pub fn invitee(address: &EmailAddress, organization_id: &OrganizationId) -> Key {
    Key::new(invitee_partition(address), format!("{INVITED_TO}{organization_id}"))
}

/// The partition of the invitations that an address has.
pub fn invitee_partition(address: &EmailAddress) -> String {
    format!("INVITEE#{address}")
}

/// How the sort keys of an address's invitations start.
pub const INVITED_TO: &str = "CLIENT#";

/// A bearer token, under whom it acts as.
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

/// How the sort keys of a user's tokens start.
pub const TOKENS: &str = "TOKEN#";

/// Greater than the sort key of any token of a user.
pub const TOKENS_END: &str = "TOKEN#~";

/// How the sort keys of a client's keys start.
pub const API_KEYS: &str = "KEY#";

/// What a client used in a month.
pub fn usage(organization_id: &OrganizationId, month: &str) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("USAGE#{month}"))
}

/// What a client is at Stripe.
pub fn billing(organization_id: &OrganizationId) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), "BILLING")
}

/// The partition of a client's ledger. It outlives the client.
pub fn ledger(organization_id: &OrganizationId) -> String {
    format!("LEDGER#{organization_id}")
}

/// What a client has.
pub fn balance(organization_id: &OrganizationId) -> Key {
    Key::new(ledger(organization_id), "BALANCE")
}

/// An entry of a client's ledger.
pub fn ledger_entry(organization_id: &OrganizationId, number: u64) -> Key {
    Key::new(ledger(organization_id), format!("{LEDGER_ENTRIES}{number:0>12}"))
}

/// How the sort keys of a ledger's entries start.
pub const LEDGER_ENTRIES: &str = "ENTRY#";

/// The guard that makes an entry the only one of its cause.
pub fn cause(organization_id: &OrganizationId, cause: &str) -> Key {
    Key::new(ledger(organization_id), format!("CAUSE#{cause}"))
}

/// Up to which entry a ledger was found right.
pub fn checked(organization_id: &OrganizationId) -> Key {
    Key::new(ledger(organization_id), "CHECKED")
}

/// Says that a client's ledger was written to on a day.
pub fn moved(day: &str, organization_id: &OrganizationId) -> Key {
    Key::new(moved_partition(day), organization_id.as_str())
}

/// The partition of the ledgers that were written to on a day.
pub fn moved_partition(day: &str) -> String {
    format!("MOVED#{day}")
}

/// What is known of an object of Stripe's, by its id.
pub fn stripe(id: &str) -> Key {
    Key::new(format!("STRIPE#{id}"), META)
}

/// A project.
pub fn project(project: &ProjectId) -> Key {
    Key::new(format!("CLIENT#{}", project.client()), format!("{PROJECTS}{project}"))
}

/// How the sort keys of a client's projects start.
pub const PROJECTS: &str = "PROJECT#";

/// The guard that makes a project's name unique in its client; holds whose it is. `folded` is the name
/// as it is compared.
pub fn project_name(organization_id: &OrganizationId, folded: &str) -> Key {
    Key::new(format!("CLIENT#{organization_id}"), format!("PROJECT-NAME#{folded}"))
}

/// The partition of what lies in a project.
pub fn in_project(project: &ProjectId) -> String {
    format!("PROJECT#{project}")
}

/// What a project is about, in words.
pub fn brief(project: &ProjectId) -> Key {
    Key::new(in_project(project), "BRIEF")
}

/// A run of a project.
pub fn run(run: &RunId) -> Key {
    Key::new(in_project(&run.project()), format!("{RUNS}{run}"))
}

/// How the sort keys of a project's runs start.
pub const RUNS: &str = "RUN#";

/// The partition of the artifact versions of a project, or of an organization itself.
pub fn artifact_partition(scope: &ArtifactScope) -> String {
    match scope {
        ArtifactScope::Project(project) => in_project(project),
        ArtifactScope::Organization(organization) => format!("SHELF#{organization}"),
    }
}

/// A version of a file, by its id.
pub fn artifact(artifact: &ArtifactId) -> Key {
    Key::new(artifact_partition(&ArtifactScope::of(artifact)), format!("{ARTIFACTS}{artifact}"))
}

/// How the sort keys of versions of files by their ids start.
pub const ARTIFACTS: &str = "ARTIFACT#";

/// A version of a file, by its number. `path` is the hash of the file's path.
pub fn version(shelf: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(shelf), format!("{}{number:0>10}", versions_of(path)))
}

/// How the sort keys of versions of files by their numbers start.
pub const VERSIONS: &str = "VERSION#";

/// How the sort keys of a file's versions start.
pub fn versions_of(path: &str) -> String {
    format!("{VERSIONS}{path}#")
}

/// How many versions of a file there were.
pub fn path(shelf: &ArtifactScope, path: &str) -> Key {
    Key::new(artifact_partition(shelf), format!("PATH#{path}"))
}

/// Says that a version is left over of those that were deleted while their project was being copied.
pub fn leftover(shelf: &ArtifactScope, path: &str, number: u32) -> Key {
    Key::new(artifact_partition(shelf), format!("{LEFTOVERS}{path}#{number:0>10}"))
}

/// How the sort keys of what is left over start.
pub const LEFTOVERS: &str = "LEFTOVER#";

/// The latest version of a file: what is listed of it. Here `path` is the path itself.
pub fn latest(shelf: &ArtifactScope, path: &str) -> Key {
    Key::new(latest_partition(&shelf.client()), format!("{}{path}", latest_of(shelf)))
}

/// The partition of the latest versions of all files of a client.
pub fn latest_partition(organization_id: &OrganizationId) -> String {
    format!("LATEST#{organization_id}")
}

/// How the sort keys of the latest versions of the files on a shelf start.
pub fn latest_of(shelf: &ArtifactScope) -> String {
    format!("{}#", shelf.project().map_or("", ProjectId::as_str))
}

/// What some files consist of.
pub fn content(organization_id: &OrganizationId, sha256: &str) -> Key {
    Key::new(content_partition(organization_id), sha256)
}

/// The partition of what the files of a client consist of.
pub fn content_partition(organization_id: &OrganizationId) -> String {
    format!("CONTENT#{organization_id}")
}

/// An upload that isn't complete, by the id of the version that it is to be; spread over
/// [`UPLOAD_SHARDS`] partitions, in each the next due first.
pub fn upload(due_at: Timestamp, artifact: &ArtifactId) -> Key {
    Key::new(uploads(artifact.shard(UPLOAD_SHARDS)), format!("{due_at:0>12}#{artifact}"))
}

/// The partition of some of the uploads that aren't complete.
pub fn uploads(shard: u8) -> String {
    format!("UPLOADS#{shard:0>2}")
}

/// How many partitions of uploads there are.
pub const UPLOAD_SHARDS: u8 = 4;

/// What tells the worker of a job that isn't done; all of them are in one partition.
pub fn work(job_name: &str) -> Key {
    Key::new(WORK.to_owned(), job_name)
}

/// The partition of jobs that aren't done: the stream's filter in `template.yaml` names it.
pub const WORK: &str = "WORK";

/// The code that was last mailed for a purpose, to an address or at the wish of a user.
pub fn code(purpose: CodePurpose, holder: &str) -> Key {
    Key::new(format!("CODE#{}#{holder}", purpose.as_str()), META)
}

/// Failed guesses at one account's password or second factor; the account may not exist.
pub fn failed_guesses(pseudonym: &str) -> Key {
    Key::new(format!("SIGNIN#{pseudonym}"), META)
}

/// How often an operation was called by somebody within one window.
pub fn throttle(operation: &str, pseudonym: &str, window: i64) -> Key {
    Key::new(format!("THROTTLE#{operation}#{pseudonym}#{window}"), META)
}

/// A stored answer, by the hash of caller and idempotency key.
pub fn idempotency(hash: &str) -> Key {
    Key::new(format!("IDEM#{hash}"), META)
}

/// A mail that waits to be sent to whom the pseudonym stands for. What one person gets is in one
/// partition, whose changes the stream keeps in order: the newest code comes last.
pub fn mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("{MAIL}{recipient}"), format!("{at:0>12}#{mail}"))
}

/// A row that costs what a waiting mail costs, where none is sent: an address that has no account
/// must not answer faster.
pub fn decoy_mail(recipient: &str, at: Timestamp, mail: &MailId) -> Key {
    Key::new(format!("DECOY#{recipient}"), format!("{at:0>12}#{mail}"))
}

/// Prefix of the partition keys of queued mail. A stream filter in `template.yaml` uses it.
pub const MAIL: &str = "MAIL#";

/// Key of a queued Slack message. The messages to one user are in one partition, in the order of queueing.
pub fn slack(recipient: &str, at: Timestamp, message: &SlackMessageId) -> Key {
    Key::new(format!("{SLACK}{recipient}"), format!("{at:0>12}#{message}"))
}

/// Prefix of the partition keys of queued Slack messages. A stream filter in `template.yaml` uses it.
pub const SLACK: &str = "SLACK#";

/// Key of the delivery record of a notification. `hash` covers notification, recipient and channel.
pub fn delivery_record(hash: &str) -> Key {
    Key::new(format!("NOTICE#{hash}"), META)
}

/// The partition of one scope's activity in one month.
pub fn activity_month(scope: &str, month: &str) -> String {
    format!("ACTIVITY#{scope}#{month}")
}

/// An entry of the activity log.
pub fn activity(scope: &str, at: Timestamp, event: &EventId) -> Key {
    Key::new(activity_month(scope, &at.month()), format!("{}#{event}", activity_from(at)))
}

/// Less than the sort key of any entry.
pub const ACTIVITY_BEGIN: &str = "0";

/// Greater than the sort key of any entry.
pub const ACTIVITY_END: &str = "~";

/// How the sort keys of a month's entries of that moment start: what is less was before.
pub fn activity_from(at: Timestamp) -> String {
    format!("{at:0>12}")
}
