//! Making an account.
//!
//! An address that somebody registered without proving it belongs to nobody yet: registering it
//! again takes the account over whole (password, name, code, sessions), so that squatting an
//! address gains nothing. Registering it *last* must gain nothing either: see [`Pending`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask_for_code::send_code;
use super::password::{self, Password, PasswordHash};
use super::{EmailGuard, Pending, User, UserView, create, find_by_email, finish_sign_in};
use crate::activity::{Action, AuditEvent, Log};
use crate::codes::{IssuedCode, Slot};
use crate::context::Context;
use crate::dynamo::{Tx, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::{CodePurpose, EmailAddress, Name};
use crate::{keys, throttle};

/// Who wants an account.
#[derive(Debug)]
pub struct NewAccount {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: Name,
    /// The password they chose.
    pub password: Password,
}

/// The answer to a registration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Registered {
    /// The new account.
    pub user: UserView,
    /// For people.
    #[schema(example = "Registration successful")]
    pub message: String,
    /// Whether a code was mailed that `/verify-email` waits for.
    pub verification_required: bool,
    /// The session, where this deployment doesn't ask for a proven address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

/// What was there when an attempt began.
struct Before {
    done: Option<Replayable<Registered>>,
    code: Option<IssuedCode>,
    user: Option<User>,
    /// An account that has moved to another address keeps this one for a while.
    reserved: bool,
}

/// Makes the account, its default client and the code that proves its address.
/// [`Error::EmailAlreadyExists`] for an address whose account is in use.
pub async fn register(
    ctx: &Context,
    requester: &Requester,
    idempotency_key: &IdempotencyKey,
    new: NewAccount,
) -> Result<Replayable<Registered>> {
    let NewAccount { email, name, password } = new;
    let throttle = throttle::unauthenticated("register");
    let ((), before) =
        tokio::try_join!(throttle.hit(ctx, requester), read(ctx, idempotency_key, &email))?;
    if let Some(done) = before.done {
        return Ok(done);
    }
    let password_hash = password::hash(ctx, password).await?;
    let network = network_pseudonym(ctx, requester).await;
    let draft = Draft { email, name, password_hash, network };
    let read = || read(ctx, idempotency_key, &draft.email);
    retry_from(ctx, before, read, |before| attempt(ctx, requester, idempotency_key, &draft, before))
        .await
}

struct Draft {
    email: EmailAddress,
    name: Name,
    password_hash: PasswordHash,
    network: String,
}

/// Where a registration came from, without saying where.
pub(super) async fn network_pseudonym(ctx: &Context, requester: &Requester) -> String {
    ctx.secrets.keyring().await.pseudonym(&["registration", &requester.network()])
}

async fn read(
    ctx: &Context,
    idempotency_key: &IdempotencyKey,
    email: &EmailAddress,
) -> Result<Before> {
    let code_key = Slot::of_address(CodePurpose::VerifyEmail, email).key();
    let guard_key = keys::email(email);
    let both = [guard_key.clone(), code_key.clone()];
    let (done, mut found) =
        tokio::try_join!(idempotency_key.replay(ctx), ctx.table.batch_get(&both))?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let user = match &guard {
        Some(guard) => find_by_email(ctx, email, Some(guard)).await?,
        None => None,
    };
    let reserved = guard.is_some_and(|guard| guard.is_reserved(ctx.now()));
    Ok(Before { done, code: found.take(&code_key)?, user, reserved })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    idempotency_key: &IdempotencyKey,
    draft: &Draft,
    before: Before,
) -> Result<Replayable<Registered>> {
    let Before { done, code, user: taken, reserved } = before;
    if let Some(done) = done {
        return Ok(done);
    }
    let must_prove = ctx.config.require_email_verification;
    // An account that waits to be erased keeps its address until it is.
    let has_it = |taken: &User| taken.is_in_use(ctx) || taken.deletion.is_some();
    if reserved || taken.as_ref().is_some_and(has_it) {
        return idempotency_key.replay_or_refuse(ctx, Error::EmailAlreadyExists).await;
    }
    let mut tx = ctx.table.transaction();
    let is_new = taken.is_none();
    let (user, mut log) = match taken {
        None => {
            let user = draft.new_account(ctx);
            let log = create::put_belongings(ctx, &mut tx, requester, &user)?;
            (user, log)
        }
        Some(taken) => {
            let user = draft.take_over(ctx, &mut tx, taken)?;
            let registered = Action::AccountRegistered;
            let log = vec![AuditEvent::for_account(ctx, requester, registered, &user.id)];
            (user, log)
        }
    };
    let session_token = if must_prove {
        if is_new {
            tx.put_new(&user)?;
        }
        let purpose = CodePurpose::VerifyEmail;
        send_code(ctx, &mut tx, requester, purpose, &user, code.as_ref()).await?;
        None
    } else {
        let (user, methods) = (user.clone(), vec![Method::Password]);
        let begun = finish_sign_in::start(ctx, &mut tx, requester, user, methods, "").await?;
        begun.store_new(&mut tx)?;
        log.push(begun.entry);
        Some(begun.answer.session_token)
    };
    let registered = Registered {
        user: UserView::from(&user),
        message: "Registration successful".to_owned(),
        verification_required: must_prove,
        session_token,
    };
    idempotency_key.store_response(ctx, &mut tx, &registered).await?;
    tx.commit(Log::Entries(log)).await?;
    Ok(Replayable::new(registered))
}

impl Draft {
    fn new_account(&self, ctx: &Context) -> User {
        User {
            password_hash: Some(self.password_hash.clone()),
            pending: Some(Pending { network: self.network.clone(), contested: false }),
            ..User::new(ctx, self.email.clone(), self.name.clone())
        }
    }

    fn take_over(&self, ctx: &Context, tx: &mut Tx<'_>, taken: User) -> Result<User> {
        let contested = match &taken.pending {
            Some(before) => before.contested || before.network != self.network,
            None => return Err(Error::internal("an unproven account that isn't pending")),
        };
        let user = User {
            pending: Some(Pending { network: self.network.clone(), contested }),
            password_hash: Some(self.password_hash.clone()),
            ..User { name: self.name.clone(), ..taken }.emptied(ctx, tx)?
        };
        user.store(tx)
    }
}
