//! Ends all sessions of an account, and on request its personal tokens.

use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::support_case::SupportCase;

/// Ends all sessions of an account at once, and with `and_tokens` all its personal tokens. A repeated call also
/// ends sessions and tokens that were created since.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent changes kept interfering.
pub async fn end_sessions(
    ctx: &Context,
    id: &UserId,
    and_tokens: bool,
    case: &SupportCase,
) -> Result<()> {
    retry_conflicts(ctx, || async {
        let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
        let tokens = user.tokens.clone();
        let tokens = if and_tokens { tokens.revoke_all(ctx.now()) } else { tokens };
        let mut tx = ctx.table.transaction();
        let session_generation = user.session_generation + 1;
        User { session_generation, tokens, ..user }.store(&mut tx)?;
        let scope = AuditScope::User(id.clone());
        let event = AuditEvent::for_support(ctx, &scope, case, Action::AllSessionsEnded);
        tx.commit(event.with_detail("tokens", and_tokens)).await
    })
    .await
}
