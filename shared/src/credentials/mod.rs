//! Credentials of requests: session cookies and bearer tokens. Parsing one takes no round trip, and
//! [`authenticate`] then reads its owner together with the other items that the operation needs.

mod authenticate;
mod caller;
mod principal;

pub use authenticate::authenticate;
pub use caller::Caller;
pub use principal::Principal;

use crate::context::Context;
use crate::dynamo::Key;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::sessions::{self, Named};
use crate::tokens::PlainToken;
use crate::values::TokenHolder;

/// A well-formed credential. Only the table knows whether it is still valid.
#[derive(Debug)]
pub enum Credential {
    /// A session token with a valid signature.
    Session(Named),
    /// A bearer token with a valid checksum.
    Token(PlainToken),
}

impl Credential {
    /// Parses a session token.
    ///
    /// # Errors
    /// `InvalidSession` if the signature is not ours.
    pub async fn of_session(ctx: &Context, text: &str) -> Result<Self> {
        sessions::named(ctx, text).await.map(Self::Session)
    }

    /// Parses a bearer token.
    ///
    /// # Errors
    /// `InvalidToken` if the token is malformed or its checksum is wrong.
    pub fn of_bearer(text: &str) -> Result<Self> {
        PlainToken::parse(text).map(Self::Token).ok_or(Error::InvalidToken)
    }

    /// Returns the user that the credential claims, or `None` for an organization's key.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Session(named) => Some(&named.user),
            Self::Token(token) => match token.holder() {
                TokenHolder::User(user) => Some(user),
                TokenHolder::Organization(_) => None,
            },
        }
    }

    /// Returns the keys of the owner's item and of the credential's own item.
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
