//! Ten new recovery codes.

use super::SecondFactor;
use super::both_factors::{Change, change};
use super::recovery::RecoveryCodes;
use crate::accounts::User;
use crate::accounts::password::Password;
use crate::activity::Action;
use crate::context::Context;
use crate::error::Result;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::Authenticated;

/// Replaces the recovery codes and ends all other sessions; the old codes are void. Takes both
/// factors, and fails, as `both_factors::change` says.
pub async fn replace_recovery_codes(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    password: Option<Password>,
    code: &str,
) -> Result<Vec<String>> {
    let keyring = &ctx.secrets.keyring().await;
    let replaced = |user: &User| {
        let (recovery_codes, shown) = RecoveryCodes::generate(ctx, keyring, &user.id);
        let factor = user.second_factor.clone();
        Change {
            factor: factor.map(|factor| SecondFactor { recovery_codes, ..factor }),
            action: Action::RecoveryCodesReplaced,
            message: Message::recovery_codes_replaced(ctx, requester, user),
            answer: shown,
        }
    };
    change(ctx, requester, signed_in, password, code, replaced).await
}
