//! Mails a code again, for an owner who did not get it.

use super::User;
use super::request_code::{CodeMail, send_code};
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mailed_codes::{CodeKey, IssuedCode, require_resend_allowed};
use crate::requester::Requester;
use crate::support_case::SupportCase;
use crate::switches::Feature;
use crate::values::CodePurpose;

/// Mails an account the code that it needs: the one that verifies its address, or, once it is verified, the one for a
/// new password. Returns its purpose. The limits for an address are those of the owner's own requests.
///
/// # Errors
/// - `NotFound` if there is no such account.
/// - [`Error::RateLimited`] within a minute after another code, or after too many codes.
/// - [`Error::PendingDeletion`] if the account is being erased.
/// - [`Error::Disabled`] while mail is switched off: a mail that is held would replace a code that works.
/// - `Contention` if concurrent changes kept interfering.
pub async fn resend_code(ctx: &Context, id: &UserId, case: &SupportCase) -> Result<CodePurpose> {
    ctx.switches.require(Feature::Mail).await?;
    retry_conflicts(ctx, || async {
        let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
        if user.is_past_grace_period(ctx.now()) {
            return Err(Error::PendingDeletion.into());
        }
        let purpose =
            if user.email_verified { CodePurpose::ResetPassword } else { CodePurpose::VerifyEmail };
        let key = CodeKey::for_address(purpose, &user.email).key();
        let before: Option<IssuedCode> = ctx.table.get(&key).await?;
        require_resend_allowed(ctx.now(), before.as_ref())?;
        let mut tx = ctx.table.transaction();
        // After an erasure, or for another address, the code and its event must not be stored.
        user.check_unchanged(&mut tx)?;
        let code = CodeMail { purpose, user: &user, before: before.as_ref() };
        send_code(ctx, &mut tx, &Requester::support(), code).await?;
        let scope = AuditScope::User(id.clone());
        tx.commit(AuditEvent::for_support(ctx, &scope, case, Action::CodeResent)).await?;
        Ok(purpose)
    })
    .await
}
