//! An authorization request: what the service asks for when it sends somebody here.

use super::Google;
use super::parameters::Parameters;
use super::pkce::Challenge;

/// The parameters that this provider knows; others are ignored, as the standards ask.
pub(super) const KNOWN: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
];

/// A request that was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) challenge: Option<Challenge>,
    pub(super) scopes: Scopes,
    /// Whether nothing may be shown.
    pub(super) silent: bool,
}

/// What may be told of an account; `openid` is always among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scopes {
    pub(super) email: bool,
    pub(super) profile: bool,
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Shown to whoever came: where to send them back to is in doubt.
    Shown { status: u16, error: &'static str, description: &'static str },
    /// Told to the client at its redirect URI.
    SentBack { error: &'static str, description: &'static str, state: Option<String> },
}

impl Request {
    pub(super) fn read(google: &Google, parameters: &Parameters) -> Result<Self, Wrong> {
        client_is_known(google, parameters)?;
        let state = parameters.get("state").ok().flatten().map(str::to_owned);
        let wrong =
            |error, description| Wrong::SentBack { error, description, state: state.clone() };
        let invalid = |description| wrong("invalid_request", description);
        if parameters.any_repeated() {
            return Err(invalid("A parameter was sent more than once"));
        }
        // None is repeated, so none is an error.
        let get = |name: &str| parameters.get(name).ok().flatten();
        match get("response_type") {
            Some("code") => {}
            Some(_) => return Err(wrong("unsupported_response_type", "Only code is supported")),
            None => return Err(invalid("Missing required parameter: response_type")),
        }
        if get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(invalid("Only the response_mode query is supported"));
        }
        if get("request").is_some() {
            return Err(wrong("request_not_supported", "Request objects are not supported"));
        }
        if get("request_uri").is_some() {
            return Err(wrong("request_uri_not_supported", "Request objects are not supported"));
        }
        let scope = get("scope").ok_or_else(|| invalid("Missing required parameter: scope"))?;
        let scopes = Scopes::read(scope)
            .ok_or_else(|| wrong("invalid_scope", "Only openid, with email or profile"))?;
        let challenge = Challenge::read(get("code_challenge"), get("code_challenge_method"));
        let silent = is_silent(get("prompt").unwrap_or_default())
            .ok_or_else(|| invalid("Invalid parameter value for prompt"))?;
        Ok(Self {
            nonce: get("nonce").map(str::to_owned),
            login_hint: get("login_hint").map(str::to_owned),
            challenge: challenge.map_err(invalid)?,
            scopes,
            silent,
            state,
        })
    }
}

/// Only a client's own redirect URI is ever sent anybody to.
fn client_is_known(google: &Google, parameters: &Parameters) -> Result<(), Wrong> {
    let shown = |status, error, description| Err(Wrong::Shown { status, error, description });
    let repeated = |_| Wrong::Shown {
        status: 400,
        error: "invalid_request",
        description: "client_id or redirect_uri was sent more than once",
    };
    match parameters.get("client_id").map_err(repeated)? {
        None => return shown(400, "invalid_request", "Missing required parameter: client_id"),
        Some(id) if id != google.client.client_id => {
            return shown(401, "invalid_client", "The OAuth client was not found");
        }
        Some(_) => {}
    }
    match parameters.get("redirect_uri").map_err(repeated)? {
        None => shown(400, "invalid_request", "Missing required parameter: redirect_uri"),
        Some(uri) if uri != google.redirect_uri() => {
            shown(400, "redirect_uri_mismatch", "The redirect URI is not one of the client's")
        }
        Some(_) => Ok(()),
    }
}

/// Google's long names of `email` and `profile`.
const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";

impl Scopes {
    /// `None` where `openid` is missing, or one is none of these.
    fn read(scope: &str) -> Option<Self> {
        let (mut openid, mut email, mut profile) = (false, false, false);
        for name in scope.split(' ').filter(|name| !name.is_empty()) {
            match name {
                "openid" => openid = true,
                "email" | EMAIL => email = true,
                "profile" | PROFILE => profile = true,
                _ => return None,
            }
        }
        openid.then_some(Self { email, profile })
    }

    /// As Google writes what it has granted.
    pub(super) fn granted(self) -> String {
        let named = [(self.email, EMAIL), (self.profile, PROFILE), (true, "openid")];
        let granted = named.into_iter().filter(|(is_granted, _)| *is_granted);
        granted.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }
}

/// Whether `prompt` says that nothing may be shown; `None` where it makes no sense. The page is the
/// same for all its other values.
fn is_silent(prompt: &str) -> Option<bool> {
    let values: Vec<_> = prompt.split(' ').filter(|value| !value.is_empty()).collect();
    match values.as_slice() {
        ["none"] => Some(true),
        all => {
            let known = ["consent", "select_account", "login"];
            all.iter().all(|value| known.contains(value)).then_some(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written_as_google_does() {
        let scopes = Scopes::read("openid email profile").unwrap();
        assert_eq!(scopes.granted(), format!("{EMAIL} {PROFILE} openid"));
        let again = Scopes::read(&scopes.granted()).unwrap();
        assert_eq!(again, scopes);
        assert_eq!(Scopes::read("openid").unwrap().granted(), "openid");
        for scope in ["email profile", "openid drive", ""] {
            assert_eq!(Scopes::read(scope), None, "{scope}");
        }
    }

    #[test]
    fn none_stands_alone() {
        assert_eq!(is_silent("none"), Some(true));
        assert_eq!(is_silent(""), Some(false));
        assert_eq!(is_silent("consent select_account"), Some(false));
        assert_eq!(is_silent("none consent"), None);
        assert_eq!(is_silent("sometimes"), None);
    }
}
