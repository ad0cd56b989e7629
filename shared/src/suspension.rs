//! The suspension of an account or an organization by an operator.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::support_case::SupportCase;

/// A suspension, stored with the account or the organization. While it exists, calls are refused and data is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Time at which the operator suspended the account or organization.
    pub suspended_at: Timestamp,
    /// The operator's reason. Only operators see it.
    pub reason: String,
    /// Name of the operator who suspended the account or organization.
    pub operator: String,
    /// Ticket in which the operator worked.
    pub ticket: String,
}

impl Suspension {
    /// Creates a suspension that begins now.
    pub fn new(now: Timestamp, case: &SupportCase) -> Self {
        let SupportCase { operator, ticket, reason } = case.clone();
        Self { suspended_at: now, reason, operator, ticket }
    }
}
