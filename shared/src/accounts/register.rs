//! Making an account.
//!
//! An address that somebody registered without proving it belongs to nobody yet: registering it
//! again takes the account over whole (password, name, code, sessions), so that squatting an
//! address gains nothing. Registering it *last* must gain nothing either: see [`Pending`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask_for_code::send_code;
use super::password::{self, Password, PasswordHash};
use super::{EmailAddress, EmailGuard, Name, Pending, User, UserView, find_by_email};
use crate::activity::{Action, Entry, Scope};
use crate::clients::{self, Client};
use crate::codes::{IssuedCode, Purpose};
use crate::context::Context;
use crate::dynamo::{Condition, Log, Tx, Update, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::{ClientId, UserId};
use crate::requester::Requester;
use crate::sessions::{self, Method};
use crate::throttle;

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
    done: Option<Done<Registered>>,
    code: Option<IssuedCode>,
    user: Option<User>,
}

/// Makes the account, its default client and the code that proves its address.
/// [`Error::EmailAlreadyExists`] for an address whose account is in use.
pub async fn register(
    ctx: &Context,
    requester: &Requester,
    once: &Once,
    new: NewAccount,
) -> Result<Done<Registered>> {
    let NewAccount { email, name, password } = new;
    let throttle = throttle::unauthenticated("register");
    let ((), before) = tokio::try_join!(throttle.hit(ctx, requester), read(ctx, once, &email))?;
    if let Some(done) = before.done {
        return Ok(done);
    }
    let password_hash = password::hash(ctx, password).await?;
    let network = network_pseudonym(ctx, requester).await;
    let draft = Draft { email, name, password_hash, network };
    let mut before = Some(before);
    retry_conflicts(ctx, || {
        let before = before.take();
        attempt(ctx, requester, once, &draft, before)
    })
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

async fn read(ctx: &Context, once: &Once, email: &EmailAddress) -> Result<Before> {
    let (guard_key, code_key) = (keys::email(email), keys::code(Purpose::VerifyEmail, email));
    let both = [guard_key.clone(), code_key.clone()];
    let (done, mut found) = tokio::try_join!(once.replay(ctx), ctx.table.batch_get(&both))?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let user = match guard {
        Some(guard) => find_by_email(ctx, Some(&guard)).await?,
        None => None,
    };
    Ok(Before { done, code: found.take(&code_key)?, user })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    once: &Once,
    draft: &Draft,
    before: Option<Before>,
) -> Result<Done<Registered>> {
    let Before { done, code, user: taken } = match before {
        Some(before) => before,
        None => read(ctx, once, &draft.email).await?,
    };
    if let Some(done) = done {
        return Ok(done);
    }
    let must_prove = ctx.config.require_email_verification;
    let mut tx = ctx.table.transaction();
    let is_new = taken.is_none();
    let user = match taken {
        None => make(ctx, &mut tx, draft)?,
        // Where addresses needn't be proven, an unproven account is in use like any other.
        Some(taken) if taken.email_verified || !must_prove => {
            return Err(Error::EmailAlreadyExists);
        }
        Some(taken) => take_over(&mut tx, draft, taken)?,
    };
    let scope = Scope::User(user.id.clone());
    let action = Action::AccountRegistered;
    let mut log = vec![Entry::new(ctx, requester, &scope, action, &user.id, &user.id)];
    if is_new {
        let (scope, action) =
            (Scope::Client(user.default_client_id.clone()), Action::ClientCreated);
        let client = &user.default_client_id;
        log.push(Entry::new(ctx, requester, &scope, action, &user.id, client));
    }
    let session_token = if must_prove {
        let purpose = Purpose::VerifyEmail;
        send_code(ctx, &mut tx, requester, purpose, &user, code.as_ref()).await?;
        None
    } else {
        let started = sessions::start(ctx, &mut tx, requester, &user, Method::Password).await?;
        log.push(started.entry);
        Some(started.token.into_text())
    };
    let registered = Registered {
        user: UserView::from(&user),
        message: "Registration successful".to_owned(),
        verification_required: must_prove,
        session_token,
    };
    once.remember(ctx, &mut tx, &registered).await?;
    tx.commit(Log::Entries(log)).await?;
    Ok(Done::now(registered))
}

fn make(ctx: &Context, tx: &mut Tx<'_>, draft: &Draft) -> Result<User> {
    let now = ctx.now();
    let client_id = ClientId::generate(&*ctx.random);
    let user = User {
        id: UserId::generate(&*ctx.random),
        email: draft.email.clone(),
        name: draft.name.clone(),
        email_verified: false,
        password_hash: Some(draft.password_hash.clone()),
        session_generation: 0,
        pending: Some(Pending { network: draft.network.clone(), contested: false }),
        default_client_id: client_id.clone(),
        phone: None,
        timezone: None,
        company: None,
        job_title: None,
        created_at: now,
        version: 0,
    };
    let guard = EmailGuard { email: user.email.clone(), user_id: user.id.clone() };
    // Somebody registers the same address right now: read again, and take over or refuse.
    tx.put(&guard, Condition::Absent, Error::Conflict)?;
    tx.put_new(&user)?;
    clients::put_default(tx, &Client::default_of(client_id, &user, now), &user)?;
    Ok(user)
}

fn take_over(tx: &mut Tx<'_>, draft: &Draft, taken: User) -> Result<User> {
    let unchanged = Condition::equal("version", taken.version)?;
    let contested = match &taken.pending {
        Some(before) => before.contested || before.network != draft.network,
        None => return Err(Error::internal("an unproven account that isn't pending")),
    };
    let user = User {
        pending: Some(Pending { network: draft.network.clone(), contested }),
        name: draft.name.clone(),
        password_hash: Some(draft.password_hash.clone()),
        session_generation: taken.session_generation + 1,
        phone: None,
        timezone: None,
        company: None,
        job_title: None,
        version: taken.version + 1,
        ..taken
    };
    tx.put(&user, unchanged, Error::Conflict)?;
    let rename = Update::of(keys::client(&user.default_client_id)).set("name", &user.name)?;
    tx.update(rename.only_if(Condition::Exists), Error::internal("no default client"))?;
    Ok(user)
}
