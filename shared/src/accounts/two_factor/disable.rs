//! Signing in with one factor again.

use super::both_factors::{Change, change};
use crate::accounts::User;
use crate::accounts::password::Password;
use crate::activity::Action;
use crate::context::Context;
use crate::error::Result;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::Authenticated;

/// Turns the second factor off and ends all other sessions. Takes both factors, and fails, as
/// `both_factors::change` says.
pub async fn disable(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    password: Option<Password>,
    code: &str,
) -> Result<()> {
    let off = |user: &User| Change {
        factor: None,
        action: Action::TwoFactorDisabled,
        message: Message::two_factor_off(ctx, requester, user),
        answer: (),
    };
    change(ctx, requester, signed_in, password, code, off).await
}
