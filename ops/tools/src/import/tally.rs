//! Counts the outcomes of an import, and prints them.

use std::collections::BTreeMap;

use crate::console::print_line;

/// How many accounts, organizations and memberships had each outcome.
#[derive(Debug, Default)]
pub(super) struct ImportTally(BTreeMap<ImportOutcome, u64>);

/// The outcome of a line, or of one of its organizations. The order is that of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ImportOutcome {
    AccountCreated,
    AccountPresent,
    AccountKept,
    AccountRefused,
    WithoutPassword,
    OrganizationCreated,
    OrganizationPresent,
    OrganizationRefused,
    MembershipCreated,
    MembershipPresent,
    MembershipRefused,
    Failed,
}

impl ImportOutcome {
    const ALL: [(Self, &str); 12] = [
        (Self::AccountCreated, "accounts created"),
        (Self::AccountPresent, "accounts imported before"),
        (Self::AccountKept, "accounts kept as they are"),
        (Self::AccountRefused, "lines refused"),
        (Self::WithoutPassword, "accounts created without a password"),
        (Self::OrganizationCreated, "organizations created"),
        (Self::OrganizationPresent, "organizations imported before"),
        (Self::OrganizationRefused, "organizations refused"),
        (Self::MembershipCreated, "memberships created"),
        (Self::MembershipPresent, "memberships imported before"),
        (Self::MembershipRefused, "memberships refused"),
        (Self::Failed, "failed calls"),
    ];
}

impl ImportTally {
    /// Counts one more outcome.
    pub(super) fn count(&mut self, outcome: ImportOutcome) {
        *self.0.entry(outcome).or_default() += 1;
    }

    /// Counts an outcome, and prints the line with the reason.
    pub(super) fn report(
        &mut self,
        line: u64,
        outcome: ImportOutcome,
        why: impl std::fmt::Display,
    ) {
        print_line(&format!("line {line}: {why}"));
        self.count(outcome);
    }

    /// Returns how many steps have failed.
    pub(super) fn failed(&self) -> u64 {
        self.0.get(&ImportOutcome::Failed).copied().unwrap_or_default()
    }

    /// Adds the counts of another tally.
    pub(super) fn add(&mut self, other: Self) {
        for (outcome, count) in other.0 {
            *self.0.entry(outcome).or_default() += count;
        }
    }

    /// Prints how often each outcome occurred.
    pub(super) fn print(&self) {
        for (outcome, text) in ImportOutcome::ALL {
            if let Some(count) = self.0.get(&outcome) {
                print_line(&format!("{count:>9} {text}"));
            }
        }
    }

    /// Returns whether nothing was refused and nothing failed. An account that existed is no failure.
    pub(super) fn is_clean(&self) -> bool {
        let bad = [
            ImportOutcome::AccountRefused,
            ImportOutcome::OrganizationRefused,
            ImportOutcome::MembershipRefused,
            ImportOutcome::Failed,
        ];
        !bad.iter().any(|outcome| self.0.contains_key(outcome))
    }
}
