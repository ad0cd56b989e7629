//! Passkeys: credentials of WebAuthn with which a person signs in without a password. A passkey verifies its user,
//! so it counts as both factors.
//!
//! Two calls make a ceremony: the first returns options for the browser, and the second takes the response of the
//! authenticator. [`RelyingParty`] is the protocol itself, which the function `passkeys` implements, so that no other
//! function links the WebAuthn library.

mod assertion;
mod ceremony;
pub mod delete;
mod ended;
mod entry;
pub mod list;
pub mod offer;
pub mod register;
mod relying_party;
pub mod rename;
pub mod renew_proof;
pub mod sign_in;
mod stored;
mod view;

pub use ceremony::{CEREMONY_TTL, CeremonyResponse, CeremonyStart};
pub(super) use ended::{delete_items, take_recent};
pub use entry::PasskeyEntry;
pub use register::MAX_PASSKEYS;
pub use relying_party::{AuthenticatorState, Options, Refusal, RelyingParty, VerifiedCredential};
pub use stored::Passkey;
pub use view::{PasskeyDevice, PasskeyView};
