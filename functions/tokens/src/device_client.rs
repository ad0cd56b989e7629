//! The parameter `client_id` of the calls of RFC 8628.

use shared::device_sign_in::FlowError;
use shared::http::OAuthForm;
use shared::values::Name;

/// Parses the name of the program.
pub(crate) fn parse_program(form: &OAuthForm) -> Result<Name, FlowError> {
    let name = form.required("client_id")?;
    let name = Name::parse_field("client_id", name).map_err(FlowError::InvalidClient)?;
    name.ok_or_else(|| FlowError::InvalidRequest(shared::error::Error::missing("client_id")))
}
