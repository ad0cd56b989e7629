//! Finds the rows in other partitions that belong to an organization's row.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::{Member, Organization};
use crate::tokens::expiry_reminder::reminder_keys;
use crate::values::{EmailAddress, TokenHolder};

/// Any row of an organization's partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Row(Map<String, Value>);

/// The attributes of an invitation that make up the key of its second row.
#[derive(Deserialize)]
struct InvitationKeyParts {
    client_id: OrganizationId,
    email: EmailAddress,
}

/// The attributes of an API key that make up the keys of its reminders.
#[derive(Deserialize)]
struct ExpiryKeyParts {
    number: Option<u32>,
    expires_at: Option<Timestamp>,
}

impl Record for Row {
    fn key(&self) -> Key {
        let text = |name| self.0.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Key { pk: text("pk"), sk: text("sk") }
    }
}

impl Row {
    /// Returns the keys of related rows in other partitions, which may be missing already. They
    /// must be deleted before this row, because only this row leads to them.
    ///
    /// An error if this row lacks the attributes that name them: the related row would stay forever.
    pub(super) fn related_keys(&self, organization: &Organization) -> Result<Vec<Key>> {
        let sk = self.key().sk;
        if sk.starts_with(keys::MEMBERS) {
            let member: Member = self.read()?;
            return Ok(vec![member.listing_key(organization)]);
        }
        if sk.starts_with(keys::INVITATIONS) {
            let InvitationKeyParts { client_id, email } = self.read()?;
            return Ok(vec![keys::invitation_by_email(&email, &client_id)]);
        }
        if sk.starts_with(keys::API_KEYS) {
            let ExpiryKeyParts { number, expires_at } = self.read()?;
            let holder = TokenHolder::Organization(organization.id.clone());
            let keys = |number| reminder_keys(&holder, number, expires_at);
            return Ok(number.map_or_else(Vec::new, keys));
        }
        Ok(Vec::new())
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(Value::Object(self.0.clone())).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Name;
    use serde_json::json;

    const CLIENT: &str = "client_mfrggzdfmztwq2lknnwg23tpoa";
    const USER: &str = "usr_mfrggzdfmztwq2lknnwg23tpoa";

    fn row(sk: &str, attributes: Value) -> Row {
        let mut row = attributes;
        row["pk"] = format!("CLIENT#{CLIENT}").into();
        row["sk"] = sk.into();
        serde_json::from_value(row).unwrap()
    }

    fn organization() -> Organization {
        let (id, owner) = (CLIENT.parse().unwrap(), USER.parse().unwrap());
        Organization::new(id, Name::parse("Acme").unwrap(), &owner, Timestamp::from_seconds(1))
    }

    fn related_keys(row: &Row, organization: &Organization) -> Vec<(String, String)> {
        row.related_keys(organization).unwrap().into_iter().map(|key| (key.pk, key.sk)).collect()
    }

    #[test]
    fn a_member_leads_to_the_row_in_their_list() {
        let member = json!({"client_id": CLIENT, "user_id": USER, "role": "admin", "joined_at": 7});
        let listed = ["000000000007", "000000000000"]
            .map(|since| (format!("USER#{USER}"), format!("CLIENT#{since}#{CLIENT}")));
        let row = row(&format!("MEMBER#{USER}"), member);
        assert_eq!(related_keys(&row, &organization()), listed[..1]);
        let default = Organization { is_default: true, ..organization() };
        assert_eq!(related_keys(&row, &default), listed[1..]);
    }

    #[test]
    fn an_invitation_leads_to_the_row_of_its_address() {
        let invitation = json!({"client_id": CLIENT, "email": "ada@example.com", "role": "member"});
        let expected = [("INVITEE#ada@example.com".to_owned(), format!("CLIENT#{CLIENT}"))];
        assert_eq!(related_keys(&row("INVITATION#inv_x", invitation), &organization()), expected);
    }

    #[test]
    fn a_key_that_expires_leads_to_its_reminders() {
        let key = |expires_at: Value| {
            let key = json!({"number": 7, "expires_at": expires_at});
            related_keys(&row("KEY#0000000007", key), &organization())
        };
        assert_eq!(key(Value::Null), []);
        let due = ["000000395200", "000000913600"];
        let reminders = due.map(|due| ("EXPIRY".to_owned(), format!("{due}#{CLIENT}#0000000007")));
        assert_eq!(key(json!(1_000_000)), reminders);
    }

    #[test]
    fn other_rows_have_no_related_rows() {
        assert_eq!(
            related_keys(&row("LATER#1", json!({"x": {"y": [1, null]}})), &organization()),
            []
        );
    }

    #[test]
    fn a_row_without_its_related_key_is_an_error() {
        let member = row(&format!("MEMBER#{USER}"), json!({"role": "admin"}));
        assert!(member.related_keys(&organization()).is_err());
        assert!(row("INVITATION#inv_x", json!({})).related_keys(&organization()).is_err());
    }
}
