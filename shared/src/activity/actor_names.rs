//! Resolves the ids in events to email addresses and key names when a log is shown.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::AuditEvent;
use crate::accounts::User;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::tokens::Token;
use crate::values::{EmailAddress, Name, TokenHolder};

/// The user who caused an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EventUser)]
pub struct NamedUser {
    /// The id of the user, an opaque string.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The account's present email address; null if the account was erased.
    #[schema(required, example = "dev@example.com")]
    pub email: Option<String>,
}

/// The API key that caused an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EventKey)]
pub struct NamedKey {
    /// The key's number within the organization.
    #[schema(example = 3)]
    pub id: u32,
    /// The key's name; null if the key no longer exists.
    #[schema(required, example = "ci")]
    pub name: Option<String>,
}

/// Email addresses of users and names of API keys, by id.
#[derive(Debug, Default)]
pub(super) struct ActorNames {
    users: HashMap<UserId, EmailAddress>,
    keys: HashMap<u32, Name>,
}

impl ActorNames {
    /// Loads the names for an organization's events in one read, or without a read if the caller
    /// caused all events.
    pub(super) async fn read(
        ctx: &Context,
        organization_id: &OrganizationId,
        caller: Option<&User>,
        events: &[AuditEvent],
    ) -> Result<Self> {
        let mut names = Self::default();
        names.users.extend(caller.map(|user| (user.id.clone(), user.email.clone())));
        let users: BTreeSet<_> = events.iter().filter_map(|event| event.user_id.as_ref()).collect();
        let users = users.into_iter().filter(|user| !names.users.contains_key(*user));
        let users: Vec<_> = users.map(|user| (user, keys::user(user))).collect();
        let holder = TokenHolder::Organization(organization_id.clone());
        let numbers: BTreeSet<_> = events.iter().filter_map(|event| event.key).collect();
        let numbers: Vec<_> =
            numbers.into_iter().map(|number| (number, keys::token(&holder, number))).collect();
        let wanted = users.iter().map(|(_, key)| key).chain(numbers.iter().map(|(_, key)| key));
        let wanted: Vec<_> = wanted.cloned().collect();
        let mut found = ctx.table.batch_get_any(&wanted).await?;
        for (id, key) in users {
            if let Some(user) = found.take::<User>(&key)? {
                names.users.insert(id.clone(), user.email);
            }
        }
        for (number, key) in numbers {
            if let Some(token) = found.take::<Token>(&key)? {
                names.keys.insert(number, token.name);
            }
        }
        Ok(names)
    }

    /// Returns the user who caused the event, if a user did.
    pub(super) fn user(&self, event: &AuditEvent) -> Option<NamedUser> {
        let id = event.user_id.as_ref()?;
        let email = self.users.get(id).map(ToString::to_string);
        Some(NamedUser { id: id.to_string(), email })
    }

    /// Returns the API key that caused the event, if a key did.
    pub(super) fn key(&self, event: &AuditEvent) -> Option<NamedKey> {
        let id = event.key?;
        Some(NamedKey { id, name: self.keys.get(&id).map(ToString::to_string) })
    }
}
