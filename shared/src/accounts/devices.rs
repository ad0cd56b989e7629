//! Devices that a user has signed in with. A sign-in with a new device is reported to the user by mail.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::mail;
use crate::requester::Requester;
use crate::secrets::Keyring;

/// Maximum number of remembered devices. The oldest is dropped first.
const MAX_KNOWN_DEVICES: usize = 20;

/// Pseudonyms of the devices (program and network) that a user has signed in with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownDevices(Vec<String>);

/// Compares the device of a sign-in with the known devices of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceStatus {
    /// The first device of the account.
    First,
    /// A known program on a known network.
    Known,
    /// A program or a network that is not known.
    New,
}

impl KnownDevices {
    /// Returns the number of remembered devices.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the pseudonyms of the remembered devices.
    pub(super) fn pseudonyms(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns whether the requester's device is known.
    pub(super) fn contain(&self, keyring: &Keyring, user: &UserId, requester: &Requester) -> bool {
        self.0.contains(&device_pseudonym(keyring, user, requester))
    }

    /// Remembers the requester's device and returns its status before. The same program on another
    /// network counts as new, because a thief of a password uses a common browser too.
    pub(super) fn remember(
        &mut self,
        keyring: &Keyring,
        user: &UserId,
        requester: &Requester,
    ) -> DeviceStatus {
        let device = device_pseudonym(keyring, user, requester);
        if self.0.contains(&device) {
            return DeviceStatus::Known;
        }
        let status = if self.0.is_empty() { DeviceStatus::First } else { DeviceStatus::New };
        self.0.push(device);
        let excess = self.0.len().saturating_sub(MAX_KNOWN_DEVICES);
        self.0.drain(..excess);
        status
    }
}

/// Returns the pseudonym of the requester's device for a user: its program and its network.
pub(super) fn device_pseudonym(keyring: &Keyring, user: &UserId, requester: &Requester) -> String {
    let program = mail::describe_device(&requester.user_agent);
    keyring.pseudonym(&["device", user.as_str(), &program, &requester.network()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn the_oldest_of_21_devices_is_dropped() {
        let ring =
            Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let user = UserId::generate(&SystemRandom);
        let mut known = KnownDevices::default();
        let mut remember = |number: u8| {
            let from = Requester::new([203, 0, 113, number].into(), "curl/8");
            known.remember(&ring, &user, &from)
        };
        assert_eq!(remember(0), DeviceStatus::First);
        for number in 1..=20 {
            assert_eq!(remember(number), DeviceStatus::New);
        }
        assert_eq!(remember(20), DeviceStatus::Known);
        assert_eq!(remember(1), DeviceStatus::Known);
        assert_eq!(remember(0), DeviceStatus::New);
        assert_eq!(known.count(), MAX_KNOWN_DEVICES);
        let at = |number: u8, agent| Requester::new([203, 0, 113, number].into(), agent);
        assert!(known.contain(&ring, &user, &at(0, "curl/8")));
        assert!(!known.contain(&ring, &user, &at(1, "curl/8")));
        assert!(!known.contain(&ring, &user, &at(0, "Firefox/130")));
        assert!(!known.contain(&ring, &UserId::generate(&SystemRandom), &at(0, "curl/8")));
    }
}
