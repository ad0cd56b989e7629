//! Imports an account from another system.

use super::free_grant::grant_free_credits;
use super::new_account::put_new_account_items;
use super::password::{ImportedHash, PasswordHash};
use super::registration_expiry::registration_expires_at;
use super::two_factor::ImportedTotpSecret;
use super::{EmailGuard, PendingRegistration, User};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
use crate::values::{EmailAddress, Name};

/// An account of another system.
#[derive(Debug)]
pub struct ImportedAccount {
    /// Address of the account.
    pub email: EmailAddress,
    /// Name of the person.
    pub name: Name,
    /// Whether the other system has verified the address.
    pub email_verified: bool,
    /// Hash of the password. Without it the person sets a password with a mailed link.
    pub password_hash: Option<ImportedHash>,
    /// Secret of the authenticator, if the account has a second factor.
    pub totp_secret: Option<ImportedTotpSecret>,
}

/// The account that has the address of an imported one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressStatus {
    /// No account has or reserves the address.
    Free,
    /// An earlier import has created the account.
    Imported(UserId),
    /// The person has an account that no import has created, the address is reserved for one, or the imported account
    /// has another address since.
    Taken,
}

/// The outcome of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountImport {
    /// The account was created.
    Created(UserId),
    /// Nothing was changed, because the address has an account.
    Unchanged(AddressStatus),
}

/// Reads which account has an address.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer.
pub async fn read_address_status(ctx: &Context, email: &EmailAddress) -> Result<AddressStatus> {
    let guard: Option<EmailGuard> = ctx.table.get(&keys::email_guard(email)).await?;
    let ids = imported_user_ids(ctx, email).await;
    match guard {
        Some(guard) if guard.is_reserved(ctx.now()) => return Ok(AddressStatus::Taken),
        Some(guard) if guard.reserved_until.is_none() => {
            let is_imported = ids.contains(&guard.user_id);
            return Ok(if is_imported {
                AddressStatus::Imported(guard.user_id)
            } else {
                AddressStatus::Taken
            });
        }
        Some(_) | None => {}
    }
    for id in &ids {
        let user: Option<User> = ctx.table.get(&keys::user(id)).await?;
        match user {
            // Another import has created the account since the guard was read.
            Some(user) if user.email == *email => return Ok(AddressStatus::Imported(user.id)),
            // The person has changed the address of the imported account.
            Some(_) => return Ok(AddressStatus::Taken),
            None => {}
        }
    }
    Ok(AddressStatus::Free)
}

/// Creates the account with its default organization. Sends no mail, and never changes an account that exists, so an
/// import can be repeated. A verified account gets the free credits.
///
/// An account whose address is not verified is erased like every other such account if nobody verifies it. If its
/// address is registered again or verified, the imported password is dropped, because nobody knows who chose it.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer, `Contention` if others keep changing the same items.
pub async fn import_account(ctx: &Context, account: &ImportedAccount) -> Result<AccountImport> {
    retry_conflicts(ctx, || attempt(ctx, account)).await
}

async fn attempt(ctx: &Context, account: &ImportedAccount) -> Attempt<AccountImport> {
    let status = read_address_status(ctx, &account.email).await?;
    if status != AddressStatus::Free {
        return Ok(AccountImport::Unchanged(status));
    }
    let mut tx = ctx.table.transaction();
    let user = new_user(ctx, account).await?;
    let user = if account.email_verified {
        user
    } else {
        let expires_at = registration_expires_at(ctx);
        // Nobody knows which browser registered the address at the other system.
        let pending = PendingRegistration { browser: None, contested: true, expires_at };
        user.with_registration(&mut tx, pending)?
    };
    let events = put_new_account_items(ctx, &mut tx, &Requester::service(), &user)?;
    // Its id is not random, so another import may have created the account meanwhile.
    tx.put(&user, Condition::Absent, AttemptError::Conflict)?;
    if account.email_verified {
        grant_free_credits(ctx, &mut tx, &user).await?;
    }
    let events = events.into_iter().map(|event| event.with_detail("origin", "imported"));
    tx.commit(Log::Entries(events.collect())).await?;
    Ok(AccountImport::Created(user.id))
}

async fn new_user(ctx: &Context, account: &ImportedAccount) -> Result<User> {
    let keyring = ctx.secrets.keyring().await;
    let keys = keyring.account()?;
    let user = User::new(ctx, account.email.clone(), account.name.clone());
    // Known in advance, so that a repeated import recognizes its accounts. The id of the organization stays random: the
    // account may be imported again after its erasure, when that organization may belong to another user.
    let id = imported_user_ids(ctx, &account.email).await.swap_remove(0);
    let hash = account.password_hash.as_ref();
    let hash = hash.map(|hash| PasswordHash::seal_imported(ctx, keys, hash)).transpose()?;
    let factor = account.totp_secret.as_ref();
    let factor = factor.map(|secret| secret.to_second_factor(ctx, keys, &id)).transpose()?;
    let email_verified = account.email_verified;
    Ok(User { id, email_verified, password_hash: hash, second_factor: factor, ..user })
}

/// Returns the ids that an import gives to the account of an address, the present one first. They differ by the key
/// that was active.
async fn imported_user_ids(ctx: &Context, email: &EmailAddress) -> Vec<UserId> {
    let keyring = ctx.secrets.keyring().await;
    let bits = keyring.pseudonym_bits(&["imported user", email.as_str()]);
    bits.iter().map(UserId::from_bits).collect()
}
