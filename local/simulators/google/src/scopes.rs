//! The OAuth scopes that the provider knows.

/// Google's long name of the scope `email`.
const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";

/// Google's long name of the scope `profile`.
const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";

/// The scopes of a request in addition to `openid`, which every request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scopes {
    /// Whether the client may read the email address.
    pub(crate) email: bool,
    /// Whether the client may read the name.
    pub(crate) profile: bool,
}

impl Scopes {
    /// Parses a `scope` parameter. Returns `None` if `openid` is missing or a scope is unknown.
    pub(crate) fn parse(scope: &str) -> Option<Self> {
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

    /// Returns the granted scopes in Google's notation.
    pub(crate) fn to_granted(self) -> String {
        let scopes = [(self.email, EMAIL), (self.profile, PROFILE), (true, "openid")];
        let granted = scopes.into_iter().filter(|(is_granted, _)| *is_granted);
        granted.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_parsed_and_written_as_google_does() {
        let scopes = Scopes::parse("openid email profile").unwrap();
        assert_eq!(scopes.to_granted(), format!("{EMAIL} {PROFILE} openid"));
        assert_eq!(Scopes::parse(&scopes.to_granted()).unwrap(), scopes);
        assert_eq!(Scopes::parse("openid").unwrap().to_granted(), "openid");
        for scope in ["email profile", "openid drive", ""] {
            assert_eq!(Scopes::parse(scope), None, "{scope}");
        }
    }
}
