//! Closes the checkout session of an earlier page.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::stripe::Stripe;

/// Expires a session that was created earlier.
///
/// # Errors
/// `AlreadySubscribed` if the session was paid.
pub(super) async fn close_session(ctx: &Context, stripe: &Stripe, open: &str) -> Result<()> {
    if stripe.expire_checkout_session(ctx, open).await?.is_some() {
        return Ok(());
    }
    let session = stripe.retrieve_checkout_session(ctx, open).await?;
    let is_paid = session.is_some_and(|session| session.status.as_deref() == Some("complete"));
    if is_paid { Err(Error::AlreadySubscribed) } else { Ok(()) }
}
