//! What somebody signed in with before: a sign-in with something else is told to them by mail.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::mail;
use crate::requester::Requester;
use crate::secrets::Keyring;

/// Most that are remembered, the oldest forgotten first.
const MOST: usize = 20;

/// Programs and networks that a person signed in with, as pseudonyms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownDevices(Vec<String>);

/// How a sign-in looks beside those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Familiarity {
    /// The account's first.
    First,
    /// With a known program from a known network.
    Known,
    /// Neither.
    New,
}

impl KnownDevices {
    /// How many are remembered.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Remembers what `requester` uses. The same program from another network counts as new: whoever
    /// has stolen a password uses a common browser too.
    pub(super) fn note(
        &mut self,
        keyring: &Keyring,
        user: &UserId,
        requester: &Requester,
    ) -> Familiarity {
        let program = mail::describe_device(&requester.user_agent);
        let device = keyring.pseudonym(&["device", user.as_str(), &program, &requester.network()]);
        if self.0.contains(&device) {
            return Familiarity::Known;
        }
        let familiarity = if self.0.is_empty() { Familiarity::First } else { Familiarity::New };
        self.0.push(device);
        let too_many = self.0.len().saturating_sub(MOST);
        self.0.drain(..too_many);
        familiarity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn the_oldest_of_more_than_twenty_is_forgotten() {
        let ring = Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let user = UserId::generate(&SystemRandom);
        let mut known = KnownDevices::default();
        let mut note = |number: u8| {
            let from = Requester::new([203, 0, 113, number].into(), "curl/8");
            known.note(&ring, &user, &from)
        };
        assert_eq!(note(0), Familiarity::First);
        for number in 1..=20 {
            assert_eq!(note(number), Familiarity::New);
        }
        assert_eq!(note(20), Familiarity::Known);
        assert_eq!(note(1), Familiarity::Known);
        assert_eq!(note(0), Familiarity::New);
        assert_eq!(known.count(), MOST);
    }
}
