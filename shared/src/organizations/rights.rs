//! Who may do what in an organization: the one place that says so.

use super::Role;

/// What can be done in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See it: its name, its plan, who belongs to it.
    See,
    /// Leave it.
    Leave,
    /// Make, change and delete projects, artifacts and runs.
    Work,
    /// Give it another name.
    Rename,
    /// Invite people, change their roles, remove them.
    ManageMembers,
    /// Make, rotate and revoke its keys.
    ManageKeys,
    /// See how much of its plan is used.
    SeeUsage,
    /// See its activity log.
    SeeActivity,
    /// See how many credits it has.
    SeeCredits,
    /// Give it another owner.
    Transfer,
    /// Delete it.
    Delete,
    /// Choose its plan, pay, see invoices and cards.
    ManageBilling,
}

impl Role {
    /// Whether somebody with this role may do that. A key of the organization has the rights of a
    /// [`Role::Member`].
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::See | Right::Leave | Right::Work | Right::SeeCredits => true,
            Right::Rename
            | Right::ManageMembers
            | Right::ManageKeys
            | Right::SeeUsage
            | Right::SeeActivity => matches!(self, Self::Owner | Self::Admin),
            Right::Transfer | Right::Delete | Right::ManageBilling => matches!(self, Self::Owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Right; 12] = [
        Right::See,
        Right::Leave,
        Right::Work,
        Right::Rename,
        Right::ManageMembers,
        Right::ManageKeys,
        Right::SeeUsage,
        Right::SeeActivity,
        Right::SeeCredits,
        Right::Transfer,
        Right::Delete,
        Right::ManageBilling,
    ];

    #[test]
    fn each_role_may_do_what_the_contract_says() {
        let may = |role: Role| ALL.iter().filter(|right| role.may(**right)).count();
        assert_eq!((may(Role::Owner), may(Role::Admin), may(Role::Member)), (12, 9, 4));
        for right in ALL {
            // Whoever is more may do all that whoever is less may.
            assert!(Role::Owner.may(right) || !Role::Admin.may(right));
            assert!(Role::Admin.may(right) || !Role::Member.may(right));
        }
    }
}
