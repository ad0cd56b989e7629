//! The service's secrets: one JSON document in Secrets Manager, read at start and again every five minutes.
//!
//! ```json
//! {"seed": "…", "session_keys": […], "encryption_keys": […], "peppers": […],
//!  "google": {"client_id": "…", "client_secret": "…"},
//!  "stripe": {"secret_key": "…", "webhook_secrets": […]}}
//! ```
//!
//! Only `seed` is required. A missing list of keys means `[{"kid": "seed"}]`, and an entry without `secret` is derived
//! from the seed. The first key of a list creates new values, and every key of it reads existing values. A key
//! therefore rotates without ending sessions; `docs/DEPLOY.md` has the steps.

mod cursor_cipher;
mod keyring;
mod mac;
mod refresh;
mod seal;

pub use cursor_cipher::KeyringCursorCipher;
pub use keyring::Keyring;
pub(crate) use keyring::{GoogleCredentials, SecretKey};
pub use mac::Mac;
pub use refresh::{REFRESH_INTERVAL, Secrets};
pub use seal::Sealed;
