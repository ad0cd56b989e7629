//! What follows when somebody has proven who they are: the second factor is asked for, or the session
//! begins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::devices::Familiarity;
use super::two_factor::challenge::{self, SecondFactorRequired};
use super::{User, UserView};
use crate::activity::{Action, AuditEvent, Log};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, Method, SessionToken};

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// A session has begun.
    SignedIn(SignedIn),
    /// The second factor is asked for.
    SecondFactorRequired(SecondFactorRequired),
}

/// A session has begun.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Who signed in.
    pub user: UserView,
    /// For people.
    #[schema(example = "Login successful")]
    pub message: String,
    /// The session: the value of the cookie `__Host-aius_session`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6InNlZWQifQ.e30.…")]
    pub session_token: String,
    /// True while the account waits to be erased: all that the session is good for is `/me/restore`
    /// and `/logout`. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false, example = false)]
    pub pending_deletion: bool,
    /// When it will be erased; absent otherwise.
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

/// A session that begins with the change it was added to.
pub(super) struct Begun {
    user: User,
    device: Familiarity,
    /// For whoever signed in.
    pub(super) answer: SignedIn,
    /// For the activity log.
    pub(super) entry: AuditEvent,
}

/// Adds a session to a change, and tells the person by mail when they never signed in with that
/// device before. The user has to be stored with it: [`Begun::store_on`].
pub(super) async fn start(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    mut user: User,
    methods: Vec<Method>,
    message: &str,
) -> Result<Begun> {
    let keyring = ctx.secrets.keyring().await;
    let device = user.known_devices.note(&keyring, &user.id, requester);
    if device == Familiarity::New {
        let news = Message::new_device(ctx, requester, &user);
        mail::queue(ctx, &keyring, tx, &user.email, news)?;
    }
    let started = sessions::start(ctx, tx, requester, &user, methods).await?;
    let answer = SignedIn::new(&user, message, started.token);
    Ok(Begun { user, device, answer, entry: started.entry })
}

impl Begun {
    /// Adds the user to the change.
    pub(super) fn store_on(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.user.clone().store(tx).map(drop)
    }

    /// Adds the user to the change where that is new: nobody can have changed it.
    pub(super) fn store_new(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.put_new(&self.user)
    }
}

/// Ends a sign-in in the change `tx`: asks for the second factor of an account that has one, or
/// starts the session. The change is committed, with `log` besides. An account that should have been
/// erased by now doesn't exist any more: [`Error::InvalidCredentials`].
pub(super) async fn finish(
    ctx: &Context,
    mut tx: Tx<'_>,
    requester: &Requester,
    user: Arriving,
    method: Method,
    message: &str,
    mut log: Vec<AuditEvent>,
) -> Result<SignInAnswer> {
    let Arriving { user, changed } = user;
    if user.is_over(ctx.now()) {
        return Err(Error::InvalidCredentials);
    }
    if user.second_factor.is_some() {
        let answer = challenge::issue(ctx, &mut tx, &user, method)?;
        // The owner sees that somebody knows the first factor, whether or not the second follows.
        log.push(AuditEvent::for_account(ctx, requester, Action::SecondFactorAsked, &user.id));
        if changed {
            user.store(&mut tx)?;
        } else {
            user.check_unchanged(&mut tx)?;
        }
        tx.commit(Log::Entries(log)).await?;
        return Ok(SignInAnswer::SecondFactorRequired(answer));
    }
    let begun = start(ctx, &mut tx, requester, user, vec![method], message).await?;
    if changed || begun.device != Familiarity::Known {
        begun.store_on(&mut tx)?;
    } else {
        begun.user.check_unchanged(&mut tx)?;
    }
    log.push(begun.entry);
    tx.commit(Log::Entries(log)).await?;
    Ok(SignInAnswer::SignedIn(begun.answer))
}

/// An account that is being signed in to.
pub(super) struct Arriving {
    user: User,
    changed: bool,
}

impl Arriving {
    /// As it was read.
    pub(super) fn as_read(user: User) -> Self {
        Self { user, changed: false }
    }

    /// As it will be stored, but for its version.
    pub(super) fn user(&self) -> &User {
        &self.user
    }

    /// Changed since it was read; the sign-in stores it.
    pub(super) fn changed(user: User) -> Self {
        Self { user, changed: true }
    }
}
