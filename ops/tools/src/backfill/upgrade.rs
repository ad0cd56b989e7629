//! The upgrades: changes of the shape of items.

use super::item_kind::ItemKind;
use crate::item::Item;

/// The decision of an upgrade about an item.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// The item is of a kind that the upgrade does not concern.
    NotConcerned,
    /// The item has its present shape.
    Current,
    /// The item has a former shape. The new item has the same keys.
    #[expect(dead_code, reason = "no upgrade is registered yet")]
    Outdated(Box<Item>),
    /// The item cannot be read, for the reason in the text.
    Unreadable(String),
}

/// A change of the shape of items.
pub(super) struct Upgrade {
    /// The name of the upgrade on the command line.
    pub(super) name: &'static str,
    /// Decides whether an item needs an upgrade. Must return `Current` for an item that it has upgraded before.
    pub(super) decide: fn(&Item) -> Decision,
}

/// The upgrades. One that has run everywhere is removed, with the code that reads the former shape.
pub(super) const UPGRADES: [Upgrade; 1] = [Upgrade { name: "check", decide: check }];

impl Upgrade {
    /// Returns the upgrade with a name.
    pub(super) fn find_upgrade(name: &str) -> Option<&'static Self> {
        const { &UPGRADES }.iter().find(|upgrade| upgrade.name == name)
    }
}

/// Changes nothing, and finds the items that cannot be read as their types.
fn check(item: &Item) -> Decision {
    match ItemKind::of(item) {
        None => Decision::NotConcerned,
        Some(kind) => match kind.check(item.clone()) {
            Ok(()) => Decision::Current,
            Err(why) => Decision::Unreadable(format!("{}: {why}", kind.name)),
        },
    }
}
