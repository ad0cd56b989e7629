//! Password and code in a form, which prove who the person is.

use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::error::Result;

use crate::forms::Fields;

/// Reads the proof of identity of a form. An account without a password sends none, and the operation then asks for a
/// recent proof of the session.
///
/// # Errors
/// [`Error::InvalidField`](shared::error::Error::InvalidField) if the password is too long.
pub(super) fn identity_proof<'f>(
    fields: &'f Fields,
    password_field: &'static str,
) -> Result<IdentityProof<'f>> {
    let password = fields.optional(password_field).map(str::to_owned);
    let password = Password::parse_optional(password_field, password)?;
    Ok(IdentityProof { password, code: fields.optional("code") })
}
