//! Beginning a session.

use super::{LIFETIME, Method, Session, SessionToken};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::ids::SessionId;
use crate::requester::Requester;

/// Adds a session for `user` to the change that signs them in, and makes its token.
pub async fn start(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
    method: Method,
) -> Result<SessionToken> {
    let now = ctx.now();
    let session = Session {
        id: SessionId::generate(&*ctx.random),
        user_id: user.id.clone(),
        generation: user.session_generation,
        methods: vec![method],
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(LIFETIME),
        ip: requester.ip,
        user_agent: requester.user_agent.clone(),
    };
    tx.put_new(&session)?;
    SessionToken::sign(&*ctx.secrets.keyring().await, &session)
}
