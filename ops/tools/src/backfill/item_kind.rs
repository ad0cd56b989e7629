//! The kinds of items that `backfill check` reads as their types.

use shared::accounts::deletion::Erasure;
use shared::accounts::{EmailGuard, User};
use shared::activity::AuditEvent;
use shared::billing::ledger::{Balance, ChangedLedger, LedgerEntry};
use shared::billing::stripe_account::{StripeAccount, StripeCustomer};
use shared::dynamo::Record;
use shared::jobs::JobRecord;
use shared::organizations::{ListedOrganization, Member, Organization};
use shared::projects::Project;
use shared::runs::Run;
use shared::sessions::Session;
use shared::tokens::Token;

use crate::item::{Item, text};

/// A kind of items, recognized by the beginnings of its keys.
pub(super) struct ItemKind {
    /// The name of the kind in reports.
    pub(super) name: &'static str,
    /// The beginning of the partition key.
    pk: &'static str,
    /// The beginning of the sort key.
    sk: &'static str,
    check: fn(Item) -> Result<(), String>,
}

/// The known kinds. An item belongs to the first kind whose beginnings match its keys.
const KINDS: [ItemKind; 18] = [
    kind::<User>("user", "USER#", "META"),
    kind::<Session>("session", "USER#", "SESSION#"),
    kind::<ListedOrganization>("membership listing", "USER#", "CLIENT#"),
    kind::<Token>("personal token", "USER#", "TOKEN#"),
    kind::<EmailGuard>("address guard", "EMAIL#", "META"),
    kind::<Organization>("organization", "CLIENT#", "META"),
    kind::<Member>("member", "CLIENT#", "MEMBER#"),
    kind::<Token>("organization key", "CLIENT#", "KEY#"),
    kind::<StripeAccount>("Stripe account", "CLIENT#", "BILLING"),
    kind::<Project>("project", "CLIENT#", "PROJECT#"),
    kind::<StripeCustomer>("Stripe customer", "STRIPE#cus_", "META"),
    kind::<Balance>("balance", "LEDGER#", "BALANCE"),
    kind::<LedgerEntry>("ledger entry", "LEDGER#", "ENTRY#"),
    kind::<ChangedLedger>("changed ledger", "MOVED#", ""),
    kind::<Run>("run", "PROJECT#", "RUN#"),
    kind::<Erasure>("erasure", "ERASURE#", ""),
    kind::<JobRecord>("job", "WORK#", ""),
    kind::<AuditEvent>("audit event", "ACTIVITY#", ""),
];

const fn kind<R: Record>(name: &'static str, pk: &'static str, sk: &'static str) -> ItemKind {
    ItemKind { name, pk, sk, check: read_as::<R> }
}

impl ItemKind {
    /// Returns the kind of an item; `None` for the kinds that are not read.
    pub(super) fn of(item: &Item) -> Option<&'static Self> {
        const { &KINDS }.iter().find(|kind| {
            text(item, "pk").starts_with(kind.pk) && text(item, "sk").starts_with(kind.sk)
        })
    }

    /// Reads an item as its type.
    ///
    /// # Errors
    /// A text that says what is wrong with the item. It names attributes and types, and may quote a value.
    pub(super) fn check(&self, item: Item) -> Result<(), String> {
        (self.check)(item)
    }
}

fn read_as<R: Record>(item: Item) -> Result<(), String> {
    let (pk, sk) = (text(&item, "pk").to_owned(), text(&item, "sk").to_owned());
    let record: R =
        serde_dynamo::from_item(item).map_err(|error: serde_dynamo::Error| error.to_string())?;
    let key = record.key();
    if (key.pk, key.sk) == (pk, sk) {
        Ok(())
    } else {
        Err("its key is that of another item".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(attributes: &[(&str, &str)]) -> Item {
        let attribute = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), AttributeValue::S((*text).to_owned()))
        };
        attributes.iter().map(attribute).collect()
    }

    #[test]
    fn an_item_is_read_as_the_type_of_its_key() {
        let guard = [("pk", "EMAIL#a@example.com"), ("sk", "META"), ("email", "a@example.com")];
        let user = ("user_id", "usr_mfrggzdfmztwq2lknnwg23tpoa");
        let kind = ItemKind::of(&item(&guard)).unwrap();
        assert_eq!(kind.name, "address guard");
        assert_eq!(kind.check(item(&[&guard[..], &[user]].concat())), Ok(()));
        assert!(kind.check(item(&guard)).unwrap_err().contains("user_id"));
        let other = [("pk", "EMAIL#b@example.com"), guard[1], guard[2], user];
        assert!(kind.check(item(&other)).unwrap_err().contains("another item"));
        assert!(ItemKind::of(&item(&[("pk", "THROTTLE#x"), ("sk", "META")])).is_none());
    }
}
