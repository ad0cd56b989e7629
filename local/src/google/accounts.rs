//! The Google accounts that one can choose from.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::data;

/// Longest `sub`, in ASCII characters (OpenID Connect Core 2).
const LONGEST_SUB: usize = 255;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// What Google knows it by, for ever; its address may change.
    pub(super) sub: String,
    pub(super) email: String,
    pub(super) email_verified: bool,
    /// Whole name; an account may have none.
    #[serde(default)]
    pub(super) name: Option<String>,
}

impl Account {
    /// What is wrong with it, in words; `None` where it makes sense.
    pub(super) fn defect(&self) -> Option<&'static str> {
        if self.sub.is_empty() || self.sub.len() > LONGEST_SUB || !self.sub.is_ascii() {
            return Some("sub must be 1 to 255 ASCII characters");
        }
        let parts = self.email.split_once('@');
        if parts.is_none_or(|(local, domain)| local.is_empty() || domain.is_empty()) {
            return Some("email must be an address");
        }
        None
    }
}

/// All accounts, in a file as well where the stack keeps its data.
#[derive(Debug)]
pub(super) struct Accounts {
    /// In the order in which they were added or last replaced.
    all: Mutex<Vec<Account>>,
    file: Option<PathBuf>,
}

impl Accounts {
    /// What the file holds; two to try with where there is none.
    pub(super) fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let kept = match &file {
            Some(file) => data::read(file)?,
            None => None,
        };
        Ok(Self { all: Mutex::new(kept.unwrap_or_else(samples)), file })
    }

    pub(super) fn list(&self) -> Vec<Account> {
        self.all().clone()
    }

    /// The account that `login_hint` names: a `sub`, or an address in whatever case; of several with
    /// one address, the one that was added last.
    pub(super) fn hinted(&self, hint: &str) -> Option<Account> {
        let all = self.all();
        let by_sub = all.iter().find(|account| account.sub == hint);
        let is_it = |account: &&Account| account.email.to_lowercase() == hint.to_lowercase();
        by_sub.or_else(|| all.iter().rev().find(is_it)).cloned()
    }

    pub(super) fn with_sub(&self, sub: &str) -> Option<Account> {
        self.all().iter().find(|account| account.sub == sub).cloned()
    }

    /// Adds an account, in place of the one with its `sub` if there is one.
    pub(super) fn put(&self, account: Account) -> io::Result<()> {
        let mut all = self.all();
        let mut next = all.clone();
        next.retain(|other| other.sub != account.sub);
        next.push(account);
        if let Some(file) = &self.file {
            data::write(file, &next)?;
        }
        *all = next;
        Ok(())
    }

    fn all(&self) -> MutexGuard<'_, Vec<Account>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accounts to click on at the first start: one as most are, and one whose address Google has not
/// verified.
fn samples() -> Vec<Account> {
    let account = |sub: &str, email: &str, email_verified, name: &str| Account {
        sub: sub.to_owned(),
        email: email.to_owned(),
        email_verified,
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

    fn account(sub: &str, email: &str) -> Account {
        Account { sub: sub.into(), email: email.into(), email_verified: true, name: None }
    }

    #[test]
    fn an_account_is_replaced_by_its_sub_and_found_by_either() {
        let accounts = Accounts::open(None).unwrap();
        let before = accounts.list().len();
        accounts.put(account("1", "old@example.com")).unwrap();
        accounts.put(account("1", "new@example.com")).unwrap();
        assert_eq!(accounts.list().len(), before + 1);
        assert_eq!(accounts.hinted("old@example.com"), None);
        assert_eq!(accounts.hinted("NEW@example.com").unwrap().sub, "1");
        assert_eq!(accounts.hinted("1"), accounts.with_sub("1"));
        // An address that was given to somebody else.
        accounts.put(account("2", "new@example.com")).unwrap();
        assert_eq!(accounts.hinted("new@example.com").unwrap().sub, "2");
    }

    #[test]
    fn what_google_could_not_have_is_a_defect() {
        assert_eq!(account("1", "a@b").defect(), None);
        for (sub, email) in [("", "a@b"), ("é", "a@b"), ("1", "a"), ("1", "@b"), ("1", "a@")] {
            assert!(account(sub, email).defect().is_some(), "{sub} {email}");
        }
        assert!(account(&"1".repeat(256), "a@b").defect().is_some());
    }
}
