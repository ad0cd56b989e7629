//! Credentials: what a request proves its caller by. Reading one takes no round trip; who the caller is
//! then takes one, in which whatever else the request is known to need is read as well.

mod identify;

pub use identify::identify;

use crate::accounts::User;
use crate::activity::Actor;
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::organizations::Organization;
use crate::sessions::{self, Authenticated, Named};
use crate::tokens::{PlainToken, Token};
use crate::values::TokenHolder;

/// A credential that may be one of ours, by its form alone. Whether it counts is in the table.
#[derive(Debug)]
pub enum Credential {
    /// A session, of whose token the signature is right.
    Session(Named),
    /// A bearer token, of which the checksum is right.
    Token(PlainToken),
}

impl Credential {
    /// Reads a session's token; [`Error::InvalidSession`] unless we signed it.
    pub async fn of_session(ctx: &Context, text: &str) -> Result<Self> {
        sessions::named(ctx, text).await.map(Self::Session)
    }

    /// Reads a bearer token; [`Error::InvalidToken`] where it is mistyped.
    pub fn of_bearer(text: &str) -> Result<Self> {
        PlainToken::parse(text).map(Self::Token).ok_or(Error::InvalidToken)
    }

    /// The person who would be the caller; `None` for an organization's key.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Session(named) => Some(&named.user),
            Self::Token(token) => match token.holder() {
                TokenHolder::User(user) => Some(user),
                TokenHolder::Organization(_) => None,
            },
        }
    }

    /// Its holder's row, and its own.
    fn keys(&self) -> [Key; 2] {
        match self {
            Self::Session(named) => {
                [keys::user(&named.user), keys::session(&named.user, &named.session)]
            }
            Self::Token(token) => {
                let holder = match token.holder() {
                    TokenHolder::User(user) => keys::user(user),
                    TokenHolder::Organization(client) => keys::organization(client),
                };
                [holder, keys::token(token.holder(), token.number())]
            }
        }
    }
}

/// Who calls, and by what they proved it. What it says is as it was read for this request.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody who is signed in.
    Session(Authenticated),
    /// Somebody, by a token of theirs.
    Token(User, Token),
    /// An organization, by one of its keys.
    Key(Organization, Token),
}

impl Caller {
    /// The person who calls; `None` for an organization's key.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session(signed_in) => Some(&signed_in.user),
            Self::Token(user, _) => Some(user),
            Self::Key(..) => None,
        }
    }

    /// The person who calls, in what concerns their account as a whole. [`Error::NoAccess`] for an
    /// organization's key, and for a token that is for one organization alone.
    pub fn into_person(self) -> Result<User> {
        match self {
            Self::Session(signed_in) => Ok(signed_in.user),
            Self::Token(user, Token { client_id: None, .. }) => Ok(user),
            Self::Token(..) | Self::Key(..) => Err(Error::NoAccess),
        }
    }

    /// The session; [`Error::SessionRequired`] for a bearer token.
    pub fn into_session(self) -> Result<Authenticated> {
        match self {
            Self::Session(signed_in) => Ok(signed_in),
            Self::Token(..) | Self::Key(..) => Err(Error::SessionRequired),
        }
    }

    /// Who did it, for the activity log.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Session(Authenticated { user, .. }) | Self::Token(user, _) => {
                Actor::User(user.id.clone())
            }
            Self::Key(_, key) => Actor::Key(key.number),
        }
    }
}
