//! The authenticated identity behind a request.

use crate::accounts::User;
use crate::activity::Actor;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::organizations::Organization;
use crate::sessions::AuthenticatedSession;
use crate::tokens::Token;

/// The user or organization that a credential belongs to, as read for this request.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A user with a session.
    Session(AuthenticatedSession),
    /// A user with one of their bearer tokens.
    Token(User, Token),
    /// An organization with one of its API keys.
    Key(Organization, Token),
}

impl Principal {
    /// Returns the user, or `None` for an organization's key.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session(signed_in) => Some(&signed_in.user),
            Self::Token(user, _) => Some(user),
            Self::Key(..) => None,
        }
    }

    /// Returns the user, for operations on the whole account.
    ///
    /// # Errors
    /// `NoAccess` for an organization's key, and for a token that is confined to one organization.
    pub fn into_person(self) -> Result<User> {
        match self {
            Self::Session(signed_in) => Ok(signed_in.user),
            Self::Token(user, Token { client_id: None, .. }) => Ok(user),
            Self::Token(..) | Self::Key(..) => Err(Error::NoAccess),
        }
    }

    /// Returns the session.
    ///
    /// # Errors
    /// `SessionRequired` for a bearer token.
    pub fn into_session(self) -> Result<AuthenticatedSession> {
        match self {
            Self::Session(signed_in) => Ok(signed_in),
            Self::Token(..) | Self::Key(..) => Err(Error::SessionRequired),
        }
    }

    /// Requires a session whose user proved their identity recently.
    ///
    /// # Errors
    /// - `SessionRequired` for a bearer token.
    /// - `ReauthRequired` if the session's proof is not recent.
    pub fn require_recent_proof(&self, now: Timestamp) -> Result<()> {
        match self {
            Self::Session(signed_in) => signed_in.require_recent_proof(now),
            Self::Token(..) | Self::Key(..) => Err(Error::SessionRequired),
        }
    }

    /// Returns the actor for the activity log.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Session(AuthenticatedSession { user, .. }) | Self::Token(user, _) => {
                Actor::User(user.id.clone())
            }
            Self::Key(_, key) => Actor::Key(key.number),
        }
    }
}
