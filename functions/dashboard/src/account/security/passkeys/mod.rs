//! `/account/security/passkeys/…`: adds, renames and removes passkeys.

pub(crate) mod add;
pub(crate) mod decline_offer;
pub(crate) mod remove;
pub(crate) mod rename;

use shared::accounts::passkeys::{PasskeyDevice, PasskeyView};

/// The part of the page that these forms change.
const CARD: &str = "/account/security#passkeys";

/// Returns what keeps the passkey, in words.
pub(super) const fn keeper_text(passkey: &PasskeyView) -> &'static str {
    match passkey.device {
        PasskeyDevice::Device => "Phone, computer or password manager",
        PasskeyDevice::SecurityKey => "Security key",
        PasskeyDevice::Unknown => "Unknown device",
    }
}
