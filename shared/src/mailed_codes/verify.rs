//! Verifying a code that a person typed, and using it up.

use super::{CodeKey, IssuedCode, MailedCode};
use crate::context::Context;
use crate::dynamo::{Attempt, Condition, Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::secrets::Mac;
use crate::values::EmailAddress;

/// Maximum attempts to enter one code, from all addresses together. With 30 bits per code, five attempts
/// at each of 20 codes an hour, the most for one purpose, find one code in 10 million hours.
pub const MAX_CODE_ATTEMPTS: u32 = 5;

/// A correct code that is not used up yet. It proves that the requester reads the mail of the address.
#[derive(Debug)]
pub struct VerifiedCode {
    row: IssuedCode,
    mac: Mac,
    /// Id of the account that the code was issued for.
    pub user_id: UserId,
}

/// Verifies a typed code. `None` stands for text that is no code.
///
/// The attempt is counted before the code is compared, so that no more than [`MAX_CODE_ATTEMPTS`] are
/// compared, even when many requests arrive at the same time.
///
/// # Errors
/// [`Error::InvalidCode`] if the code is wrong, expired or used up, if no code was issued, or after
/// [`MAX_CODE_ATTEMPTS`].
pub async fn verify_code(
    ctx: &Context,
    key: &CodeKey,
    typed: Option<&MailedCode>,
) -> Result<VerifiedCode> {
    let row = retry_conflicts(ctx, || count_attempt(ctx, key)).await?;
    let (Some(mac), Some(user_id), Some(typed)) = (&row.mac, &row.user_id, typed) else {
        return Err(Error::InvalidCode);
    };
    let keyring = ctx.secrets.keyring().await;
    if !keyring.account()?.storage.mac_matches(mac, &key.mac_parts(typed)) {
        return Err(Error::InvalidCode);
    }
    Ok(VerifiedCode { mac: mac.clone(), user_id: user_id.clone(), row })
}

/// Counts an attempt, on the condition that the code is valid and has attempts left.
async fn count_attempt(ctx: &Context, key: &CodeKey) -> Attempt<IssuedCode> {
    let has_attempts_left = Condition::All(vec![
        Condition::Present("mac"),
        Condition::less("tries", MAX_CODE_ATTEMPTS)?,
        Condition::greater("expires_at", ctx.now())?,
    ]);
    let count = Update::new(key.key()).add("tries", 1).add("revision", 1);
    let counted = ctx.table.update(count.only_if(has_attempts_left)).await?;
    counted.ok_or_else(|| Error::InvalidCode.into())
}

impl VerifiedCode {
    /// Returns the address that the code proves.
    pub fn address(&self) -> &EmailAddress {
        &self.row.address
    }

    /// Adds an update to `tx` that uses the code up.
    ///
    /// # Errors
    /// Fails if the condition cannot be serialized. The commit fails with [`Error::InvalidCode`] if
    /// another request has used or replaced the code.
    pub fn consume(&self, tx: &mut Tx<'_>) -> Result<()> {
        let is_unused = Condition::equal("mac", &self.mac)?;
        let consume = Update::new(self.row.key()).remove("mac").add("revision", 1);
        tx.update(consume.only_if(is_unused), Error::InvalidCode)
    }
}
