//! The accounts that a user can choose from.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use local_support::json_file;
use serde::{Deserialize, Serialize};

/// The maximum length of a `sub`, in ASCII characters (OpenID Connect Core, section 2).
const MAX_SUB_LEN: usize = 255;

/// An account at the simulated Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulatedAccount {
    /// The permanent id of the account. Its email address may change.
    pub(crate) sub: String,
    /// The email address of the account.
    pub(crate) email: String,
    /// Whether Google has verified the email address.
    pub(crate) email_verified: bool,
    /// The domain of the Google Workspace organization that hosts the account, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hd: Option<String>,
    /// The full name of the user, if the account has one.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

impl SimulatedAccount {
    /// Returns what is wrong with the account, or `None` if Google could have it.
    pub(crate) fn find_problem(&self) -> Option<&'static str> {
        if self.sub.is_empty() || self.sub.len() > MAX_SUB_LEN || !self.sub.is_ascii() {
            return Some("sub must be 1 to 255 ASCII characters");
        }
        let parts = self.email.split_once('@');
        if parts.is_none_or(|(local, domain)| local.is_empty() || domain.is_empty()) {
            return Some("email must be an email address");
        }
        None
    }
}

/// All accounts, which are also written to a file if there is one.
#[derive(Debug)]
pub(crate) struct AccountStore {
    /// The accounts in the order in which they were added or last replaced.
    accounts: Mutex<Vec<SimulatedAccount>>,
    file: Option<PathBuf>,
}

impl AccountStore {
    /// Loads the accounts of the file. Starts with two sample accounts if there is no file.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is malformed.
    pub(crate) fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let stored = match &file {
            Some(file) => json_file::read(file)?,
            None => None,
        };
        Ok(Self { accounts: Mutex::new(stored.unwrap_or_else(sample_accounts)), file })
    }

    /// Returns all accounts in the order in which they were added or last replaced.
    pub(crate) fn list(&self) -> Vec<SimulatedAccount> {
        self.lock().clone()
    }

    /// Finds the account that a `login_hint` names by its `sub` or its email address.
    ///
    /// Email addresses are compared without regard to case. Of several accounts with one address, the
    /// one that was added last is found.
    pub(crate) fn find_by_hint(&self, hint: &str) -> Option<SimulatedAccount> {
        let accounts = self.lock();
        let by_sub = accounts.iter().find(|account| account.sub == hint);
        let has_address =
            |account: &&SimulatedAccount| account.email.to_lowercase() == hint.to_lowercase();
        by_sub.or_else(|| accounts.iter().rev().find(has_address)).cloned()
    }

    /// Finds the account with this `sub`.
    pub(crate) fn find_by_sub(&self, sub: &str) -> Option<SimulatedAccount> {
        self.lock().iter().find(|account| account.sub == sub).cloned()
    }

    /// Adds an account, or replaces the one with the same `sub`.
    ///
    /// # Errors
    /// Fails if the file cannot be written. The accounts stay as they were.
    pub(crate) fn put(&self, account: SimulatedAccount) -> io::Result<()> {
        let mut accounts = self.lock();
        let mut updated = accounts.clone();
        updated.retain(|other| other.sub != account.sub);
        updated.push(account);
        if let Some(file) = &self.file {
            json_file::write(file, &updated)?;
        }
        *accounts = updated;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SimulatedAccount>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the domain of an address as that of a Workspace organization, or `None` for a Gmail address.
pub(crate) fn workspace_domain(email: &str) -> Option<String> {
    let domain = email.split_once('@').map(|(_, domain)| domain.to_lowercase());
    domain.filter(|domain| domain != "gmail.com")
}

/// Returns the accounts of the first start: a usual one, and one with an unverified email address.
fn sample_accounts() -> Vec<SimulatedAccount> {
    let account = |sub: &str, email: &str, email_verified, name: &str| SimulatedAccount {
        sub: sub.to_owned(),
        email: email.to_owned(),
        email_verified,
        hd: workspace_domain(email),
        name: Some(name.to_owned()),
    };
    vec![
        account("100000000000000000001", "grace@example.com", true, "Grace Hopper"),
        account("100000000000000000002", "alan@example.org", false, "Alan Turing"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(sub: &str, email: &str) -> SimulatedAccount {
        let (sub, email) = (sub.into(), email.into());
        SimulatedAccount { sub, email, email_verified: true, hd: None, name: None }
    }

    #[test]
    fn accounts_are_replaced_by_sub_and_found_by_sub_or_address() {
        let accounts = AccountStore::open(None).unwrap();
        let before = accounts.list().len();
        accounts.put(account("1", "old@example.com")).unwrap();
        accounts.put(account("1", "new@example.com")).unwrap();
        assert_eq!(accounts.list().len(), before + 1);
        assert_eq!(accounts.find_by_hint("old@example.com"), None);
        assert_eq!(accounts.find_by_hint("NEW@example.com").unwrap().sub, "1");
        assert_eq!(accounts.find_by_hint("1"), accounts.find_by_sub("1"));
        // The address moves to another account.
        accounts.put(account("2", "new@example.com")).unwrap();
        assert_eq!(accounts.find_by_hint("new@example.com").unwrap().sub, "2");
    }

    #[test]
    fn impossible_accounts_have_a_problem() {
        assert_eq!(account("1", "a@b").find_problem(), None);
        for (sub, email) in [("", "a@b"), ("é", "a@b"), ("1", "a"), ("1", "@b"), ("1", "a@")] {
            assert!(account(sub, email).find_problem().is_some(), "{sub} {email}");
        }
        assert!(account(&"1".repeat(256), "a@b").find_problem().is_some());
    }
}
