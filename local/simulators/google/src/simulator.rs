//! The state of the simulated provider.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use local_support::Clock;
use local_support::Random;

use crate::accounts::AccountStore;
use crate::credentials::ClientCredentials;
use crate::grants::GrantStore;
use crate::id_token_fault::IdTokenFault;
use crate::signing_keys::SigningKeys;

/// The path under which the local stack mounts the simulator.
pub const MOUNT_PATH: &str = "/local/google";

/// Returns the issuer of the simulator in the local stack with this URL.
pub fn issuer_url(base_url: &str) -> String {
    format!("{base_url}{MOUNT_PATH}")
}

/// The settings of a [`GoogleSimulator`].
pub struct GoogleSimulatorOptions {
    /// The URL of the local stack, such as `http://localhost:8080`, without a slash at the end.
    pub base_url: String,
    /// The only redirect URI of the client.
    pub redirect_uri: String,
    /// The credentials of the only client.
    pub client: ClientCredentials,
    /// The file that keeps the accounts; `None` keeps them in memory.
    pub accounts_file: Option<PathBuf>,
    /// The time source, which decides when codes and tokens expire.
    pub clock: Arc<dyn Clock>,
    /// The source of codes, tokens and account ids.
    pub random: Arc<dyn Random>,
}

/// A simulated Google with its accounts, grants and signing keys.
pub struct GoogleSimulator {
    pub(crate) base_url: String,
    pub(crate) issuer: String,
    pub(crate) redirect_uri: String,
    pub(crate) client: ClientCredentials,
    pub(crate) accounts: AccountStore,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) grants: GrantStore,
    id_token_fault: Mutex<IdTokenFault>,
    clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl GoogleSimulator {
    /// Creates a provider with the accounts of the accounts file.
    ///
    /// The signing key is generated on first use and is not stored. ID tokens from before a restart no
    /// longer verify, as after a key rotation at Google.
    ///
    /// # Errors
    /// Fails if the accounts file cannot be read or is malformed.
    pub fn new(options: GoogleSimulatorOptions) -> io::Result<Self> {
        let GoogleSimulatorOptions { base_url, redirect_uri, client, accounts_file, clock, random } =
            options;
        Ok(Self {
            issuer: issuer_url(&base_url),
            base_url,
            redirect_uri,
            client,
            accounts: AccountStore::open(accounts_file)?,
            signing_keys: SigningKeys::new(&*random),
            grants: GrantStore::default(),
            id_token_fault: Mutex::default(),
            clock,
            random,
        })
    }

    /// Returns the current time in seconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now_seconds()
    }

    /// Sets the defects of the next ID token.
    pub(crate) fn set_id_token_fault(&self, fault: IdTokenFault) {
        *self.id_token_fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// Returns the defects of the next ID token and resets them, so that the token after it is correct.
    pub(crate) fn take_id_token_fault(&self) -> IdTokenFault {
        std::mem::take(&mut *self.id_token_fault.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
