//! The users who created API keys.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::User;
use crate::context::Context;
use crate::error::Result;
use crate::ids::UserId;
use crate::organizations::load_users;
use crate::tokens::Token;

/// The user who created an API key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyCreator {
    /// The id of the user.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The user's name; null if the account was erased.
    #[schema(required, example = "Ada Lovelace")]
    pub name: Option<String>,
    /// The user's present email address; null if the account was erased.
    #[schema(required, example = "dev@example.com")]
    pub email: Option<String>,
}

/// The accounts of the users who created keys, by id.
pub(super) struct Creators(HashMap<UserId, User>);

impl Creators {
    /// Loads the creators of these keys in one read, or without a read if the caller created all of them.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
    pub(super) async fn load(ctx: &Context, caller: Option<&User>, keys: &[Token]) -> Result<Self> {
        let others = keys.iter().map(|key| &key.created_by);
        let others = others.filter(|id| caller.is_none_or(|caller| caller.id != **id));
        let mut users = load_users(ctx, others).await?;
        users.extend(caller.map(|caller| (caller.id.clone(), caller.clone())));
        Ok(Self(users))
    }
}

impl KeyCreator {
    /// Builds the view of the user with this id.
    pub(super) fn new(id: &UserId, creators: &Creators) -> Self {
        let user = creators.0.get(id);
        Self {
            id: id.to_string(),
            name: user.map(|user| user.name.to_string()),
            email: user.map(|user| user.email.to_string()),
        }
    }
}
