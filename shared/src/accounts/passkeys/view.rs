//! Passkeys, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::Passkey;
use crate::clock::Timestamp;

/// A passkey.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyView {
    /// The id of the passkey.
    #[schema(example = "psk_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// Name that the person gave it.
    #[schema(example = "Work laptop")]
    pub name: String,
    /// Kind of the device that keeps the passkey.
    pub device: PasskeyDevice,
    /// Whether the passkey is synced to other devices of the person, as of its last use.
    #[schema(example = true)]
    pub synced: bool,
    /// Time of the registration.
    pub created_at: Timestamp,
    /// Time of the last sign-in with it; null before the first.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
}

/// The kind of device that keeps a passkey, from the transports that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyDevice {
    /// A phone, a computer or a password manager.
    Device,
    /// A security key that is plugged in or held near.
    SecurityKey,
    /// The device says nothing about itself.
    Unknown,
}

impl From<&Passkey> for PasskeyView {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            name: passkey.name.to_string(),
            device: PasskeyDevice::of_transports(&passkey.authenticator.transports),
            synced: passkey.authenticator.is_backed_up,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

impl PasskeyDevice {
    fn of_transports(transports: &[String]) -> Self {
        let has = |names: &[&str]| transports.iter().any(|own| names.contains(&own.as_str()));
        if has(&["internal", "hybrid"]) {
            Self::Device
        } else if has(&["usb", "nfc", "ble", "smart-card"]) {
            Self::SecurityKey
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PasskeyDevice::{Device, SecurityKey, Unknown};
    use super::*;

    #[test]
    fn transports_tell_the_kind_of_device() {
        for (transports, device) in [
            (&["internal", "hybrid"][..], Device),
            (&["hybrid"], Device),
            (&["usb", "nfc"], SecurityKey),
            (&[], Unknown),
            (&["something-new"], Unknown),
        ] {
            let transports: Vec<_> = transports.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(PasskeyDevice::of_transports(&transports), device, "{transports:?}");
        }
    }
}
