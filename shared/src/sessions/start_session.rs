//! Starts a session.

use super::{SESSION_TTL, Session, SessionToken, SignInMethod};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::ids::SessionId;
use crate::requester::Requester;

/// A session that starts when the transaction it was added to commits.
pub struct NewSession {
    /// Token of the session.
    pub token: SessionToken,
    /// Entry for the activity log.
    pub entry: AuditEvent,
}

/// Adds a session of `user` to `tx`, the transaction that signs them in, and signs its token.
///
/// # Errors
/// `Error::Internal` if the session cannot be serialized or its token cannot be signed.
pub async fn start_session(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
    methods: Vec<SignInMethod>,
) -> Result<NewSession> {
    let now = ctx.now();
    let session = Session {
        id: SessionId::generate(&*ctx.random),
        user_id: user.id.clone(),
        generation: user.session_generation,
        methods,
        created_at: now,
        reauthenticated_at: None,
        last_seen_at: now,
        expires_at: now.plus(SESSION_TTL),
        ip: requester.ip,
        user_agent: requester.user_agent.clone(),
    };
    tx.put_new(&session)?;
    let scope = AuditScope::User(user.id.clone());
    let entry = AuditEvent::new(ctx, requester, &scope, &user.id, Action::SessionStarted)
        .with_target(&session.id);
    let methods: Vec<_> = session.methods.iter().map(|method| method.name()).collect();
    let entry = entry.with_detail("methods", methods.join(", "));
    let token = SessionToken::sign(&*ctx.secrets.keyring().await, &session)?;
    Ok(NewSession { token, entry })
}
