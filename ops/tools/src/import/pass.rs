//! The passes over the imported file.

use serde::{Deserialize, Serialize};

/// A pass over the imported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pass {
    /// Creates accounts, and the organizations that they own.
    Accounts,
    /// Creates the memberships that the lines name, after all organizations.
    Memberships,
}
