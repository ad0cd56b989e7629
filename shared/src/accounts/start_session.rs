//! Starting a session once a person has proven who they are, and the answer that carries its token.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::devices::DeviceStatus;
use super::queue_security_notice;
use super::{User, UserView};
use crate::activity::AuditEvent;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::{self, SessionToken, SignInMethod};

/// A successful sign-in, with the session that it started.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The account that has signed in.
    pub user: UserView,
    /// A message to show to the user. Its text may change.
    #[schema(example = "Login successful")]
    pub message: String,
    /// Session token: the value of the cookie `__Host-aius_session`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6InNlZWQifQ.e30.…")]
    pub session_token: String,
    /// True if the account is scheduled for erasure: the session is valid for `/me/restore` and
    /// `/logout` only. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false, example = false)]
    pub pending_deletion: bool,
    /// Time when the account will be erased. Absent if it is not scheduled for erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_scheduled_at: Option<Timestamp>,
}

impl SignedIn {
    fn new(user: &User, message: &str, token: SessionToken) -> Self {
        Self {
            user: UserView::from(user),
            message: message.to_owned(),
            session_token: token.into_text(),
            pending_deletion: user.deletion.is_some(),
            deletion_scheduled_at: user.deletion.as_ref().map(|deletion| deletion.due_at),
        }
    }
}

/// Parameters for starting a session.
pub(super) struct StartSessionParams<'a> {
    /// The user who signs in.
    pub(super) user: User,
    /// The proofs that the user has given.
    pub(super) methods: Vec<SignInMethod>,
    /// The message of the answer.
    pub(super) message: &'a str,
}

/// A session that starts when the transaction it was added to commits.
pub(super) struct StartedSession {
    user: User,
    device: DeviceStatus,
    /// Answer to the request that signs in.
    pub(super) answer: SignedIn,
    /// Entry for the activity log.
    pub(super) entry: AuditEvent,
}

/// Adds a session to `tx`, and a mail to the user if the device is new. The caller must store the user in
/// the same transaction or check that it is unchanged.
///
/// # Errors
/// [`Error::AccountSuspended`](crate::error::Error::AccountSuspended) if an operator has suspended the account.
pub(super) async fn start_session(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    session: StartSessionParams<'_>,
) -> Result<StartedSession> {
    let StartSessionParams { mut user, methods, message } = session;
    user.require_not_suspended()?;
    let keyring = ctx.secrets.keyring().await;
    let device = user.known_devices.remember(&keyring, &user.id, requester);
    if device == DeviceStatus::New {
        let notice = Message::new_device(ctx, requester, &user);
        queue_security_notice(ctx, &keyring, tx, &user, notice)?;
    }
    let session = sessions::start_session(ctx, tx, requester, &user, methods).await?;
    let answer = SignedIn::new(&user, message, session.token);
    Ok(StartedSession { user, device, answer, entry: session.entry })
}

impl StartedSession {
    /// Adds an update of the existing user to `tx`.
    ///
    /// # Errors
    /// The commit fails with `AttemptError::Conflict` if the account has changed since it was read.
    pub(super) fn store_user(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.user.clone().store(tx).map(drop)
    }

    /// Adds the new user to `tx`.
    pub(super) fn store_new_user(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.put_new(&self.user)
    }

    /// Stores the user if the sign-in changes it, and otherwise checks that it is unchanged.
    ///
    /// # Errors
    /// The commit fails with `AttemptError::Conflict` if the account has changed since it was read.
    pub(super) fn store_or_check_user(&self, tx: &mut Tx<'_>, is_changed: bool) -> Result<()> {
        if is_changed || self.device != DeviceStatus::Known {
            self.store_user(tx)
        } else {
            self.user.check_unchanged(tx)
        }
    }
}
