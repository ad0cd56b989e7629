//! The service's secrets in Secrets Manager: JSON documents that are read at start and again every five minutes. A
//! function reads only those that it needs.
//!
//! ```json
//! storage: {"seed": "…", "encryption_keys": […], "mac_keys": […]}
//! session: {"seed": "…", "session_keys": […]}
//! account: {"seed": "…", "encryption_keys": […], "peppers": […]}
//! signing: {"seed": "…", "signing_keys": […]}
//! google:  {"client_id": "…", "client_secret": "…"}
//! stripe:  {"secret_key": "…", "webhook_secrets": […]}
//! ```
//!
//! Only `seed` is required. A missing list of keys means `[{"kid": "seed"}]`, and an entry without `secret` is derived
//! from the seed. The first key of a list creates new values, and every key of it reads existing values. A key
//! therefore rotates without ending sessions; `docs/DEPLOY.md` has the steps.

mod check;
mod credentials;
mod cursor_cipher;
mod document;
mod key_set;
mod keyring;
mod mac;
mod per_secret;
mod refresh;
mod seal;

pub use check::{SecretChange, SecretName, check_secret};
pub(crate) use credentials::GoogleCredentials;
pub use cursor_cipher::KeyringCursorCipher;
pub(crate) use key_set::{KeySet, SecretKey};
pub use keyring::{AccountKeys, Keyring, StorageKeys};
pub use mac::Mac;
pub use per_secret::{PerSecret, SecretSelection};
pub use refresh::{REFRESH_INTERVAL, REFRESH_TIMEOUT, Secrets};
pub use seal::Sealed;
