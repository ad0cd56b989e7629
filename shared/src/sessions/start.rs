//! Beginning a session.

use super::{LIFETIME, Method, Session, SessionToken};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::ids::SessionId;
use crate::requester::Requester;

/// A session that begins with the change it was added to.
pub struct Started {
    /// For the one who signed in.
    pub token: SessionToken,
    /// For the activity log.
    pub entry: AuditEvent,
}

/// Adds a session for `user` to the change that signs them in, and makes its token.
pub async fn start(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
    methods: Vec<Method>,
) -> Result<Started> {
    let now = ctx.now();
    let session = Session {
        id: SessionId::generate(&*ctx.random),
        user_id: user.id.clone(),
        generation: user.session_generation,
        methods,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(LIFETIME),
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
    Ok(Started { token, entry })
}
