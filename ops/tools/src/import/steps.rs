//! The steps of an import. Each changes nothing if it was done before.

use std::collections::HashMap;

use shared::accounts::import::{
    AccountImport, AddressStatus, ImportedAccount, import_account, read_address_status,
};
use shared::context::Context;
use shared::error::Result;
use shared::ids::UserId;
use shared::organizations::AssignableRole;
use shared::organizations::import::{
    ImportedOrganization, MembershipImport, import_membership, import_organization, is_imported,
    is_imported_member,
};
use shared::values::EmailAddress;

use super::line::ImportLine;
use super::pass::Pass;
use super::tally::{ImportOutcome, ImportTally};
use crate::retry::retry_unavailable;

/// A step of an import, which creates one account or one membership.
#[derive(Debug)]
pub(super) enum Step {
    /// Creates the account of a line, and the organizations that it owns.
    Account { line: u64, account: Box<ImportedAccount>, owned: Vec<ImportedOrganization> },
    /// Creates a membership in an organization that a line names.
    Membership { line: u64, email: EmailAddress, reference: String, role: AssignableRole },
}

impl Step {
    /// Returns the group of the step. The steps of a group run one at a time.
    pub(super) fn group(&self) -> String {
        match self {
            Self::Account { account, .. } => account.email.to_string(),
            Self::Membership { reference, .. } => reference.clone(),
        }
    }
}

/// Runs the steps of an import.
pub(super) struct Importer<'c> {
    ctx: &'c Context,
    apply: bool,
    /// In a dry run, the lines of the owners of the organizations that the import would create.
    owners: HashMap<String, u64>,
}

impl<'c> Importer<'c> {
    /// Makes an importer that writes if `apply` is set.
    pub(super) fn new(ctx: &'c Context, apply: bool) -> Self {
        Self { ctx, apply, owners: HashMap::new() }
    }

    /// Returns the steps of a line in a pass. A dry run refuses organizations that contradict an earlier line.
    pub(super) fn steps(
        &mut self,
        pass: Pass,
        number: u64,
        line: ImportLine,
        tally: &mut ImportTally,
    ) -> Vec<Step> {
        let ImportLine { account, owned, memberships } = line;
        match pass {
            Pass::Accounts => {
                for organization in owned.iter().filter(|_| !self.apply) {
                    let first =
                        *self.owners.entry(organization.reference.clone()).or_insert(number);
                    if first != number {
                        let why = format!("the owner of its organization is on line {first}");
                        tally.report(number, ImportOutcome::OrganizationRefused, why);
                    }
                }
                vec![Step::Account { line: number, account: Box::new(account), owned }]
            }
            Pass::Memberships => {
                let email = account.email;
                let step = |(reference, role)| {
                    let email = email.clone();
                    Step::Membership { line: number, email, reference, role }
                };
                memberships.into_iter().map(step).collect()
            }
        }
    }

    /// Runs a step, or says what it would do.
    pub(super) async fn run(&self, step: Step, tally: &mut ImportTally) {
        let (Step::Account { line, .. } | Step::Membership { line, .. }) = &step;
        let line = *line;
        let result = match step {
            Step::Account { line, account, owned } => {
                self.run_account(line, &account, &owned, tally).await
            }
            Step::Membership { line, email, reference, role } => {
                self.run_membership(line, &email, (&reference, role), tally).await
            }
        };
        if let Err(error) = result {
            tally.report(line, ImportOutcome::Failed, format!("failed, import again: {error:?}"));
        }
    }

    async fn run_account(
        &self,
        line: u64,
        account: &ImportedAccount,
        owned: &[ImportedOrganization],
        tally: &mut ImportTally,
    ) -> Result<()> {
        let import = if self.apply {
            retry_unavailable(self.ctx, async || import_account(self.ctx, account).await).await?
        } else {
            AccountImport::Unchanged(self.address_status(&account.email).await?)
        };
        let user = match import {
            AccountImport::Created(user) => {
                self.count_new(account, tally);
                Some(user)
            }
            AccountImport::Unchanged(AddressStatus::Free) => {
                self.count_new(account, tally);
                None
            }
            AccountImport::Unchanged(AddressStatus::Imported(user)) => {
                tally.count(ImportOutcome::AccountPresent);
                Some(user)
            }
            AccountImport::Unchanged(AddressStatus::Taken) => {
                let why = "kept: the address has an account, or is reserved for one";
                tally.report(line, ImportOutcome::AccountKept, why);
                for _ in owned {
                    tally.report(
                        line,
                        ImportOutcome::OrganizationRefused,
                        "organization refused: its owner's account was kept as it is",
                    );
                }
                return Ok(());
            }
        };
        for organization in owned {
            self.run_organization(line, user.as_ref(), organization, tally).await?;
        }
        Ok(())
    }

    fn count_new(&self, account: &ImportedAccount, tally: &mut ImportTally) {
        tally.count(ImportOutcome::AccountCreated);
        if account.password_hash.is_none() {
            tally.count(ImportOutcome::WithoutPassword);
        }
    }

    /// Creates an organization, or counts what it would do. A dry run has no `owner` if the account does not exist yet.
    async fn run_organization(
        &self,
        line: u64,
        owner: Option<&UserId>,
        organization: &ImportedOrganization,
        tally: &mut ImportTally,
    ) -> Result<()> {
        let outcome = match owner {
            Some(owner) if self.apply => {
                let import = async || import_organization(self.ctx, owner, organization).await;
                retry_unavailable(self.ctx, import).await?
            }
            Some(_) | None => {
                if is_imported(self.ctx, &organization.reference).await? {
                    MembershipImport::Present
                } else {
                    MembershipImport::Created
                }
            }
        };
        match outcome {
            MembershipImport::Created => tally.count(ImportOutcome::OrganizationCreated),
            MembershipImport::Present => tally.count(ImportOutcome::OrganizationPresent),
            refused @ (MembershipImport::OwnedByAnother
            | MembershipImport::NoOrganization
            | MembershipImport::AccountDeleted) => {
                tally.report(line, ImportOutcome::OrganizationRefused, reason(refused));
            }
        }
        Ok(())
    }

    async fn run_membership(
        &self,
        line: u64,
        email: &EmailAddress,
        (reference, role): (&str, AssignableRole),
        tally: &mut ImportTally,
    ) -> Result<()> {
        let user = match self.address_status(email).await? {
            AddressStatus::Imported(user) => Some(user),
            AddressStatus::Free if !self.apply => None,
            AddressStatus::Free | AddressStatus::Taken => {
                let why = "its account was not imported, so it does not join the organization";
                tally.report(line, ImportOutcome::MembershipRefused, why);
                return Ok(());
            }
        };
        let outcome = match user {
            Some(user) if self.apply => {
                let import = async || import_membership(self.ctx, &user, reference, role).await;
                retry_unavailable(self.ctx, import).await?
            }
            Some(user) if is_imported_member(self.ctx, &user, reference).await? => {
                MembershipImport::Present
            }
            Some(_) | None => {
                let is_known =
                    self.owners.contains_key(reference) || is_imported(self.ctx, reference).await?;
                if is_known { MembershipImport::Created } else { MembershipImport::NoOrganization }
            }
        };
        match outcome {
            MembershipImport::Created => tally.count(ImportOutcome::MembershipCreated),
            MembershipImport::Present => tally.count(ImportOutcome::MembershipPresent),
            refused @ (MembershipImport::OwnedByAnother
            | MembershipImport::NoOrganization
            | MembershipImport::AccountDeleted) => {
                tally.report(line, ImportOutcome::MembershipRefused, reason(refused));
            }
        }
        Ok(())
    }

    async fn address_status(&self, email: &EmailAddress) -> Result<AddressStatus> {
        retry_unavailable(self.ctx, async || read_address_status(self.ctx, email).await).await
    }
}

/// Returns why an organization or a membership is refused.
fn reason(refused: MembershipImport) -> &'static str {
    match refused {
        MembershipImport::OwnedByAnother => "its organization was imported with another owner",
        MembershipImport::AccountDeleted => "its account, or that of the owner, is being deleted",
        MembershipImport::NoOrganization
        | MembershipImport::Created
        | MembershipImport::Present => "its organization has no owner in the file, or was deleted",
    }
}
