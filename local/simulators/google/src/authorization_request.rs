//! Authorization requests, with which the client sends a user to the provider.

use crate::parameters::RequestParameters;
use crate::pkce::CodeChallenge;
use crate::scopes::Scopes;
use crate::simulator::GoogleSimulator;

/// The parameters that the provider knows. It ignores others, as the standards require.
pub(crate) const KNOWN_PARAMETERS: [&str; 12] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
];

/// A valid authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationRequest {
    /// The `state`, which is returned to the client.
    pub(crate) state: Option<String>,
    /// The `nonce`, which the ID token repeats.
    pub(crate) nonce: Option<String>,
    /// The `sub` or email address of the account to use.
    pub(crate) login_hint: Option<String>,
    pub(crate) code_challenge: Option<CodeChallenge>,
    pub(crate) scopes: Scopes,
    /// Whether the provider must not show a page (`prompt=none`).
    pub(crate) is_silent: bool,
    /// Whether the request has a `max_age`, so that the ID token must have an `auth_time`.
    pub(crate) requests_auth_time: bool,
}

/// A reason to refuse an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthorizationError {
    /// An error that is shown to the user, because the redirect URI cannot be trusted.
    ShownToUser { status: u16, error: &'static str, description: &'static str },
    /// An error that is sent to the client at its redirect URI.
    SentToClient { error: &'static str, description: &'static str, state: Option<String> },
}

impl AuthorizationRequest {
    /// Parses and validates the parameters of a request.
    ///
    /// # Errors
    /// Fails with `ShownToUser` if the client or the redirect URI is missing, repeated or unknown.
    /// Fails with `SentToClient` for every other invalid parameter.
    pub(crate) fn parse(
        google: &GoogleSimulator,
        parameters: &RequestParameters,
    ) -> Result<Self, AuthorizationError> {
        require_known_client(google, parameters)?;
        let state = parameters.get("state").ok().flatten().map(str::to_owned);
        let refused = |error, description| AuthorizationError::SentToClient {
            error,
            description,
            state: state.clone(),
        };
        let invalid = |description| refused("invalid_request", description);
        if parameters.has_repeated() {
            return Err(invalid("A parameter was sent more than once"));
        }
        // `get` fails only for repeated parameters, which were refused above.
        let get = |name: &str| parameters.get(name).ok().flatten();
        match get("response_type") {
            Some("code") => {}
            Some(_) => return Err(refused("unsupported_response_type", "Only code is supported")),
            None => return Err(invalid("Missing required parameter: response_type")),
        }
        if get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(invalid("Only the response_mode query is supported"));
        }
        if get("request").is_some() {
            return Err(refused("request_not_supported", "Request objects are not supported"));
        }
        if get("request_uri").is_some() {
            return Err(refused("request_uri_not_supported", "Request objects are not supported"));
        }
        let scope = get("scope").ok_or_else(|| invalid("Missing required parameter: scope"))?;
        let scopes = Scopes::parse(scope).ok_or_else(|| {
            refused("invalid_scope", "Only openid, email and profile are supported")
        })?;
        let challenge = CodeChallenge::parse(get("code_challenge"), get("code_challenge_method"));
        let is_silent = parse_prompt(get("prompt").unwrap_or_default())
            .ok_or_else(|| invalid("Invalid parameter value for prompt"))?;
        let max_age = get("max_age").map(str::parse::<u32>).transpose();
        let max_age = max_age.map_err(|_| invalid("Invalid parameter value for max_age"))?;
        Ok(Self {
            requests_auth_time: max_age.is_some(),
            nonce: get("nonce").map(str::to_owned),
            login_hint: get("login_hint").map(str::to_owned),
            code_challenge: challenge.map_err(invalid)?,
            scopes,
            is_silent,
            state,
        })
    }
}

/// Checks the client and its redirect URI. Users are never redirected to any other URI.
fn require_known_client(
    google: &GoogleSimulator,
    parameters: &RequestParameters,
) -> Result<(), AuthorizationError> {
    let refused = |status, error, description| {
        Err(AuthorizationError::ShownToUser { status, error, description })
    };
    let repeated = |_| AuthorizationError::ShownToUser {
        status: 400,
        error: "invalid_request",
        description: "client_id or redirect_uri was sent more than once",
    };
    match parameters.get("client_id").map_err(repeated)? {
        None => return refused(400, "invalid_request", "Missing required parameter: client_id"),
        Some(id) if id != google.client.client_id => {
            return refused(401, "invalid_client", "The OAuth client was not found");
        }
        Some(_) => {}
    }
    match parameters.get("redirect_uri").map_err(repeated)? {
        None => refused(400, "invalid_request", "Missing required parameter: redirect_uri"),
        Some(uri) if uri != google.redirect_uri => refused(
            400,
            "redirect_uri_mismatch",
            "The redirect URI is not registered for this client",
        ),
        Some(_) => Ok(()),
    }
}

/// Returns whether `prompt` forbids every page, or `None` if its value is invalid.
///
/// The valid values other than `none` all show the same page.
fn parse_prompt(prompt: &str) -> Option<bool> {
    let values: Vec<_> = prompt.split(' ').filter(|value| !value.is_empty()).collect();
    match values.as_slice() {
        ["none"] => Some(true),
        values => {
            let known = ["consent", "select_account", "login"];
            values.iter().all(|value| known.contains(value)).then_some(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_none_cannot_be_combined() {
        assert_eq!(parse_prompt("none"), Some(true));
        assert_eq!(parse_prompt(""), Some(false));
        assert_eq!(parse_prompt("consent select_account"), Some(false));
        assert_eq!(parse_prompt("none consent"), None);
        assert_eq!(parse_prompt("sometimes"), None);
    }
}
