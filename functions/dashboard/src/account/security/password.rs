//! `POST /account/security/password`: changes the password, or sets the first one.

use axum::extract::State;
use shared::accounts::change_password::change_password;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http;
use shared::organizations::switcher::load_page_user;

use super::refuse;
use crate::account::identity_proof::identity_proof;
use crate::forms::{Fields, Submission};
use crate::pages::{PageResult, redirects};

/// Sets the password and ends all other sessions.
pub(crate) async fn change(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let fields = &submission.fields;
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let changed = async {
        let signed_in = &user.signed_in;
        http::require_not_blank("new_password", fields.get("new_password"))?;
        let new = fields.get("new_password").to_owned();
        let new = Password::parse_new("new_password", new, &signed_in.user.email)?;
        new.require_different_from(&signed_in.user.name)?;
        require_same_again(fields)?;
        let proof = identity_proof(fields, "current_password")?;
        change_password(&ctx, signed_in, proof, new).await
    };
    match changed.await {
        Ok(_) => {
            let message = "Password changed. All other sessions were ended";
            Ok(redirects::done("/account/security", message))
        }
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Refuses a new password that was typed differently the second time. The second field may be empty, because the
/// script can show what is typed.
fn require_same_again(fields: &Fields) -> Result<()> {
    let again = fields.optional("new_password_again");
    if again.is_some_and(|again| again != fields.get("new_password")) {
        let why = "this is not the new password; type both again";
        return Err(Error::invalid_field("new_password_again", why));
    }
    Ok(())
}
